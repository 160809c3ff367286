"""Drift from the moment it is read to what an operator decides: adopt it, restore what is wanted, or let it stay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import tomli_w

from wifi_manager.clock import Clock
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.backups import Backup
from wifi_manager.domain.drift import Drift, Ignored, Reading, laid_over
from wifi_manager.domain.errors import BadInput, Conflict, NotFound
from wifi_manager.domain.intent_documents import parse_toml
from wifi_manager.domain.intent_layers import Document, Layer, LayerVersion, Level, Scope
from wifi_manager.domain.pushes import Push
from wifi_manager.services.change_control import ChangeControl
from wifi_manager.services.intents import Intents
from wifi_manager.storage.pushes import Wanted
from wifi_manager.storage.store import Store, Transaction

WATCH = "drift watch"  # who finds drift, in the audit trail
LONGEST_IGNORED = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Drifting:
    """What runs against what is wanted. The store has the vault."""

    store: Store
    clock: Clock

    def is_due(self, external_id: str, observed: str) -> bool:
        """Whether an access point that tells this digest has to be read."""
        with self.store.read() as tx:
            return tx.drifts.is_due(external_id, observed)

    def platform(self, external_id: str) -> str:
        """Its platform as the inventory has it; empty where it is not there."""
        with self.store.read() as tx:
            point = tx.access_points.get(external_id)
            return "" if point is None else point.platform

    def wanted(self, external_id: str) -> Wanted | None:
        """What it should run; None where nothing was ever committed. Raises NotFound."""
        with self.store.read() as tx:
            return tx.pushes.wanted(external_id)

    def record(self, external_id: str, found: Reading) -> None:
        """Keep what was read, as a backup and, where it differs, as drift."""
        now = self.clock.now()
        with self.store.begin() as tx:
            number = tx.access_points.number(external_id)
            if number is None:
                return  # it was taken out of the inventory meanwhile
            if found.files:
                tx.backups.keep(number, found.digest, found.files, now)
            if tx.drifts.record(number, found, now):
                tx.audit.add(AuditEntry(now, WATCH, "found drift on", "access point", external_id))

    def all(self) -> Sequence[Drift]:
        """Every access point that differs."""
        with self.store.read() as tx:
            return tx.drifts.all()

    def get(self, external_id: str) -> Drift:
        """One of them. Raises NotFound."""
        with self.store.read() as tx:
            return tx.drifts.get(external_id)

    def adopt(self, external_id: str, reason: str, *, by: str) -> LayerVersion:
        """Propose what runs as the access point's own layer; it holds once it is approved, as any other.

        Raises NotFound, and BadInput naming what no intent can say.
        """
        found, wanted = self.get(external_id), self.wanted(external_id)
        if wanted is None:
            raise NotFound(f"Nothing was ever committed on {external_id}, so there is nothing to compare with.")
        if found.obstacles:
            raise BadInput("An intent cannot say all of it, so it cannot be adopted:\n" + "\n".join(found.obstacles))
        scope = Scope(Level.ACCESS_POINT, external_id)
        text = tomli_w.dumps(self._layer(scope, parse_toml(wanted.intent), parse_toml(found.override)))
        version = Intents(self.store, self.clock).propose(scope, text, reason or "adopts what runs", by=by)
        with self.store.begin() as tx:
            tx.drifts.adopt(external_id, version.version)
            self._note(tx, by, "adopted drift of", external_id, {"layer version": version.version})
        return version

    def restore(self, external_id: str, *, by: str) -> Push:
        """Propose a push of what is wanted. Raises NotFound, and Conflict while another push is open."""
        found = self.wanted(external_id)
        if found is None:
            raise NotFound(f"Nothing was ever committed on {external_id}, so there is nothing to restore.")
        return self.propose(external_id, found.intent, found.digest, by=by)

    def propose(self, external_id: str, intent: str, digest: str, *, by: str) -> Push:
        """Propose a push that puts something back. Raises NotFound, and Conflict while another push is open."""
        with self.store.read() as tx:
            newest = tx.pushes.newest(1, external_id)
        if newest and newest[0].ended_at is None:
            raise Conflict(
                f"Push {newest[0].number} of {external_id} is {newest[0].state}; approve or cancel it first."
            )
        return ChangeControl(self.store, self.clock).propose(external_id, intent, digest, by=by)

    def ignore(self, external_id: str, until: datetime, reason: str, *, by: str) -> None:
        """Let it stay until then; it comes back at once when something else runs. Raises BadInput, NotFound."""
        now = self.clock.now()
        if not now < until <= now + LONGEST_IGNORED:
            raise BadInput(f"Drift can be ignored for a day at least and {LONGEST_IGNORED.days} days at most.")
        if not reason.strip():
            raise BadInput("Say why this may stay: whoever comes next has to know.")
        with self.store.begin() as tx:
            tx.drifts.ignore(external_id, Ignored(until, by, reason.strip()))
            after = {"until": until.isoformat(), "reason": reason.strip()}
            self._note(tx, by, "ignored drift of", external_id, after)

    def backups(self, external_id: str) -> Sequence[Backup]:
        """What ran on it, what was seen last first."""
        with self.store.read() as tx:
            return tx.backups.of(external_id)

    def backup(self, external_id: str, version: int) -> Backup:
        """One of them. Raises NotFound."""
        with self.store.read() as tx:
            return tx.backups.get(external_id, version)

    def _layer(self, scope: Scope, wanted: Document, override: Document) -> Document:
        """The access point's own layer with the override; as a whole intent where other layers make none of it."""
        intents = Intents(self.store, self.clock)
        wants = intents.wants()
        own = wants.layers.get(scope, Layer(scope, {})).document
        made = laid_over(own, override)
        try:
            then = replace(wants, layers={**wants.layers, scope: Layer(scope, made)})
            then.of(intents.access_point(scope.name)).intent()
        except BadInput:
            return laid_over(laid_over(own, wanted), override)
        return made

    def _note(self, tx: Transaction, by: str, deed: str, external_id: str, after: Mapping[str, object]) -> None:
        tx.audit.add(AuditEntry(self.clock.now(), by, deed, "access point", external_id, after=after))
