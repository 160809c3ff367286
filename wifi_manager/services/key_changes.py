"""Another master key for the installation, while its processes run: a killed change goes on where it stood.

The state of a change is the key file's own. 1. The file holds the new key too: every process opens what it seals.
2. The new key seals, the old one still opens. 3. Every value is sealed anew. 4. The old key goes. Processes of this
host see the file change at once; files of other hosts are copied between the steps.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from wifi_manager.clock import Clock
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.errors import Conflict
from wifi_manager.storage.master_keys import KeyFile, MasterKeys
from wifi_manager.storage.sealed import SEALED, Resealed, reseal
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault

GRACE = timedelta(seconds=60)  # by then, what was sealed with the old key before the new one came is committed


@dataclass(frozen=True, slots=True)
class KeyChanges:
    """The steps, each of which may be repeated. `vault` is the store's own, with the keys of `file`."""

    store: Store
    vault: Vault
    file: KeyFile
    clock: Clock
    pause: Callable[[float], None] = time.sleep

    def keys(self) -> MasterKeys:
        """What the file holds now. Raises SettingsError."""
        return self.file.read()

    def add(self) -> None:
        """Make the new key, which only opens. Raises Conflict while an earlier change is not finished."""
        with self.file.locked():
            self._add()

    def use(self) -> None:
        """Seal with the new key from now on. Raises Conflict where there is none."""
        with self.file.locked():
            self._use()

    def finish(self, grace: timedelta = GRACE, *, leave_unopened: bool = False) -> Sequence[Resealed]:
        """Seal everything anew, and drop the old key; `grace` is how long somebody's transaction may last.

        Raises Conflict where no change is under way, and, unless they are to be left, for values that open with
        none of the keys: then the old key stays.
        """
        with self.file.locked():
            return self._finish(grace, leave_unopened=leave_unopened)

    def rotate(self, grace: timedelta = GRACE, *, leave_unopened: bool = False) -> Sequence[Resealed]:
        """All steps, or those that a killed change left. Raises as `finish`."""
        with self.file.locked():
            keys = self.keys()
            if keys.before is None:
                if keys.next is None:
                    self._add()
                self._use()
            return self._finish(grace, leave_unopened=leave_unopened)

    def _add(self) -> None:
        self.file.write(self.keys().with_next())

    def _use(self) -> None:
        changed = self.keys().with_next_in_use()
        self._note("began to change")
        self.file.write(changed)

    def _finish(self, grace: timedelta, *, leave_unopened: bool) -> Sequence[Resealed]:
        keys = self.keys()
        if keys.before is None:
            raise Conflict("No change of the master key is under way. Run: wifi-manager key rotate")
        first = self._reseal()
        self.pause(grace.total_seconds())
        found = _sum(first, self._reseal())
        if any(each.unopened for each in found) and not leave_unopened:
            raise Conflict(_unopened(found))
        self.file.write(MasterKeys(keys.seals, digests=keys.digests))
        self._note("changed")
        return found

    def _reseal(self) -> Sequence[Resealed]:
        return [reseal(self.store, self.vault, column) for column in SEALED]

    def _note(self, action: str) -> None:
        with self.store.begin() as tx:
            tx.audit.add(AuditEntry(self.clock.now(), "command line", action, "master key", ""))


def _sum(first: Sequence[Resealed], second: Sequence[Resealed]) -> list[Resealed]:
    """What two turns did, and what the later one still could not open."""
    return [Resealed(b.column, a.done + b.done, b.unopened) for a, b in zip(first, second, strict=True)]


def _unopened(found: Sequence[Resealed]) -> str:
    said = ", ".join(f"{each.unopened} of {each.column}" for each in found if each.unopened)
    return (
        f"Values that open with none of the keys: {said}. The old key stays in the file. If an older file opens "
        "them, add its key as a line `before`; if they are lost anyway, run this with --leave-unopened."
    )
