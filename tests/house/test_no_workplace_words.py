"""The repository speaks of the project alone, and nothing in it is half done."""

import re

import pytest

from tests.house.sources import name_of, tracked_files

# Written in pieces, so that this file does not find itself.
FORBIDDEN = {
    "a path of somebody's machine": r"(?<![\w.])/(?:work|root|tmp/" + r"wt|Users)/",
    "unfinished work": r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|NotImplemented" + r"Error)\b",
    "a private package index": r"--(?:extra-)?index-" + r"url|--trusted-" + r"host",
}
UNREASONED = {
    "noqa": re.compile(r"# no" + r"qa(?:: ?[A-Z]+[0-9]+(?:, ?[A-Z]+[0-9]+)*)?\s*$"),
    "type: ignore": re.compile(r"# type: ig" + r"nore(?:\[[\w, -]+\])?\s*$"),
}
TEXTS = [
    path for path in tracked_files() if path.suffix not in {".png", ".jpg", ".gz", ".pcap", ".mo", ".ico", ".woff2"}
]


def lines(path):
    return enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1)


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_contains(what):
    pattern = re.compile(FORBIDDEN[what])

    found = [f"{name_of(path)}:{number}" for path in TEXTS for number, line in lines(path) if pattern.search(line)]
    assert found == []


@pytest.mark.parametrize("kind", UNREASONED)
def test_a_rule_is_set_aside_only_with_a_reason_beside_it(kind):
    found = [
        f"{name_of(path)}:{number}"
        for path in TEXTS
        if path.suffix == ".py"
        for number, line in lines(path)
        if UNREASONED[kind].search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("kind", "line", "refused"),
    [
        ("noqa", "x = 1  # no" + "qa", True),
        ("noqa", "x = 1  # no" + "qa: S101", True),
        ("noqa", "x = 1  # no" + "qa: S101, E501", True),
        ("noqa", "x = 1  # no" + "qa: S101 - it is a test", False),
        ("type: ignore", "x = 1  # type: ig" + "nore[misc]", True),
        ("type: ignore", "x = 1  # type: ig" + "nore[misc]  # the stub is wrong", False),
    ],
)
def test_a_reason_is_told_apart_from_none(kind, line, refused):
    assert bool(UNREASONED[kind].search(line)) is refused
