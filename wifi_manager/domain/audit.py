"""Who changed what, when, from what to what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change. `before` and `after` hold only the fields that differ, and never a secret."""

    at: datetime
    actor: str  # an operator's login name, "command line", or the name of a process
    action: str  # a verb in the past: "imported", "added", "changed", "signed in"
    noun: str  # "access point", "operator", …
    subject: str  # its name or number within the city
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that differ, as they were and as they are."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}
