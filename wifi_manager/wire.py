"""What control and gateways say to one another (versioned JSON, signed), and the sealed ticket a phone carries.

Unknown fields are refused on both sides: a typo or a newer peer is an error that is seen, not a value that is lost.
"""

import base64
import binascii
import hashlib
import ipaddress
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wifi_manager.domain.addresses import IpAddress, MacAddress
from wifi_manager.domain.errors import BadInput, Forbidden
from wifi_manager.domain.grants import Grant, Usage

VERSION = 1
TICKET_LIFETIME = timedelta(minutes=5)
TICKET_KEY_BYTES = 32
PUBLIC_KEY_BYTES = 32  # Ed25519, RFC 8032 5.1.5
REQUEST_WINDOW = timedelta(seconds=120)
_SCHEME = "Wifi-Gateway"
_NONCE_BYTES = 12  # AES-GCM, NIST SP 800-38D 8.2.2: random 96-bit nonces
_CLOCK_SKEW = timedelta(seconds=60)
_LIMIT = 2**63  # what a database column holds


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who is asking, as the gateway saw it on the wire. Only the gateway can make one, only the city can read it."""

    gateway: str
    device: MacAddress
    address: IpAddress
    issued_at: datetime
    nonce: str  # of the seal: 24 hex digits, unique per ticket


def seal(key: bytes, gateway: str, device: MacAddress, address: IpAddress, now: datetime) -> str:
    """Encrypt and authenticate (AES-256-GCM) who asks into URL-safe text.

    The gateway's name stands in front in clear, so that the city finds its key, and is authenticated with the rest.
    """
    nonce = os.urandom(_NONCE_BYTES)
    clear = json.dumps([device.full(), str(address), int(now.timestamp())]).encode()
    sealed = AESGCM(key).encrypt(nonce, clear, _associated(gateway))
    return f"{_b64(gateway.encode())}.{_b64(nonce + sealed)}"


def ticket_gateway(text: str) -> str:
    """Name of the gateway that claims to have sealed this ticket: not yet proven. Raises BadInput."""
    try:
        return _unb64(text.split(".", 1)[0]).decode()
    except (ValueError, UnicodeDecodeError) as broken:
        raise BadInput("This sign-in link is damaged. Open any web page to get a new one.") from broken


def unseal(key: bytes, text: str, now: datetime) -> Ticket:
    """Open a ticket with its gateway's key. Raises BadInput when damaged, Forbidden when forged or too old."""
    gateway = ticket_gateway(text)
    try:
        box = _unb64(text.split(".", 1)[1])
    except (IndexError, ValueError) as broken:
        raise BadInput("This sign-in link is damaged. Open any web page to get a new one.") from broken
    nonce, sealed = box[:_NONCE_BYTES], box[_NONCE_BYTES:]
    try:
        mac, address, issued = json.loads(AESGCM(key).decrypt(nonce, sealed, _associated(gateway)))
    except (InvalidTag, ValueError) as forged:
        raise Forbidden(
            "This sign-in link was not made by our gateway. Open any web page to get a new one."
        ) from forged
    issued_at = datetime.fromtimestamp(issued, UTC)
    if not now - TICKET_LIFETIME <= issued_at <= now + _CLOCK_SKEW:
        raise Forbidden("This sign-in link is too old. Open any web page to get a new one.")
    return Ticket(gateway, MacAddress.parse(mac), ipaddress.ip_address(address), issued_at, nonce.hex())


@dataclass(frozen=True, slots=True)
class Request:
    """The part of an HTTP request that a gateway signs. `path` has its query, as it stands in the request line."""

    method: str
    path: str
    body: bytes = b""

    def signed_bytes(self, seconds: int) -> bytes:
        """What the signature covers; `seconds` since 1970 is when it was made."""
        return f"{self.method}\n{self.path}\n{seconds}\n{hashlib.sha256(self.body).hexdigest()}".encode()


def sign_request(key: Ed25519PrivateKey, gateway: str, request: Request, now: datetime) -> str:
    """The Authorization header with which a gateway proves a request to control."""
    seconds = int(now.timestamp())
    return f"{_SCHEME} {gateway}.{seconds}.{_b64(key.sign(request.signed_bytes(seconds)))}"


def request_gateway(header: str) -> str:
    """Name of the gateway that claims to have signed this Authorization header: not yet proven. Raises Forbidden."""
    return _signed_parts(header)[0]


def verify_request(public_key: bytes, header: str, request: Request, now: datetime) -> str:
    """Prove that the gateway with this raw Ed25519 key made the request within 120 s; returns the gateway's name.

    Raises Forbidden when the header is damaged, not signed by this key, or too old or too new.
    """
    gateway, seconds, signature = _signed_parts(header)
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, request.signed_bytes(seconds))
    except (InvalidSignature, ValueError) as forged:
        raise Forbidden(
            "This request is not signed with the gateway's enrolled key. Enrol the gateway again."
        ) from forged
    if abs(now.timestamp() - seconds) > REQUEST_WINDOW.total_seconds():
        raise Forbidden("This request was signed too long ago or in the future. Set the gateway's clock (NTP).")
    return gateway


def _signed_parts(header: str) -> tuple[str, int, bytes]:
    scheme, _, rest = header.partition(" ")
    gateway, *proof = rest.rsplit(".", 2)
    try:
        seconds, signature = int(proof[0]), _unb64(proof[1])
    except (ValueError, IndexError) as damaged:
        raise Forbidden(f"This request lacks a whole '{_SCHEME} NAME.SECONDS.SIGNATURE' Authorization.") from damaged
    if scheme != _SCHEME or not gateway:
        raise Forbidden(f"Requests of a gateway carry an Authorization of the scheme {_SCHEME} with its name.")
    return gateway, seconds, signature


@dataclass(frozen=True, slots=True)
class EnrolmentRequest:
    """A new gateway introduces itself: the one-time token it was given, and the two keys it made."""

    token: str
    public_key: bytes  # raw Ed25519
    ticket_key: bytes  # AES-256, for `seal`

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
    fields = _fields(body, "enrolment", {"version", "token", "public_key", "ticket_key"})
    _check_version(fields)
    return EnrolmentRequest(
        token=_text(fields, "token"),
        public_key=_key(fields, "public_key", PUBLIC_KEY_BYTES),
        ticket_key=_key(fields, "ticket_key", TICKET_KEY_BYTES),
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
    fields = _fields(body, "enrolment's answer", {"version", "gateway", "city", "portal_url"})
    _check_version(fields)
    return Enrolled(_text(fields, "gateway"), _text(fields, "city"), _text(fields, "portal_url"))


@dataclass(frozen=True, slots=True)
class GrantList:
    """All grants of one gateway at one revision: control's answer to a long poll."""

    revision: int
    grants: tuple[Grant, ...]
    now: datetime  # control's clock: a gateway without a battery must not end visits by its own


@dataclass(frozen=True, slots=True)
class Report:
    """What a gateway tells control: the revision its firewall enforces, and what passed."""

    revision: int
    usage: tuple[Usage, ...]


def grants_to_json(answer: GrantList) -> dict[str, Any]:
    """The body of control's answer."""
    return {
        "version": VERSION,
        "revision": answer.revision,
        "now": answer.now.isoformat(),
        "grants": [_grant_to_json(grant) for grant in answer.grants],
    }


def grants_from_json(body: Any) -> GrantList:
    """Read control's answer. Raises BadInput naming the field that is missing, unknown or of the wrong type."""
    fields = _fields(body, "answer", {"version", "revision", "now", "grants"})
    _check_version(fields)
    return GrantList(
        revision=_integer(fields, "revision"),
        now=_moment(fields, "now"),
        grants=tuple(_grant_from_json(each) for each in _list(fields, "grants")),
    )


def report_to_json(report: Report) -> dict[str, Any]:
    """The body of a gateway's report."""
    return {
        "version": VERSION,
        "revision": report.revision,
        "usage": [{"visit": u.visit, "up_bytes": u.up_bytes, "down_bytes": u.down_bytes} for u in report.usage],
    }


def report_from_json(body: Any) -> Report:
    """Read a gateway's report. Raises BadInput naming the field that is missing, unknown or of the wrong type."""
    fields = _fields(body, "report", {"version", "revision", "usage"})
    _check_version(fields)
    return Report(_integer(fields, "revision"), tuple(_usage_from_json(each) for each in _list(fields, "usage")))


def _grant_to_json(grant: Grant) -> dict[str, Any]:
    return {
        "visit": grant.visit,
        "number": grant.number,
        "device": grant.device.full(),
        "address": str(grant.address),
        "expires_at": grant.expires_at.isoformat(),
        "down_bps": grant.down_bps,
        "up_bps": grant.up_bps,
        "volume_bytes": grant.volume_bytes,
    }


_GRANT_FIELDS = {"visit", "number", "device", "address", "expires_at", "down_bps", "up_bps", "volume_bytes"}


def _grant_from_json(body: Any) -> Grant:
    fields = _fields(body, "grant", _GRANT_FIELDS)
    return Grant(
        visit=_text(fields, "visit"),
        number=_integer(fields, "number"),
        device=MacAddress.parse(_text(fields, "device")),
        address=_ip(fields, "address"),
        expires_at=_moment(fields, "expires_at"),
        down_bps=_optional_integer(fields, "down_bps"),
        up_bps=_optional_integer(fields, "up_bps"),
        volume_bytes=_optional_integer(fields, "volume_bytes"),
    )


def _usage_from_json(body: Any) -> Usage:
    fields = _fields(body, "usage", {"visit", "up_bytes", "down_bytes"})
    return Usage(_text(fields, "visit"), _integer(fields, "up_bytes"), _integer(fields, "down_bytes"))


def _fields(body: Any, noun: str, names: set[str]) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise BadInput(f"A {noun} is a JSON object, not {type(body).__name__}.")
    if missing := names - body.keys():
        raise BadInput(f"The {noun} lacks {', '.join(sorted(missing))}.")
    if unknown := body.keys() - names:
        raise BadInput(
            f"The {noun} has unknown fields: {', '.join(sorted(unknown))}. Is the peer of another version?"
        )
    return body


def _check_version(fields: Mapping[str, Any]) -> None:
    if fields["version"] != VERSION:
        raise BadInput(
            f"The peer speaks version {fields['version']}, this program version {VERSION}. Update the older one."
        )


def _integer(fields: Mapping[str, Any], name: str) -> int:
    value = fields[name]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _LIMIT:
        raise BadInput(f"{name} is a whole number from 0 up, below 2**63.")
    return value


def _optional_integer(fields: Mapping[str, Any], name: str) -> int | None:
    return None if fields[name] is None else _integer(fields, name)


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str) or not value or not value.isprintable():
        raise BadInput(f"{name} is a text of printable characters.")
    return value


def _key(fields: Mapping[str, Any], name: str, size: int) -> bytes:
    try:
        key = base64.b64decode(_text(fields, name), validate=True)
    except binascii.Error as damaged:
        raise BadInput(f"{name} is a base64 text.") from damaged
    if len(key) != size:
        raise BadInput(f"{name} has {size} bytes, not {len(key)}.")
    return key


def _list(fields: Mapping[str, Any], name: str) -> list[Any]:
    value = fields[name]
    if not isinstance(value, list):
        raise BadInput(f"{name} is a list.")
    return value


def _moment(fields: Mapping[str, Any], name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(fields, name))
    except ValueError as broken:
        raise BadInput(f"{name} is a moment in ISO 8601.") from broken
    if moment.tzinfo is None:
        raise BadInput(f"{name} needs a time zone, such as +00:00.")
    return moment


def _ip(fields: Mapping[str, Any], name: str) -> IpAddress:
    try:
        return ipaddress.ip_address(_text(fields, name))
    except ValueError as broken:
        raise BadInput(f"{name} is an IP address.") from broken


def _associated(gateway: str) -> bytes:
    return f"wifi-manager ticket 1 {gateway}".encode()


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
