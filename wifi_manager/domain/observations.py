"""Observation: what one look at an access point found."""

from dataclasses import dataclass
from datetime import datetime


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
