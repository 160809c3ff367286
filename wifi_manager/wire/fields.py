"""Reading JSON of a peer field by field, and bytes in URLs: whatever is not as expected is refused by its name."""

import base64
import binascii
import ipaddress
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from wifi_manager.domain.addresses import IpAddress, MacAddress
from wifi_manager.domain.errors import BadInput

VERSION = 2
_LIMIT = 2**63  # what a database column holds


def fields_of(body: Any, noun: str, names: set[str]) -> Mapping[str, Any]:
    """An object's fields, exactly these. Raises BadInput that says which are missing or unknown."""
    if not isinstance(body, dict):
        raise BadInput(f"A {noun} is a JSON object, not {type(body).__name__}.")
    if missing := names - body.keys():
        raise BadInput(f"The {noun} lacks {', '.join(sorted(missing))}.")
    if unknown := body.keys() - names:
        raise BadInput(
            f"The {noun} has unknown fields: {', '.join(sorted(unknown))}. Is the peer of another version?"
        )
    return body


def check_version(fields: Mapping[str, Any]) -> None:
    """Raise BadInput when the peer speaks another version."""
    if fields["version"] != VERSION:
        raise BadInput(
            f"The peer speaks version {fields['version']}, this program version {VERSION}. Update the older one."
        )


def integer(fields: Mapping[str, Any], name: str) -> int:
    """A whole number that a database column holds. Raises BadInput."""
    value = fields[name]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _LIMIT:
        raise BadInput(f"{name} is a whole number from 0 up, below 2**63.")
    return value


def optional_integer(fields: Mapping[str, Any], name: str) -> int | None:
    """As `integer`, or None for no limit."""
    return None if fields[name] is None else integer(fields, name)


def text(fields: Mapping[str, Any], name: str) -> str:
    """A text that is not empty and may be printed. Raises BadInput."""
    value = fields[name]
    if not isinstance(value, str) or not value or not value.isprintable():
        raise BadInput(f"{name} is a text of printable characters.")
    return value


def key(fields: Mapping[str, Any], name: str, size: int) -> bytes:
    """A key of so many bytes, written in base64. Raises BadInput."""
    try:
        read = base64.b64decode(text(fields, name), validate=True)
    except binascii.Error as damaged:
        raise BadInput(f"{name} is a base64 text.") from damaged
    if len(read) != size:
        raise BadInput(f"{name} has {size} bytes, not {len(read)}.")
    return read


def a_list(fields: Mapping[str, Any], name: str) -> list[Any]:
    """A list of anything. Raises BadInput."""
    value = fields[name]
    if not isinstance(value, list):
        raise BadInput(f"{name} is a list.")
    return value


def yes_or_no(fields: Mapping[str, Any], name: str) -> bool:
    """True or false. Raises BadInput."""
    value = fields[name]
    if not isinstance(value, bool):
        raise BadInput(f"{name} is true or false.")
    return value


def moment(fields: Mapping[str, Any], name: str) -> datetime:
    """A moment with its time zone. Raises BadInput."""
    try:
        read = datetime.fromisoformat(text(fields, name))
    except ValueError as broken:
        raise BadInput(f"{name} is a moment in ISO 8601.") from broken
    if read.tzinfo is None:
        raise BadInput(f"{name} needs a time zone, such as +00:00.")
    return read


def ip(fields: Mapping[str, Any], name: str) -> IpAddress:
    """An IPv4 or IPv6 address. Raises BadInput."""
    try:
        return ipaddress.ip_address(text(fields, name))
    except ValueError as broken:
        raise BadInput(f"{name} is an IP address.") from broken


def mac(fields: Mapping[str, Any], name: str) -> MacAddress:
    """Raises BadInput, also for what is no MAC address."""
    return MacAddress.parse(text(fields, name))


def to_url(data: bytes) -> str:
    """Bytes as URL-safe base64 without padding (RFC 4648, 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_url(encoded: str) -> bytes:
    """The bytes behind `to_url`. Raises ValueError for what is not base64."""
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
