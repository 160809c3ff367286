"""Reads telephone numbers as people write them, and keeps to those that the city sends to."""

from collections.abc import Collection

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.text_codes import PhoneNumber

_LONGEST_TYPED = 40
# No number that costs its caller more, and none that cannot get a message.
_MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


class NotServed(BadInput):
    """A number of a country that the city sends no messages to."""


def read_number(typed: str, country: str, served: Collection[str]) -> PhoneNumber:
    """The number; one without a country's code is of `country` (ISO 3166). Raises BadInput for any but a mobile."""
    try:
        found = phonenumbers.parse(typed[:_LONGEST_TYPED], country)
    except phonenumbers.NumberParseException as broken:
        raise BadInput("This is not a telephone number. Example: +82 10 1234 5678") from broken
    if not phonenumbers.is_valid_number(found):
        raise BadInput("This is not a telephone number that exists. Look at its digits again.")
    if phonenumbers.region_code_for_number(found) not in served:
        raise NotServed("The city sends no text messages to numbers of this country.")
    if phonenumbers.number_type(found) not in _MOBILE:
        raise BadInput("Text messages go to mobile phones alone. Give the number of one.")
    e164 = phonenumbers.format_number(found, PhoneNumberFormat.E164)
    national = phonenumbers.format_number(found, PhoneNumberFormat.NATIONAL)
    return PhoneNumber(e164, "".join(filter(str.isdigit, national)), f"+{found.country_code}")


def dial_code(country: str) -> str:
    """`+82` of a country. Raises BadInput where the country is none."""
    code = phonenumbers.country_code_for_region(country)
    if not code:
        raise BadInput(f"[sms] countries: there is no country {country!r} with telephone numbers. Example: KR")
    return f"+{code}"
