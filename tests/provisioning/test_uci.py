"""uci's language: what the real one refused we refuse, and nobody breaks out of a quoted value."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning.uci import Section, format_sections, parse, quote
from wifi_manager.domain.errors import BadInput

VECTORS = [
    vector
    for vector in json.loads((Path(__file__).parents[1] / "golden/uci/vectors.json").read_text())
    if vector["name"].startswith("parse ")
]
ACCEPTED = [vector for vector in VECTORS if vector["steps"][1]["rc"] == 0]
REFUSED = [vector for vector in VECTORS if vector["steps"][1]["rc"] != 0]
words = st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]), min_size=1)


def _as_exported(section: Section) -> str:
    """One section as `uci export` prints it, also where it has no name or a value over two lines."""
    lines = [f"config {section.type}" + (f" '{section.name}'" if section.name else "")]
    for option, value in section.options:
        for kind, word in [("option", value)] if isinstance(value, str) else [("list", word) for word in value]:
            lines.append(f"\t{kind} {option} '" + word.replace("'", "'\\''") + "'")
    return "\n".join(lines) + "\n\n"


@pytest.mark.parametrize("vector", ACCEPTED, ids=[vector["name"] for vector in ACCEPTED])
def test_what_the_real_uci_accepted_is_read_as_it_read_it(vector):
    read = parse(vector["files"]["t"])

    assert "package t\n\n" + "".join(map(_as_exported, read)) == vector["steps"][1]["stdout"]


@pytest.mark.parametrize("vector", REFUSED, ids=[vector["name"] for vector in REFUSED])
def test_what_the_real_uci_refused_is_refused_with_the_same_reason_and_line(vector):
    said = vector["steps"][1]["stderr"]
    reason, line = said.split("(", 1)[1].rsplit(")", 1)[0], said.split("at line ")[1].split(",")[0]

    with pytest.raises(BadInput) as refusal:
        parse(vector["files"]["t"])

    assert str(refusal.value).startswith(f"line {line}: {reason}.")


@settings(deadline=None)  # machines under load
@given(words, st.lists(words, min_size=1).map(tuple))
def test_any_value_comes_back_as_it_went_in(value, values):
    sections = (Section("a", "b", (("c", value), ("d", values))),)

    assert parse(format_sections(sections)) == sections


@settings(deadline=None)  # machines under load
@given(st.text())
def test_no_text_at_all_confuses_the_parser(text):
    with contextlib.suppress(BadInput):
        assert isinstance(parse(text), tuple)


@pytest.mark.parametrize("value", ["", "a\nb", "a\rb", "a\0b", "x'\n\toption disabled '1"])
def test_a_value_that_uci_cannot_hold_or_that_starts_a_new_line_is_refused(value):
    with pytest.raises(BadInput, match=r"b\.c: "):
        format_sections([Section("a", "b", (("c", value),))])


@pytest.mark.parametrize(
    "section", [Section("a", "b-c"), Section("a", None), Section("a b", "c"), Section("a", "b", (("c-d", "1"),))]
)
def test_a_name_that_uci_would_refuse_is_refused_before_it_leaves(section):
    with pytest.raises(BadInput, match="letters, digits and _ only"):
        format_sections([section])


def test_an_apostrophe_is_quoted_as_uci_does_it():
    assert quote("Joe's") == "'Joe'\\''s'"
