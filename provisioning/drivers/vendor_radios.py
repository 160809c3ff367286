"""What vendors' systems tell of radios, made into a look's readings and what its counters are made of."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field

from provisioning.drivers import look_counts
from provisioning.drivers.radio_texts import by_signal
from wifi_manager.domain.counting import Raw
from wifi_manager.domain.measuring import total_name
from wifi_manager.domain.observations import RadioReading


@dataclass(slots=True)
class VendorRadio:
    """One radio. `clients`: the signal in dBm by interface and hardware address, which are in no repr.

    `counters` by field of RadioReading and interface; `shares`: parts of the time, by field.
    """

    frequency_mhz: int | None = None
    power_dbm: float | None = None
    noise_dbm: float | None = None
    clients: dict[tuple[str, bytes], int | None] = field(default_factory=dict, repr=False)
    counters: dict[str, dict[Hashable, int]] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)

    def count(self, interface: str, **values: int | None) -> None:
        """Add what one of its interfaces counts; what is None could not be read."""
        for what, value in values.items():
            if value is not None:
                self.counters.setdefault(what, {})[interface] = value

    def reading(self, name: str) -> RadioReading:
        """All but its counters."""
        return RadioReading(
            name,
            by_signal(dbm for dbm in self.clients.values() if dbm is not None),
            frequency_mhz=self.frequency_mhz,
            transmit_power_dbm=self.power_dbm,
            noise_dbm=self.noise_dbm,
        )


def raw_of(radios: Mapping[str, VendorRadio]) -> dict[str, Raw]:
    """What is counted on all radios, and who has joined since the last look."""
    raw = {
        total_name(name, what): Raw(values)
        for name, radio in radios.items()
        for what, values in radio.counters.items()
    }
    return raw | look_counts.joined(_clients(radios)) if radios else raw


def shares_of(radios: Mapping[str, VendorRadio]) -> dict[str, float]:
    """Which part of the time something went on, by the name of the total that it becomes."""
    return {total_name(name, what): share for name, radio in radios.items() for what, share in radio.shares.items()}


def _clients(radios: Mapping[str, VendorRadio]) -> Iterator[tuple[str, bytes]]:
    for radio in radios.values():
        yield from radio.clients
