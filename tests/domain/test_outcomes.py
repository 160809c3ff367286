"""Outcomes are a closed list: each leaves the push ended or queued, and each but a success says what to do next."""

import re
from pathlib import Path

import pytest

from wifi_manager.domain.outcomes import ADVICE, Outcome, OutcomeKind
from wifi_manager.domain.pushes import PushState

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/access-points.md").read_text(encoding="utf-8")
HELPER = "".join(
    (ROOT / "configs/access_points" / name).read_text(encoding="utf-8")
    for name in ("prov", "openwrt/platform", "linux/platform")
)
SUCCESSES = {OutcomeKind.COMMITTED, OutcomeKind.NOCHANGE}
QUEUED = {
    OutcomeKind.UNREACHABLE, OutcomeKind.TOO_SLOW, OutcomeKind.DROPPED, OutcomeKind.GARBLED, OutcomeKind.UNKNOWN
}  # fmt: skip


@pytest.mark.parametrize("kind", OutcomeKind)
def test_every_kind_but_a_success_says_something(kind):
    assert (Outcome(kind, "because").sentence == "") is (kind in SUCCESSES)


def test_whoever_was_not_heard_is_neither_harmed_nor_done():
    assert {kind for kind in OutcomeKind if Outcome(kind).state is None} == QUEUED
    assert {Outcome(kind).state for kind in OutcomeKind if kind not in QUEUED} == {
        PushState.COMMITTED, PushState.UNCHANGED, PushState.UNDONE, PushState.REFUSED
    }  # fmt: skip


@pytest.mark.parametrize("word", ADVICE)
def test_a_word_of_the_device_comes_with_what_to_do_next(word):
    kind = OutcomeKind.UNDONE if word.islower() else OutcomeKind.REFUSED

    assert Outcome(kind, f"{word} etc/config/x").sentence == f"{word} etc/config/x: {ADVICE[word]}"


def test_a_word_that_a_newer_helper_says_is_shown_as_it_is():
    assert Outcome(OutcomeKind.REFUSED, "NEW thing").sentence == "NEW thing"


def test_every_code_of_the_helper_has_advice():
    said = set(re.findall(r"(?:die|refuse) ([A-Z]+)", HELPER)) | set(
        re.findall(r"^ROLLEDBACK \"\$1\" ([a-z]+)", HELPER)
    )

    assert said
    assert said - set(ADVICE) == set()


def test_the_page_names_every_kind_and_every_word_of_the_device():
    rows = set(re.findall(r"^\| ([a-z ]+) \|", PAGE, re.MULTILINE))

    assert {str(kind) for kind in OutcomeKind} - rows == set()
    assert [word for word in ADVICE if word not in PAGE] == []
