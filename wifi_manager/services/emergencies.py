"""Opening a district or a site for an emergency: everybody there gets online with one tap, until a moment.

Blocked devices stay blocked. A visit opened meanwhile lives on to the end of its plan: nobody is cut off in the
middle of a call because somebody in city IT said that it is over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wifi_manager.clock import Clock
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.emergencies import Emergency, check_end
from wifi_manager.domain.errors import BadInput, Conflict, NotFound
from wifi_manager.storage.store import Store

_NOUN = "emergency"
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Emergencies:
    """Opens, closes and lists. `plan` is what visits opened meanwhile may use; empty: the place's usual one."""

    store: Store
    clock: Clock
    plan: str = ""

    def open(self, district: str, site: str | None, until: datetime, reason: str, actor: str) -> int:
        """Open a place; returns the emergency's number.

        Raises BadInput without a reason or for an end too late, NotFound for an unknown place or plan.
        """
        now = self.clock.now()
        check_end(now, until)
        if not reason:
            raise BadInput("Say why it is opened: the reason stands in the audit trail.")
        with self.store.begin() as tx:
            place = tx.emergencies.place(district, site)
            if place is None:
                raise NotFound(f"There is no site {site!r} in {district!r}." if site else _no_district(district))
            if self.plan:
                tx.plans.get(self.plan)  # or nobody would get in
            number = tx.emergencies.add(place, now, until, reason, actor)
            after = {"district": district, "site": site, "until": until.isoformat(), "why": reason}
            tx.audit.add(AuditEntry(now, actor, "opened", _NOUN, str(number), after=after))
        return number

    def close(self, number: int, actor: str) -> None:
        """End it now, for those who come from now on. Raises NotFound; Conflict when it is over."""
        now = self.clock.now()
        with self.store.begin() as tx:
            found = tx.emergencies.get(number)
            if found is None:
                raise NotFound(f"There is no emergency {number}. `wifi-manager emergency list` shows them.")
            if not found.is_open(now):
                raise Conflict(f"Emergency {number} is over already.")
            tx.emergencies.close(number, now)
            before = {"until": found.until.isoformat()}
            tx.audit.add(AuditEntry(now, actor, "closed", _NOUN, str(number), before=before))

    def open_now(self) -> Sequence[Emergency]:
        """Those that are open, the newest first."""
        with self.store.read() as tx:
            return tx.emergencies.open(self.clock.now())

    def newest(self) -> Sequence[Emergency]:
        """Open or over, the newest first."""
        with self.store.read() as tx:
            return tx.emergencies.newest(_SHOWN)


def _no_district(name: str) -> str:
    return f"There is no district {name!r}. `wifi-manager fleet list` shows the districts."
