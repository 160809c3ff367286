"""A simulator of a gateway, for tests of what stands behind it: it seals tickets and acknowledges, but lets nobody through."""

import ipaddress
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.builders import NOON
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.storage.gateways import StoredKeys
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import TICKET_KEY_PURPOSE, Vault
from wifi_manager.wire.tickets import seal

PHONE = MacAddress.parse("02:00:5e:10:00:01")
OTHER_PHONE = MacAddress.parse("02:00:5e:10:00:02")
AN_ADDRESS = "10.1.0.7"
ANOTHER_ADDRESS = "10.1.0.8"


@dataclass(slots=True)
class SimulatedGateway:
    """One gateway of a store. Its clock is handed in with each ticket."""

    store: Store
    name: str = "gw-1"
    ticket_key: bytes = field(default=bytes(range(32, 64)))

    def enrol(self, vault: Vault, site_number: int | None = None) -> None:
        digest = self.name.encode()
        with self.store.begin() as tx:
            tx.gateways.add(self.name, site_number, digest, NOON + timedelta(hours=1))
            tx.gateways.enrol(digest, StoredKeys(b"p" * 32, vault.seal(TICKET_KEY_PURPOSE, self.ticket_key)), NOON)

    def ticket(
        self, now: datetime, device: MacAddress = PHONE, address: str = AN_ADDRESS, network: str = "guests"
    ) -> str:
        return seal(self.ticket_key, self.name, network, device, ipaddress.ip_address(address), now)

    def acknowledge(self) -> None:
        """Say that the newest revision is enforced."""
        with self.store.read() as tx:
            found = tx.gateways.get(self.name)
        if found is not None and found.acknowledged < found.revision:
            with self.store.begin() as tx:
                tx.gateways.acknowledge(self.name, found.revision, NOON)

    @contextmanager
    def acknowledging(self) -> Iterator[None]:
        """Acknowledge in a thread of its own, within some milliseconds, until the block ends."""
        done = threading.Event()

        def work() -> None:
            while not done.wait(0.005):
                self.acknowledge()

        thread = threading.Thread(target=work, name=f"simulated {self.name}")
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
