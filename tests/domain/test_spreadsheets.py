"""No text that leaves the program is a formula, and each comes back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifi_manager.domain.spreadsheets import guarded, is_formula, unguarded


@given(st.text(st.sampled_from("=+-@'1a\t ")))
def test_a_guarded_text_is_no_formula_and_comes_back(text):
    assert not is_formula(guarded(text))
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", ["", "-1", "-1.5", "'s Gravenhage", "a=b", "'"])
def test_harmless_text_stays_as_it_is(text):
    assert guarded(text) == text == unguarded(text)
