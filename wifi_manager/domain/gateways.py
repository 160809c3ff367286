"""Gateways: the boxes that enforce who is online."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Gateway:
    """One gateway. `revision` counts changes of its grants; its firewall enforces the one `acknowledged`."""

    name: str
    site: tuple[str, str] | None  # (district, name) of the site it serves
    is_enrolled: bool = False
    revision: int = 0
    acknowledged: int = 0
    last_contact_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GatewayKeys:
    """Brought at enrolment: the public Ed25519 key (32 bytes) and the ticket key (32 bytes, a secret)."""

    public_key: bytes
    ticket_key: bytes
