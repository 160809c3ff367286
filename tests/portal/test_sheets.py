"""A page with blanks: made once, filled for each phone, and never with anything that is more than plain text."""

import gzip
import html

import hypothesis
import pytest
from hypothesis import strategies as st

from portal import packing
from portal.sheets import Sheets


class Template:
    """Renders like Jinja, and counts how often."""

    def __init__(self):
        self.made = 0

    def __call__(self, values):
        self.made += 1
        return (
            f"<a href='/?s={html.escape(values['s'])}'>{html.escape(values['left'])}</a> {html.escape(values['s'])}"
        )


@pytest.fixture
def template():
    return Template()


def test_a_sheet_is_made_once_and_filled_for_each_phone(template):
    sheets = Sheets()
    pages = [sheets.fill("welcome", {"s": s, "left": "23시간 58분"}, template) for s in ("a.b-c_1", "", "d")]
    assert pages == [template({"s": s, "left": "23시간 58분"}) for s in ("a.b-c_1", "", "d")]
    assert template.made == 1 + len(pages)


def test_a_packed_sheet_says_the_same(template):
    sheets = Sheets()
    for s in ("a.b-c_1", "", "d" * 200_000, "a&l"):
        given = {"s": s, "left": "23시간 58분"}
        assert gzip.decompress(sheets.packed("welcome", given, template)).decode() == template(given)


@hypothesis.given(st.lists(st.tuples(st.binary(max_size=300), st.binary(max_size=300)), max_size=6))
def test_any_pieces_and_blanks_make_a_stream_that_every_phone_reads(parts):
    blocks = [block for text, value in parts for block in (packing.piece(text), packing.blank(value))]
    page = b"".join(text + value for text, value in parts)
    assert gzip.decompress(packing.stream(blocks, page)) == page


def test_the_oldest_sheet_goes_when_there_are_too_many(template):
    sheets = Sheets(most=2)
    given = {"s": "x", "left": "1"}
    for kind in ("a", "b", "c", "b", "c", "a"):
        sheets.fill(kind, given, template)
    assert template.made == 4


def test_another_kind_is_another_sheet(template):
    sheets = Sheets()
    given = {"s": "x", "left": "1"}
    assert sheets.fill("ko", given, template) != sheets.fill("en", given, lambda values: template(values).upper())


@pytest.mark.parametrize("played_with", ["<b>", "'onload=x", '"', "a&l=ko", "a%3Cb", "a\nb", "{{ x }}"])
def test_s1_what_is_more_than_plain_text_is_left_to_the_template_which_escapes_it(template, played_with):
    sheets = Sheets()
    sheets.fill("welcome", {"s": "a", "left": ""}, template)
    given = {"s": played_with, "left": ""}
    assert sheets.fill("welcome", given, template) == template(given)
    assert sheets.fill("welcome", {"s": "a", "left": ""}, template) == template({"s": "a", "left": ""})
