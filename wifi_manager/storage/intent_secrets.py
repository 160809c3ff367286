"""Secrets of one city that intents name, sealed."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wifi_manager.domain.errors import NotFound
from wifi_manager.storage.rows.intents import intent_secret
from wifi_manager.storage.vault import Vault

SECRET_PURPOSE = "intent secret"  # noqa: S105 - the vault's purpose


@dataclass(frozen=True)
class IntentSecrets:
    """Questions about and changes of a city's secrets."""

    connection: sa.Connection
    city_id: int
    vault: Vault | None

    def put(self, name: str, value: str, *, by: str, at: datetime) -> bool:
        """Keep it, in place of the one before; True if there was none."""
        values = {"value_sealed": self._keys().seal(SECRET_PURPOSE, value.encode()), "set_by": by, "set_at": at}
        changed = self.connection.execute(sa.update(intent_secret).where(self._is(name)).values(values)).rowcount
        if not changed:
            self.connection.execute(sa.insert(intent_secret).values(city_id=self.city_id, name=name, **values))
        return not changed

    def remove(self, name: str) -> None:
        """Keep it no more. Raises NotFound."""
        if self.connection.execute(sa.delete(intent_secret).where(self._is(name))).rowcount == 0:
            raise NotFound(f"No secret is named {name!r}. `wifi-manager provision secret list` shows them.")

    def names(self) -> list[tuple[str, str, datetime]]:
        """Name, who set it, and when; no value."""
        columns = sa.select(intent_secret.c.name, intent_secret.c.set_by, intent_secret.c.set_at)
        mine = columns.where(intent_secret.c.city_id == self.city_id).order_by(intent_secret.c.name)
        return [(name, by, at) for name, by, at in self.connection.execute(mine)]

    def values(self) -> dict[str, str]:
        """All of them in clear, by name."""
        columns = sa.select(intent_secret.c.name, intent_secret.c.value_sealed)
        rows = self.connection.execute(columns.where(intent_secret.c.city_id == self.city_id))
        return {name: self._keys().unseal(SECRET_PURPOSE, sealed).decode() for name, sealed in rows}

    def _is(self, name: str) -> sa.ColumnElement[bool]:
        return sa.and_(intent_secret.c.city_id == self.city_id, intent_secret.c.name == name)

    def _keys(self) -> Vault:
        if self.vault is None:
            raise RuntimeError("This process was built without the master key, so it must not use secrets.")
        return self.vault
