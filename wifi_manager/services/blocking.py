"""Keeping devices out: city IT blocks one, everywhere and at once, until a moment or for good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wifi_manager.clock import Clock
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.errors import BadInput, NotFound
from wifi_manager.domain.visits import EndReason
from wifi_manager.storage.blocks import KeptBlock
from wifi_manager.storage.store import Store, Transaction

_NOUN = "block"


@dataclass(frozen=True, slots=True)
class Blocking:
    """Changes and lists blocks. The trail names a block by its number and never the device."""

    store: Store
    clock: Clock

    def add(self, device: MacAddress, until: datetime | None, actor: str) -> int:
        """Block a device, end its visit and tell every gateway; returns the block's number.

        Raises BadInput for a moment that is over.
        """
        with self.store.begin() as tx:
            return self._add(tx, device, until, actor)

    def add_visitor(self, public_id: str, until: datetime | None, actor: str, why: str = "") -> int:
        """Block the device of a running visit. Raises NotFound for one that has ended: its device is forgotten."""
        with self.store.begin() as tx:
            visit = tx.visits.get(public_id)
            if visit is None:
                raise NotFound(
                    f"There is no visit {public_id!r}. `wifi-manager gateway show` lists them by their ids."
                )
            if visit.asker is None:
                raise NotFound(f"Visit {public_id!r} has ended, so its device's address is forgotten.")
            return self._add(tx, visit.asker.device, until, actor, why)

    def remove(self, number: int, actor: str) -> None:
        """Let the device of this block in again. Raises NotFound."""
        now = self.clock.now()
        with self.store.begin() as tx:
            found = next((each for each in tx.blocks.in_force(now) if each.row == number), None)
            if found is None:
                raise NotFound(f"There is no block {number}. `wifi-manager block list` shows them.")
            tx.blocks.lift(number, now)
            tx.changes.note_everywhere(found.number, now)
            tx.audit.add(AuditEntry(now, actor, "removed", _NOUN, str(number), before=_until(found.block.until)))

    def all(self) -> Sequence[KeptBlock]:
        """Every block that is in force."""
        with self.store.read() as tx:
            return tx.blocks.in_force(self.clock.now())

    def _add(self, tx: Transaction, device: MacAddress, until: datetime | None, actor: str, why: str = "") -> int:
        now = self.clock.now()
        if until is not None and until <= now:
            raise BadInput("A block ends in the future. Give a later day, or block the device for good.")
        number, running = tx.visits.device_number(device, now), tx.visits.running_of(device, now)
        if running is not None:
            tx.visits.end(running.public_id, now, EndReason.BLOCKED)
        row = tx.blocks.set(device, number, until, now, actor)
        reason = {"why": why} if why else {}
        tx.changes.note_everywhere(number, now)
        tx.audit.add(AuditEntry(now, actor, "added", _NOUN, str(row), after={**_until(until), **reason}))
        return row


def _until(until: datetime | None) -> dict[str, str]:
    return {"until": "for good" if until is None else until.isoformat()}
