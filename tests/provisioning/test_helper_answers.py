"""What the helper says is read strictly: half an answer is no answer."""

import pytest

from provisioning.driver import Refused, Standing, State, WrongPlatform
from provisioning.drivers.helper_answers import check, read_confirmation, read_inspection
from provisioning.link import Reply
from wifi_manager.domain.errors import NotFound, OutsideFailure

INSPECTION = (
    b"PROV V=1 UP=61 BOOT=b00t LOAD=0.12 STATE=ROLLEDBACK ID=abc ARG=timeout FREE=1024 DIRTY=2\n"
    b"PROV MODEL An access point (rev. 2)\nPROV FIRMWARE OpenWrt 24.10\n"
    b"PROV SUM aa etc/config/network\nPROV SUM bb etc/config/system\nPROV END\n"
)


def _said(text: bytes, status: int = 0) -> Reply:
    return Reply(status, text, b"")


def test_an_inspection_is_read_whole_and_what_follows_is_kept():
    found, rest = read_inspection(_said(INSPECTION + b"\x1f\x8b\n"))

    assert (found.facts.model, found.facts.firmware) == ("An access point (rev. 2)", "OpenWrt 24.10")
    assert (found.facts.uptime_seconds, found.facts.free_kib, found.load, found.unsaved_changes) == (
        61,
        1024,
        0.12,
        2,
    )
    assert found.standing == Standing(State.ROLLEDBACK, "abc", "timeout")
    assert found.sums == (("aa", "etc/config/network"), ("bb", "etc/config/system"))
    assert rest == b"\x1f\x8b\n"


def test_other_words_than_the_helpers_are_another_kind_of_device():
    with pytest.raises(WrongPlatform):
        read_inspection(_said(b"Welcome!\n" + INSPECTION))


@pytest.mark.parametrize(
    "answer",
    [
        INSPECTION[:-5],
        b"",
        b"PROV\n",
        INSPECTION.replace(b"V=1", b"V=2"),
        INSPECTION.replace(b"STATE=ROLLEDBACK", b"STATE=ODD"),
        INSPECTION.replace(b" BOOT=b00t", b""),
        INSPECTION.replace(b"UP=61", b"UP="),
    ],
)
def test_half_an_answer_or_another_is_an_error_of_the_access_point(answer):
    with pytest.raises(OutsideFailure):
        read_inspection(_said(answer))


def test_a_missing_helper_and_a_refusal_are_told_apart():
    with pytest.raises(NotFound, match="provision enrol"):
        check(_said(b"", 127))
    with pytest.raises(Refused, match="UCI etc/config/wireless") as refusal:
        check(_said(b"PROV ERROR UCI etc/config/wireless\n", 1))
    assert (refusal.value.code, refusal.value.detail) == ("UCI", "etc/config/wireless")


@pytest.mark.parametrize(
    ("answer", "standing"),
    [
        (b"PROV COMMITTED abc\n", Standing(State.COMMITTED, "abc")),
        (b"PROV NOTYET\n", Standing(State.PENDING, "abc")),
        (b"PROV STATE ROLLEDBACK abc reboot\n", Standing(State.ROLLEDBACK, "abc", "reboot")),
        (b"PROV STATE NONE - \n", Standing(State.NONE)),
    ],
)
def test_a_confirmation_says_where_the_device_stands(answer, standing):
    assert read_confirmation("abc", _said(answer)) == standing
