"""How a new gateway introduces itself to control, and what it is told."""

import base64
from dataclasses import dataclass
from typing import Any

from wifi_manager.wire.fields import VERSION, check_version, fields_of, key, text
from wifi_manager.wire.tickets import TICKET_KEY_BYTES

PUBLIC_KEY_BYTES = 32  # Ed25519, RFC 8032 5.1.5


@dataclass(frozen=True, slots=True)
class EnrolmentRequest:
    """A new gateway introduces itself: the one-time token it was given, and the two keys it made."""

    token: str
    public_key: bytes  # raw Ed25519
    ticket_key: bytes  # AES-256, for `wire.tickets.seal`

    def __repr__(self) -> str:
        """Shows no secret: a repr lands in logs and tracebacks."""
        return "EnrolmentRequest(***)"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Control's answer to an enrolment: who the gateway is from now on, and where its citizens sign in."""

    gateway: str
    city: str
    portal_url: str


def enrolment_to_json(request: EnrolmentRequest) -> dict[str, Any]:
    """The body of `POST /v1/enrol`."""
    return {
        "version": VERSION,
        "token": request.token,
        "public_key": base64.b64encode(request.public_key).decode(),
        "ticket_key": base64.b64encode(request.ticket_key).decode(),
    }


def enrolment_from_json(body: Any) -> EnrolmentRequest:
    """Read an enrolment. Raises BadInput naming the field that is missing, unknown or of the wrong type."""
    fields = fields_of(body, "enrolment", {"version", "token", "public_key", "ticket_key"})
    check_version(fields)
    return EnrolmentRequest(
        token=text(fields, "token"),
        public_key=key(fields, "public_key", PUBLIC_KEY_BYTES),
        ticket_key=key(fields, "ticket_key", TICKET_KEY_BYTES),
    )


def enrolled_to_json(answer: Enrolled) -> dict[str, Any]:
    """The body of control's answer to an enrolment."""
    return {
        "version": VERSION,
        "gateway": answer.gateway,
        "city": answer.city,
        "portal_url": answer.portal_url,
    }


def enrolled_from_json(body: Any) -> Enrolled:
    """Read control's answer to an enrolment. Raises BadInput naming the field that is wrong."""
    fields = fields_of(body, "enrolment's answer", {"version", "gateway", "city", "portal_url"})
    check_version(fields)
    return Enrolled(text(fields, "gateway"), text(fields, "city"), text(fields, "portal_url"))
