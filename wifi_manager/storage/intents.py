"""Layers of intent of one city, sealed, with all their versions."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wifi_manager.domain.errors import Conflict, NotFound
from wifi_manager.domain.intent_layers import LayerState, LayerVersion, Scope
from wifi_manager.storage.rows.intents import intent_layer
from wifi_manager.storage.vault import Vault

LAYER_PURPOSE = "intent layer"  # the vault's purpose


@dataclass(frozen=True)
class Intents:
    """Questions about and changes of a city's layers."""

    connection: sa.Connection
    city_id: int
    vault: Vault | None  # None in processes that only show who changed what: they see versions with an empty text

    def propose(self, scope: Scope, text: str, reason: str, *, by: str, at: datetime) -> LayerVersion:
        """Add a version that waits for approval. Raises Conflict when somebody adds one at the same moment."""
        newest = sa.select(sa.func.coalesce(sa.func.max(intent_layer.c.version), 0)).where(self._of(scope))
        version = self.connection.execute(newest).scalar_one() + 1
        new = LayerVersion(scope, version, text, LayerState.PROPOSED, reason, by, at)
        values = {
            "city_id": self.city_id,
            "scope": str(scope),
            "version": version,
            "text_sealed": self._keys().seal(LAYER_PURPOSE, text.encode()),
            "state": new.state.value,
            "reason": reason,
            "proposed_by": by,
            "proposed_at": at,
            "decided_by": "",
        }
        try:
            with self.connection.begin_nested():
                self.connection.execute(sa.insert(intent_layer).values(values))
        except sa.exc.IntegrityError as raced:
            raise Conflict(
                f"Somebody else has just proposed a version for {scope}. Look at it and try again."
            ) from raced
        return new

    def get(self, scope: Scope, version: int) -> LayerVersion:
        """One version. Raises NotFound."""
        mine = sa.and_(self._of(scope), intent_layer.c.version == version)
        found = self._read(mine)
        if not found:
            raise NotFound(f"{scope} has no version {version}. `wifi-manager intent history {scope}` lists them.")
        return found[0]

    def history(self, scope: Scope) -> list[LayerVersion]:
        """Every version of a layer, the newest first."""
        return self._read(self._of(scope))

    def waiting(self) -> list[LayerVersion]:
        """Versions that wait for approval, the newest first."""
        return self._read(intent_layer.c.state == LayerState.PROPOSED.value)

    def in_force(self) -> dict[Scope, LayerVersion]:
        """What holds now, by scope."""
        return {each.scope: each for each in self._read(intent_layer.c.state == LayerState.APPROVED.value)}

    def approve(self, scope: Scope, version: int, *, by: str, at: datetime) -> None:
        """Let it hold instead of the one before. Raises Conflict when it does not wait for approval."""
        held = sa.and_(self._of(scope), intent_layer.c.state == LayerState.APPROVED.value)
        self.connection.execute(sa.update(intent_layer).where(held).values(state=LayerState.REPLACED.value))
        self._decide(scope, version, LayerState.APPROVED, by, at)

    def withdraw(self, scope: Scope, version: int, *, by: str, at: datetime) -> None:
        """Take back what waits for approval. Raises Conflict when it does not."""
        self._decide(scope, version, LayerState.WITHDRAWN, by, at)

    def _decide(self, scope: Scope, version: int, state: LayerState, by: str, at: datetime) -> None:
        waits = intent_layer.c.state == LayerState.PROPOSED.value
        mine = sa.and_(self._of(scope), intent_layer.c.version == version, waits)
        values = {"state": state.value, "decided_by": by, "decided_at": at}
        if self.connection.execute(sa.update(intent_layer).where(mine).values(values)).rowcount == 0:
            stands = self.get(scope, version).state.value
            raise Conflict(f"Version {version} of {scope} is {stands}; it does not wait for approval.")

    def _of(self, scope: Scope) -> sa.ColumnElement[bool]:
        return sa.and_(intent_layer.c.city_id == self.city_id, intent_layer.c.scope == str(scope))

    def _read(self, condition: sa.ColumnElement[bool]) -> list[LayerVersion]:
        query = sa.select(intent_layer).where(intent_layer.c.city_id == self.city_id, condition)
        rows = self.connection.execute(query.order_by(intent_layer.c.id.desc())).mappings()
        return [self._to_version(row) for row in rows]

    def _to_version(self, row: sa.RowMapping) -> LayerVersion:
        return LayerVersion(
            scope=Scope.parse(row["scope"]),
            version=row["version"],
            text="" if self.vault is None else self.vault.unseal(LAYER_PURPOSE, row["text_sealed"]).decode(),
            state=LayerState(row["state"]),
            reason=row["reason"],
            proposed_by=row["proposed_by"],
            proposed_at=row["proposed_at"],
            decided_by=row["decided_by"],
            decided_at=row["decided_at"],
        )

    def _keys(self) -> Vault:
        if self.vault is None:
            raise RuntimeError("This process was built without the master key, so it must not write intents.")
        return self.vault
