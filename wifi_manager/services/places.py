"""What a site's portal offers of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from wifi_manager.clock import Clock
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.visits import Method
from wifi_manager.services.enrolment import site_of
from wifi_manager.storage.store import Store


@dataclass(frozen=True, slots=True)
class Places:
    """Changes hold for whoever signs in from then on."""

    store: Store
    clock: Clock

    def offer(self, key: tuple[str, str], ways: Sequence[Method], actor: str) -> None:
        """Let the site (district, name) offer these ways in, or the city's where there are none. Raises NotFound."""
        with self.store.begin() as tx:
            number = site_of(tx, key)
            before, after = {"ways": tx.sites.ways(number)}, {"ways": list(ways)}
            tx.sites.offer(number, ways)
            tx.audit.add(AuditEntry(self.clock.now(), actor, "set", "site", ", ".join(reversed(key)), before, after))
