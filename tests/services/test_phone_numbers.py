"""Numbers as people write them, and those that the city sends nothing to."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifi_manager.domain.errors import BadInput
from wifi_manager.services.phone_numbers import NotServed, dial_code, read_number


@pytest.mark.parametrize(
    "typed", ["010-9876-5432", "01098765432", "+82 10 9876 5432", "+82 (0)10-9876-5432", "００１ 82 10 9876 5432", "٠١٠ ٩٨٧٦ ٥٤٣٢", "tel:+82-10-9876-5432"]
)  # fmt: skip
def test_one_number_is_read_alike_however_it_is_written(typed):
    number = read_number(typed, "KR", ["KR"])
    assert (number.e164, number.national, number.country) == ("+821098765432", "01098765432", "+82")


@pytest.mark.parametrize(
    "typed", ["", "+", "112", "010-12", "abc", "02-120-0000", "1588-1234", "060-700-1234", "x" * 9000]
)
def test_what_is_no_mobile_number_is_refused(typed):
    with pytest.raises(BadInput):
        read_number(typed, "KR", ["KR"])


def test_a_country_that_is_not_served_is_told_apart():
    with pytest.raises(NotServed):
        read_number("+63 917 123 4567", "KR", ["KR"])
    assert read_number("+63 917 123 4567", "KR", ["KR", "PH"]).national == "09171234567"


def test_the_example_number_of_every_country_is_read_in_its_own_country():
    for country in sorted(phonenumbers.SUPPORTED_REGIONS):
        example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
        if example is None:
            continue  # the library knows none
        written = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
        number = read_number(written, country, phonenumbers.COUNTRY_CODE_TO_REGION_CODE[example.country_code])
        assert number.e164.startswith(dial_code(country)), country


@given(st.text(max_size=60), st.sampled_from(["KR", "PH", "US"]))
def test_whatever_is_typed_is_a_number_or_bad_input(typed, country):
    try:
        number = read_number(typed, country, ["KR", "PH", "US"])
    except BadInput:
        return
    assert number.e164[0] == "+"
    assert number.e164[1:].isdecimal()
    assert len(number.e164) <= 16  # ITU-T E.164: at most 15 digits


def test_a_country_without_telephones_is_named():
    with pytest.raises(BadInput, match="'XX'"):
        dial_code("XX")
