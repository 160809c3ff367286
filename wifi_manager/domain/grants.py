"""Grant: what a gateway lets through for one device, until when. Pure values, shared by control and gateway."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wifi_manager.domain.addresses import IpAddress, MacAddress


@dataclass(frozen=True, slots=True)
class Grant:
    """One device's passage through one gateway.

    `number` is the device's packet mark (1..2**32-2): stable per device, never per visit, so that what the kernel
    knows of a device (conntrack marks) still fits when it signs in again. `address` is where it signed in.
    Rates are bits per second and volumes bytes; None means no limit. `expires_at` is absolute, in UTC.
    """

    visit: str  # public id of the visit that this grant serves
    number: int
    device: MacAddress
    address: IpAddress
    expires_at: datetime
    down_bps: int | None = None
    up_bps: int | None = None
    volume_bytes: int | None = None  # both directions together, layer-3 bytes as RFC 8908 counts them
    up_volume_bytes: int | None = None
    down_volume_bytes: int | None = None
    idle_seconds: int | None = None  # without a packet from the device, the grant ends
    may_extend: bool = False  # its citizen can have it last longer, on the portal's status page


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes that passed for one visit since it began, as counted by the gateway: layer-3 bytes, headers included."""

    visit: str
    up_bytes: int
    down_bytes: int


class Cause(StrEnum):
    """Why a gateway let a device go before its time."""

    IDLE = "idle"
    VOLUME = "volume"
    COPIED = "copied"  # its MAC address was seen at two places at once


@dataclass(frozen=True, slots=True)
class Ended:
    """A visit that its gateway has ended by itself."""

    visit: str
    reason: Cause


@dataclass(frozen=True, slots=True)
class Arrival:
    """A device without a grant that a gateway has seen come into one of its networks."""

    device: MacAddress
    address: IpAddress
    network: str  # the gateway's name for it
