"""Devices that have come to a gateway: one that is online takes its visit along, a remembered one comes in."""

import contextlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from wifi_manager.domain.errors import Conflict
from wifi_manager.domain.grants import Arrival
from wifi_manager.domain.visits import Asker
from wifi_manager.services.moves import move
from wifi_manager.services.returning import Returning
from wifi_manager.storage.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Following:
    """Looks before it writes: most devices that come are new, and one question tells of all of them."""

    store: Store
    returning: Returning | None = None

    def follow(self, gateway: str, arrivals: Collection[Arrival], now: datetime) -> None:
        """Open or move the visits of those who have come to this gateway."""
        if not arrivals:
            return
        with self.store.read() as tx:
            known = tx.remembered.worth_a_look([each.device for each in arrivals], now)
        for each in arrivals:
            if each.device in known:
                self._follow(Asker(gateway, each.device, each.address, each.network), now)

    def _follow(self, there: Asker, now: datetime) -> None:
        with self.store.read() as tx:
            if not self._is_news(tx, there, now):
                return
        with contextlib.suppress(Conflict), self.store.begin() as tx:  # somebody's tap was first: that is as good
            self._take_in(tx, there, now)

    def _is_news(self, tx: Transaction, there: Asker, now: datetime) -> bool:
        known = tx.visits.device(there.device)
        running = None if known is None else known.running(now)
        if running is not None:
            return running.asker is not None and not running.asker.is_at(there)
        return self.returning is not None and self.returning.may_come(tx, known, there, now) is not None

    def _take_in(self, tx: Transaction, there: Asker, now: datetime) -> None:
        known = tx.visits.device(there.device)
        running = None if known is None else known.running(now)
        if running is None:
            if self.returning is not None:
                self.returning.come(tx, known, there, now)
        elif running.asker is not None and not running.asker.is_at(there):
            move(tx, running, there, now)
