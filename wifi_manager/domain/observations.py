"""Observation: what one look at an access point found, and what that says about it now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

STALE_AFTER = timedelta(minutes=10)  # ten polls that did not happen: what was seen then is no news any more


class Health(StrEnum):
    """How a managed access point does, as far as its newest poll tells."""

    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"  # never polled, or not for STALE_AFTER


class Signal(StrEnum):
    """How well an access point hears a client: good from -67 dBm, fair from -75 dBm, poor below."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


@dataclass(frozen=True, slots=True)
class RadioReading:
    """One radio at one look. What is None could not be read. No address of a client is part of it.

    `radio` is the radio's name in the intent (radio0), which stays when the kernel names it anew. Counters (seconds,
    bytes, packets) only grow, until the device starts anew.
    """

    radio: str
    clients: Mapping[Signal, int]
    frequency_mhz: int | None = None
    transmit_power_dbm: float | None = None
    noise_dbm: float | None = None
    active_seconds: float | None = None
    busy_seconds: float | None = None
    receive_seconds: float | None = None
    transmit_seconds: float | None = None
    receive_bytes: int | None = None
    transmit_bytes: int | None = None
    transmit_packets: int | None = None
    transmit_retries: int | None = None
    transmit_failed: int | None = None


@dataclass(frozen=True, slots=True)
class UplinkReading:
    """The way from the access point to the rest of the world. Counters only grow until the device starts anew."""

    rtt_seconds: float | None = None
    probes: int | None = None
    probes_lost: int | None = None
    receive_bytes: int | None = None
    transmit_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class PositionReading:
    """Where a bus was at `at` (UTC): degrees of WGS 84, and its speed in m/s where known."""

    at: datetime
    latitude: float
    longitude: float
    speed: float | None = None


@dataclass(frozen=True, slots=True)
class Readings:
    """What a look measured beside whether the access point is up. What is None could not be read.

    `cpu_busy_ratio` is 0 to 1. `associations` counts by result (success, auth_rejected, assoc_rejected, timeout), and
    with the DHCP counts grows until the device starts anew. `poll_seconds` is how long the look took.
    """

    radios: tuple[RadioReading, ...] = ()
    uplink: UplinkReading = UplinkReading()
    position: PositionReading | None = None
    cpu_busy_ratio: float | None = None
    memory_available_bytes: int | None = None
    temperature_celsius: float | None = None
    associations: Mapping[str, int] = field(default_factory=dict)
    dhcp_requests: int | None = None
    dhcp_failures: int | None = None
    poll_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """Version 2. Everything but `at` and `up` is None where it could not be read.

    `at` is UTC. `load` is the one-minute load average. `config_digest` is a SHA-256 in hex over the managed files: it
    equals the digest of the rendered Intent where the access point is in sync. `pending` says that a pushed change
    waits for its confirmation or its undoing.
    """

    at: datetime
    up: bool
    uptime_seconds: int | None = None
    load: float | None = None
    config_digest: str | None = None
    model: str | None = None
    firmware: str | None = None
    pending: bool | None = None
    readings: Readings = Readings()


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look at the access point `external_id` found; `reason` says in words why it counts as down."""

    external_id: str
    found: Observation
    reason: str = ""


def health(newest: Observation | None, now: datetime) -> Health:
    """What the newest observation still says at this moment."""
    if newest is None or newest.at < now - STALE_AFTER:
        return Health.UNKNOWN
    return Health.UP if newest.up else Health.DOWN
