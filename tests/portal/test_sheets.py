"""A page with blanks: made once, filled for each phone, and never with anything that is more than plain text."""

import html

import pytest

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
