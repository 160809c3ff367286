"""Maintenance windows: who sets them, and when a change may start at a site."""

from dataclasses import dataclass
from datetime import UTC, timedelta, tzinfo

from wifi_manager.clock import Clock
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.errors import NotFound
from wifi_manager.domain.intent_layers import Level, Scope
from wifi_manager.domain.maintenance import Calendar, Windows, window_scope
from wifi_manager.services.enrolment import site_of
from wifi_manager.storage.maintenance import KeptWindows
from wifi_manager.storage.store import Store, Transaction

_SLOW_DEVICE = timedelta(seconds=90)  # to be reached, to take the files, and to be back after it undid them


def needed(undo_after: timedelta) -> timedelta:
    """How long a window has to stay open for a push that undoes itself after so long."""
    return undo_after + _SLOW_DEVICE


NEEDED = needed(timedelta(seconds=90))


def calendar(tx: Transaction, zone: tzinfo) -> Calendar:
    """The windows that hold now."""
    return Calendar(tx.maintenance.windows(), zone)


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Sets and shows windows. Hours are those of `zone`."""

    store: Store
    clock: Clock
    zone: tzinfo = UTC

    def all(self) -> list[KeptWindows]:
        """Every scope that has windows."""
        with self.store.read() as tx:
            return tx.maintenance.all()

    def put(self, scope: str, text: str, *, by: str) -> KeptWindows:
        """From now on these windows hold for a scope. Raises BadInput, NotFound."""
        whom, windows = window_scope(scope), Windows.parse(text)
        now = self.clock.now()
        with self.store.begin() as tx:
            _exists(tx, whom)
            before = tx.maintenance.put(whom, windows, by, now)
            entry = {"before": None if before is None else {"windows": before}, "after": {"windows": windows.text}}
            tx.audit.add(AuditEntry(now, by, "set", "maintenance windows", str(whom), **entry))
        return KeptWindows(whom, windows, by, now)

    def take_away(self, scope: str, *, by: str) -> None:
        """From now on the wider scope's windows hold, or none. Raises BadInput, NotFound."""
        whom = window_scope(scope)
        with self.store.begin() as tx:
            before = tx.maintenance.take_away(whom)
            if before is None:
                raise NotFound(f"{scope} has no maintenance windows of its own.")
            now, gone = self.clock.now(), {"windows": before}
            tx.audit.add(AuditEntry(now, by, "removed", "maintenance windows", str(whom), gone, None))


def _exists(tx: Transaction, scope: Scope) -> None:
    if scope.level is Level.SITE:
        district, _, name = scope.name.partition("/")
        site_of(tx, (district, name))
