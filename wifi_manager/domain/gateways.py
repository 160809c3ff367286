"""Gateways: the boxes that enforce who is online."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from wifi_manager.domain.errors import BadInput

SILENT_AFTER = timedelta(seconds=60)  # a gateway reports every 15 s, changed or not
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


class Standing(StrEnum):
    """Whether a gateway enforces what its city wants."""

    NOT_ENROLLED = "not_enrolled"  # added, but no box has come with its token yet
    SILENT = "silent"  # it has said nothing for SILENT_AFTER; it goes on with the grants that it has
    BEHIND = "behind"  # it reports, but has not acknowledged the newest revision
    ENFORCING = "enforcing"


@dataclass(frozen=True, slots=True)
class Gateway:
    """One gateway. `revision` counts changes of its grants; its firewall enforces the one `acknowledged`."""

    name: str
    site: tuple[str, str] | None  # (district, name) of the site it serves
    is_enrolled: bool = False
    revision: int = 0
    acknowledged: int = 0
    last_contact_at: datetime | None = None

    def standing(self, now: datetime) -> Standing:
        """Where it stands at this moment."""
        if not self.is_enrolled:
            return Standing.NOT_ENROLLED
        if self.last_contact_at is None or self.last_contact_at < now - SILENT_AFTER:
            return Standing.SILENT
        return Standing.ENFORCING if self.acknowledged == self.revision else Standing.BEHIND


@dataclass(frozen=True, slots=True)
class GatewayKeys:
    """Brought at enrolment: the public Ed25519 key (32 bytes) and the ticket key (32 bytes, a secret)."""

    public_key: bytes
    ticket_key: bytes = field(repr=False)


def check_name(name: str) -> None:
    """Raise BadInput for a name that would not fit into a header, a label or a file name."""
    if not _NAME.fullmatch(name):
        raise BadInput(
            f"A gateway cannot be called {name!r}: use letters, digits, '.', '_' and '-', "
            "begin with a letter or digit, at most 63 characters."
        )
