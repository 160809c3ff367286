"""Observation: what one look at an access point found, and what that says about it now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

STALE_AFTER = timedelta(minutes=10)  # ten polls that did not happen: what was seen then is no news any more


class Health(StrEnum):
    """How a managed access point does, as far as its newest poll tells."""

    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"  # never polled, or not for STALE_AFTER


@dataclass(frozen=True, slots=True)
class Observation:
    """Version 1. Everything but `at` and `up` is None where it could not be read.

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


def health(newest: Observation | None, now: datetime) -> Health:
    """What the newest observation still says at this moment."""
    if newest is None or newest.at < now - STALE_AFTER:
        return Health.UNKNOWN
    return Health.UP if newest.up else Health.DOWN
