"""How a gateway proves that a request to control is its own: an Ed25519 signature over it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from wifi_manager.domain.errors import Forbidden
from wifi_manager.wire.fields import from_url, to_url

REQUEST_WINDOW = timedelta(seconds=120)
_SCHEME = "Wifi-Gateway"


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
    return f"{_SCHEME} {gateway}.{seconds}.{to_url(key.sign(request.signed_bytes(seconds)))}"


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
        seconds, signature = int(proof[0]), from_url(proof[1])
    except (ValueError, IndexError) as damaged:
        raise Forbidden(f"This request lacks a whole '{_SCHEME} NAME.SECONDS.SIGNATURE' Authorization.") from damaged
    if scheme != _SCHEME or not gateway:
        raise Forbidden(f"Requests of a gateway carry an Authorization of the scheme {_SCHEME} with its name.")
    return gateway, seconds, signature
