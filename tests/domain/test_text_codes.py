"""What is a code in what somebody typed or pasted, and what a number shows of itself."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifi_manager.domain.text_codes import MOST_TRIES, VALID_FOR, KeptCode, PhoneNumber, WrongCode, read_code, slot_of

CODES = st.integers(0, 10**6 - 1).map("{:06}".format)
WORDS = st.text(st.characters(exclude_categories=["Nd", "Cs"]), max_size=40)
GAPS = st.sampled_from(["", " ", "-", "  ", " - "])
SCRIPTS = st.sampled_from(["0123456789", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "０１２３４５６７８９"])
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - UTC is given


@given(CODES, WORDS, WORDS)
def test_s2_a_code_is_found_in_a_message_of_any_words(code, before, after):
    assert read_code(f"{before}{code}{after}") == code


@given(CODES, GAPS, SCRIPTS)
def test_s2_a_code_may_be_typed_in_groups_and_in_any_script(code, gap, digits):
    assert read_code(gap.join(digits[int(each)] for each in code)) == code


@given(st.text(max_size=500))
def test_s2_whatever_is_typed_is_six_digits_or_no_code(typed):
    try:
        read = read_code(typed)
    except WrongCode:
        return
    assert len(read) == 6
    assert read.isascii()
    assert read.isdecimal()


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "123456" * 100, "12345a6", "²²²²²²"])
def test_what_is_no_code_is_refused(typed):
    with pytest.raises(WrongCode):
        read_code(typed)


def test_a_pasted_message_with_other_figures_has_its_code():
    assert read_code("012345 is your Haneul code, good for 10 minutes.\n\n@wifi.example #012345") == "012345"


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(hours=1)), st.integers(0, 9))
def test_s2_a_code_can_be_tried_for_ten_minutes_and_five_times(sent_at, later, tries):
    kept = KeptCode(b"", b"", PhoneNumber("+821098765432", "01098765432"), sent_at, tries)
    assert kept.can_be_tried(sent_at + later) == (later < VALID_FOR and tries < MOST_TRIES)


@given(MOMENTS)
def test_a_slot_holds_its_moment_and_is_ten_minutes_long(moment):
    begin = slot_of(moment)
    assert begin <= moment < begin + timedelta(minutes=10)
    assert slot_of(begin) == begin


@given(st.integers(10**7, 10**13 - 1))
def test_d1_a_masked_number_shows_its_country_and_three_digits(digits):
    number = PhoneNumber(f"+82{digits}", str(digits), "+82")
    assert number.masked == f"+82 ••• {str(digits)[-3:]}"
    assert number.prefix == f"+82{str(digits)[:-4]}"
