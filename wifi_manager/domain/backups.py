"""Backups: every configuration that was found running on an access point, each kept once."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Backup:
    """One configuration of one access point. `files` is an archive of them; it holds keys."""

    access_point: str
    version: int
    digest: str
    found_at: datetime  # when it was first read there
    last_at: datetime  # when it was last read there: it may have come back
    files: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class BackupKeeping:
    """How many backups of an access point are kept, and for how many days after they were last seen running."""

    count: int = 20
    days: int = 365
