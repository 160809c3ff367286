"""Secrets that intents name: passphrases, RADIUS secrets, SNMP communities, each kept once, sealed, and audited."""

from dataclasses import dataclass
from datetime import datetime

from wifi_manager.clock import Clock
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.errors import Conflict
from wifi_manager.domain.intent_documents import parse_toml
from wifi_manager.domain.intent_secrets import check_secret, secrets_in
from wifi_manager.storage.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class IntentSecrets:
    """A city's secrets. Setting one reaches no access point: the next plan shows who would change by it."""

    store: Store
    clock: Clock

    def put(self, name: str, value: str, *, by: str) -> None:
        """Keep one, or another value of it. Raises BadInput for a name or a value that cannot be used."""
        check_secret(name, value)
        with self.store.begin() as tx:
            is_new = tx.intent_secrets.put(name, value, by=by, at=self.clock.now())
            self._note(tx, by, "added" if is_new else "changed", name)

    def remove(self, name: str, *, by: str) -> None:
        """Keep one no more. Raises NotFound, or Conflict while a layer that holds or waits asks for it."""
        with self.store.begin() as tx:
            for version in [*tx.intents.in_force().values(), *tx.intents.waiting()]:
                if name in secrets_in(parse_toml(version.text)):
                    raise Conflict(
                        f"Version {version.version} of {version.scope} asks for {name!r}; change it first."
                    )
            tx.intent_secrets.remove(name)
            self._note(tx, by, "removed", name)

    def names(self) -> list[tuple[str, str, datetime]]:
        """Name, who set it, and when; no value."""
        with self.store.read() as tx:
            return tx.intent_secrets.names()

    def _note(self, tx: Transaction, by: str, deed: str, name: str) -> None:
        tx.audit.add(AuditEntry(self.clock.now(), by, deed, "intent secret", name))
