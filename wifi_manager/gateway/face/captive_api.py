"""The captive portal API of RFC 8908: what a phone is told about itself. Pure."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from wifi_manager.gateway.passing.passages import Passage

API_PATH = "/captive-portal/api"
MEDIA_TYPE = "application/captive+json"  # RFC 8908, 4
# RFC 8910's own text misprints the type, so clients may ask for that one; the answer has the registered type.
_ASKED_TYPES = frozenset({MEDIA_TYPE, "application/capport+json"})


@dataclass(frozen=True, slots=True)
class Standing:
    """How a device stands. What is left is None where it is captive or where there is no such limit."""

    captive: bool
    seconds_left: int | None = None
    bytes_left: int | None = None
    may_extend: bool = False  # the portal's status page lets it last longer


def standing(passage: Passage | None, *, may_extend: bool = False) -> Standing:
    """A device without a passage, or with its volume used up, is captive."""
    if passage is None or passage.is_used_up:
        return Standing(captive=True)
    left = passage.left // timedelta(seconds=1)
    return Standing(captive=False, seconds_left=left, bytes_left=passage.bytes_left, may_extend=may_extend)


def api_body(device: Standing, own_page_url: str) -> bytes:
    """The JSON object of RFC 8908, 5. What is left stands in it only when the device is not captive.

    `own_page_url` is https. It leads to the portal with a fresh ticket: phones keep this answer longer than a ticket
    is good for.
    """
    body: dict[str, Any] = {
        "captive": device.captive,
        "user-portal-url": own_page_url,
        "venue-info-url": own_page_url,
        "can-extend-session": device.may_extend,  # the API's own word
    }
    if device.seconds_left is not None:
        body["seconds-remaining"] = device.seconds_left
    if device.bytes_left is not None:
        body["bytes-remaining"] = device.bytes_left
    return json.dumps(body).encode()


def wants_json(accept: str) -> bool:
    """Whether an Accept header asks for the API; a browser that comes by shall see the portal (RFC 8910, 2)."""
    types = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    return bool(types & _ASKED_TYPES) or "text/html" not in types
