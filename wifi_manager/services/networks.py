"""What a gateway's networks have of their own: a site, a plan, a greeting."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wifi_manager.clock import Clock
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.errors import NotFound
from wifi_manager.domain.networks import Network
from wifi_manager.services.enrolment import site_number
from wifi_manager.storage.store import Store

_NOUN = "network"


@dataclass(frozen=True, slots=True)
class Networks:
    """Changes hold for whoever signs in from then on."""

    store: Store
    clock: Clock

    def set(self, network: Network, actor: str) -> None:
        """Say what a network has of its own, all at once. Raises NotFound: its gateway, site or plan is unknown."""
        with self.store.begin() as tx:
            if network.place.plan is not None:
                tx.plans.get(network.place.plan)
            before = tx.networks.get(network.gateway, network.name)
            tx.networks.save(network, site_number(tx, network.place.site))
            told = None if before is None else _told(before)
            subject, now = _subject(network), self.clock.now()
            tx.audit.add(AuditEntry(now, actor, "set", _NOUN, subject, before=told, after=_told(network)))

    def remove(self, gateway: str, name: str, actor: str) -> None:
        """Let a network be as its gateway is. Raises NotFound when it has nothing of its own."""
        with self.store.begin() as tx:
            before = tx.networks.get(gateway, name)
            if before is None:
                raise NotFound(f"Network {name!r} of gateway {gateway!r} has nothing of its own.")
            tx.networks.remove(gateway, name)
            now = self.clock.now()
            tx.audit.add(AuditEntry(now, actor, "removed", _NOUN, _subject(before), before=_told(before)))

    def all(self) -> Sequence[Network]:
        """Every network that has something of its own."""
        with self.store.read() as tx:
            return tx.networks.all()


def _subject(network: Network) -> str:
    return f"{network.gateway} {network.name}"


def _told(network: Network) -> dict[str, Any]:
    place = network.place
    told: dict[str, Any] = {"site": place.site and list(place.site), "plan": place.plan}
    return {**told, "greetings": dict(place.greetings), "ways": list(place.ways)}
