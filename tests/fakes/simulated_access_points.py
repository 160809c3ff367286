"""Access points that never were: a fleet whose state goes on with time and is told as Observations, as a driver does.

Counters grow with the time since the last look, clients come and go, buses drive, and some access points are as every
fleet has them: down, saturated, far away, hot, or with another configuration than wanted. The same seed tells the
same story. It stands in for devices alone: what is found is kept as the collector keeps it.
"""

import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.builders import a_site, an_access_point
from wifi_manager.domain.access_points import AccessPoint, LifeCycle, Management
from wifi_manager.domain.observations import (
    Looked,
    Observation,
    PositionReading,
    RadioReading,
    Readings,
    Signal,
    UplinkReading,
)
from wifi_manager.domain.sites import Position, SiteKind
from wifi_manager.services.collection import Collection
from wifi_manager.storage.pushes import Wanted
from wifi_manager.storage.store import Store

WANTED, DRIFTED = "a" * 64, "b" * 64  # digests of configurations
DISTRICTS = ("River district", "Hill district", "Harbour district", "Old town")
_KINDS = (SiteKind.PARK, SiteKind.STREET, SiteKind.BUS, SiteKind.MARKET, SiteKind.HALL)
_MODELS = ("Example AX3 outdoor", "Example AX6", "Sample W5 bus")
_SITE_SIZE = 4  # access points
_BOOTED = timedelta(days=9)
_CHANNELS = {"radio0": (2412, 2437, 2462), "radio1": (5180, 5260, 5500)}


@dataclass(slots=True)
class SimulatedRadio:
    """Its counters, as the kernel keeps them."""

    name: str
    frequency: int
    active: float = 0.0
    busy: float = 0.0
    sent: float = 0.0
    received: float = 0.0
    packets: float = 0.0

    def go_on(self, seconds: float, busy: float, clients: int) -> None:
        """Some seconds with so many clients on a channel that is busy for this part of them."""
        self.active += seconds
        self.busy += seconds * busy
        self.sent += seconds * busy * 0.6
        self.received += seconds * busy * 0.2
        self.packets += seconds * (10 + 40 * clients)

    def reading(self, clients: dict[Signal, int]) -> RadioReading:
        packets = int(self.packets)
        return RadioReading(
            self.name, clients, self.frequency, 20.0, -92.0 + self.frequency % 3,
            self.active, self.busy, self.received, self.sent,
            packets * 300, packets * 900, packets, packets // 12, packets // 900,
        )  # fmt: skip


@dataclass(slots=True)
class SimulatedAccessPoint:
    """One device. `number` decides what is special about it."""

    point: AccessPoint
    number: int
    chance: random.Random
    booted_at: datetime
    seen_at: datetime
    is_down: bool = False
    radios: list[SimulatedRadio] = field(default_factory=list)
    probes: float = 0.0
    lost: float = 0.0
    joined: float = 0.0

    @property
    def is_saturated(self) -> bool:
        return self.number % 25 == 3

    @property
    def is_far(self) -> bool:
        """Behind a poor uplink."""
        return self.number % 25 == 9

    @property
    def drifts(self) -> bool:
        return self.number % 20 == 5

    @property
    def is_bus(self) -> bool:
        return self.point.site.kind is SiteKind.BUS

    def observe(self, at: datetime) -> Observation:
        """What a look at this moment finds."""
        self._go_on((at - self.seen_at).total_seconds())
        self.seen_at = at
        if self.is_down:
            return Observation(at, up=False)
        return Observation(
            at,
            up=True,
            uptime_seconds=int((at - self.booted_at).total_seconds()),
            load=round(self.chance.uniform(0.1, 0.9), 2),
            config_digest=DRIFTED if self.drifts else WANTED,
            model=_MODELS[self.number % 2] if not self.is_bus else _MODELS[2],
            firmware="OpenWrt 24.10.2" if self.number % 9 else "OpenWrt 23.05.5",
            pending=False,
            readings=self._readings(at),
        )

    def change_channel(self) -> None:
        """All radios at once, as after a radar."""
        for radio in self.radios:
            choices = [each for each in _CHANNELS[radio.name] if each != radio.frequency]
            radio.frequency = self.chance.choice(choices)

    def reboot(self, at: datetime) -> None:
        """All counters begin anew."""
        self.booted_at = at
        self.radios = _radios(self.chance)
        self.probes = self.lost = self.joined = 0.0

    def _go_on(self, seconds: float) -> None:
        busy = self.chance.uniform(0.8, 0.9) if self.is_saturated else self.chance.uniform(0.1, 0.5)
        for radio in self.radios:
            radio.go_on(seconds, busy, self._clients())
        self.probes += seconds
        self.lost += seconds * (0.08 if self.is_far else 0.001)
        self.joined += seconds * self._clients() / 60

    def _clients(self) -> int:
        return 25 + self.number % 10 if self.is_saturated else self.number % 11

    def _readings(self, at: datetime) -> Readings:
        return Readings(
            radios=tuple(radio.reading(self._heard()) for radio in self.radios),
            uplink=self._uplink(),
            position=self._position(at) if self.is_bus else None,
            cpu_busy_ratio=self.chance.uniform(0.05, 0.6),
            memory_available_bytes=64 * 2**20 + self.number * 1024,
            temperature_celsius=88.0 if self.number % 50 == 11 else self.chance.uniform(35, 60),
            associations={"success": int(self.joined), "auth_rejected": 0, "timeout": int(self.joined / 50)},
            dhcp_requests=int(self.joined),
            dhcp_failures=int(self.joined / (5 if self.is_far else 500)),
            poll_seconds=self.chance.uniform(0.2, 0.6),
        )

    def _heard(self) -> dict[Signal, int]:
        """Clients of one radio."""
        clients = max(0, self._clients() + self.chance.randint(-1, 1))
        poor = clients // 2 if self.number % 7 == 2 else clients // 8
        fair = (clients - poor) // 4
        return {Signal.GOOD: clients - poor - fair, Signal.FAIR: fair, Signal.POOR: poor}

    def _uplink(self) -> UplinkReading:
        rtt = self.chance.uniform(0.15, 0.4) if self.is_far else self.chance.uniform(0.002, 0.02)
        packets = sum(int(radio.packets) for radio in self.radios)
        return UplinkReading(rtt, int(self.probes), int(self.lost), packets * 950, packets * 320)

    def _position(self, at: datetime) -> PositionReading:
        """On a round of 2 km in half an hour."""
        angle = math.tau * ((at.timestamp() % 1800) / 1800 + self.number / 97)
        return PositionReading(at, 37.56 + 0.009 * math.sin(angle), 126.97 + 0.011 * math.cos(angle), 7.0)


def _radios(chance: random.Random) -> list[SimulatedRadio]:
    return [SimulatedRadio(name, chance.choice(channels)) for name, channels in _CHANNELS.items()]


class SimulatedFleet:
    """So many access points of one city, one in fifty of them down. Ids are AP-00000 and so on."""

    def __init__(self, count: int, started: datetime, seed: int = 8) -> None:
        self.points = {each.point.external_id: each for each in _points(count, started, seed)}

    def enrol(self, store: Store) -> None:
        """Put all into the inventory, managed, with a configuration that is wanted."""
        points = [each.point for each in self.points.values()]
        with store.begin() as tx:
            tx.sites.save({each.site.key: each.site for each in points}.values())
            tx.access_points.save(points, tx.sites.numbers())
            for each in self.points.values():
                tx.pushes.set_wanted(each.point.external_id, Wanted("intent", WANTED, each.booted_at))

    def look(self, store: Store, at: datetime, only: Iterable[str] | None = None) -> None:
        """Look at all of them (or at these) and keep what is found."""
        Collection(store).record_many([*self.observe(at, only)])

    def observe(self, at: datetime, only: Iterable[str] | None = None) -> Iterator[Looked]:
        """What looks at this moment find."""
        for external_id in self.points if only is None else only:
            found = self.points[external_id].observe(at)
            yield Looked(external_id, found, "" if found.up else "no route to host")


def _points(count: int, started: datetime, seed: int) -> Iterator[SimulatedAccessPoint]:
    for number in range(count):
        chance = random.Random(seed * 1_000_003 + number)
        booted_at = started - _BOOTED * chance.random()
        yield SimulatedAccessPoint(
            _in_inventory(number), number, chance, booted_at, booted_at, number % 50 == 7, _radios(chance)
        )


def _in_inventory(number: int) -> AccessPoint:
    block = number // _SITE_SIZE
    kind = _KINDS[block % len(_KINDS)]
    site = a_site(district=DISTRICTS[block % len(DISTRICTS)], name=f"{kind.value.title()} {block}", kind=kind)
    return an_access_point(
        f"AP-{number:05}",
        site=site,
        position=Position(37.5 + number % 211 * 0.0006, 126.9 + number % 199 * 0.0007),
        model="Example AX3 outdoor",
        platform="openwrt",
        life_cycle=LifeCycle.MANAGED,
        management=Management(f"127.1.{number // 250}.{number % 250 + 1}", 22, "root", "SHA256:simulated"),
    )
