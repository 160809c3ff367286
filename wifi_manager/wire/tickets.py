"""The sealed ticket that a phone carries from its gateway to the portal: who asks, and where."""

import ipaddress
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wifi_manager.domain.addresses import IpAddress, MacAddress
from wifi_manager.domain.errors import BadInput, Forbidden
from wifi_manager.wire.fields import from_url, to_url

TICKET_LIFETIME = timedelta(minutes=5)
TICKET_KEY_BYTES = 32
_NONCE_BYTES = 12  # AES-GCM, NIST SP 800-38D 8.2.2: random 96-bit nonces
_MOST_GATEWAYS = 1024  # names and ciphers kept: those whose phones come now
_CLOCK_SKEW = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who is asking, as the gateway saw it on the wire. Only the gateway can make one, only the city can read it."""

    gateway: str
    network: str  # the gateway's name for the network that the device is in
    device: MacAddress
    address: IpAddress
    issued_at: datetime
    nonce: str  # of the seal: 24 hex digits, unique per ticket


def seal(key: bytes, gateway: str, network: str, device: MacAddress, address: IpAddress, now: datetime) -> str:
    """Encrypt and authenticate (AES-256-GCM) who asks, and in which network, into URL-safe text.

    The gateway's name stands in front in clear, so that the city finds its key, and is authenticated with the rest.
    """
    nonce = os.urandom(_NONCE_BYTES)
    clear = json.dumps([network, device.full(), str(address), int(now.timestamp())]).encode()
    sealed = AESGCM(key).encrypt(nonce, clear, _associated(gateway))
    return f"{to_url(gateway.encode())}.{to_url(nonce + sealed)}"


def ticket_gateway(text: str) -> str:
    """Name of the gateway that claims to have sealed this ticket: not yet proven. Raises BadInput."""
    try:
        return _gateway(text.split(".", 1)[0])
    except (ValueError, UnicodeDecodeError) as broken:
        raise BadInput("This sign-in link is damaged. Open any web page to get a new one.") from broken


def unseal(key: bytes, text: str, now: datetime) -> Ticket:
    """Open a ticket with its gateway's key. Raises BadInput when damaged, Forbidden when forged or too old."""
    gateway = ticket_gateway(text)
    try:
        box = from_url(text.split(".", 1)[1])
    except (IndexError, ValueError) as broken:
        raise BadInput("This sign-in link is damaged. Open any web page to get a new one.") from broken
    nonce, sealed = box[:_NONCE_BYTES], box[_NONCE_BYTES:]
    try:
        network, mac, address, issued = json.loads(_cipher(key).decrypt(nonce, sealed, _associated(gateway)))
    except (InvalidTag, ValueError) as forged:
        raise Forbidden(
            "This sign-in link was not made by our gateway. Open any web page to get a new one."
        ) from forged
    issued_at = datetime.fromtimestamp(issued, UTC)
    if not now - TICKET_LIFETIME <= issued_at <= now + _CLOCK_SKEW:
        raise Forbidden("This sign-in link is too old. Open any web page to get a new one.")
    device = MacAddress.parse(mac)
    return Ticket(gateway, network, device, ipaddress.ip_address(address), issued_at, nonce.hex())


@lru_cache(_MOST_GATEWAYS)
def _gateway(encoded: str) -> str:
    return from_url(encoded).decode()


@lru_cache(_MOST_GATEWAYS)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def _associated(gateway: str) -> bytes:
    return f"wifi-manager ticket 2 {gateway}".encode()
