"""Power is cut at random moments of pushes: what the flash holds at that moment starts as all of the old or all of the new.

Each moment is a copy of the disk while the push goes on; afterwards the access point starts from each copy.
"""

import os
import random
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from provisioning.driver import State
from provisioning.drivers.openwrt import OpenWrtDriver
from provisioning.push import Outcome, OutcomeKind, PushOrder, push
from provisioning.transport import TimeLimits
from tests.lab.access_point import LabAccessPoint, ManagementNet
from tests.lab.flash import Flash
from tests.provisioning.kit import a_network, an_order, files_of, has, link_of, until
from wifi_manager.clock import SystemClock

pytestmark = [pytest.mark.lab, pytest.mark.root, pytest.mark.slow]
COMMITTED = Outcome(OutcomeKind.COMMITTED)
SECONDS = 4.5  # a push from its first word to its last, and a little more


@pytest.fixture
def flash():
    with Flash() as flash:
        yield flash


@pytest.fixture
def net():
    with ManagementNet() as net, net.inside():
        yield net


@pytest.fixture
def ap(net, flash):
    with LabAccessPoint(net, keep=flash.folder) as ap:
        ap.run("sync")  # it has been standing there for a while
        yield ap


@dataclass
class Cuts:
    """What the access point was after each cut, and how often."""

    ends: dict[str, int] = field(default_factory=dict)

    def count(self, end: str) -> None:
        self.ends[end] = self.ends.get(end, 0) + 1


def patient_driver(ap: LabAccessPoint) -> OpenWrtDriver:
    """No cut is to look like harm because this machine is busy."""
    return OpenWrtDriver(replace(link_of(ap), limits=TimeLimits()), SystemClock(), settle_seconds=1)


@contextmanager
def moments_of(flash: Flash, delays: list[float], taken: list[Path]):
    """Copies of the disk after so many seconds each, taken while the block runs."""

    def take() -> None:
        begun = time.monotonic()
        for delay in delays:
            time.sleep(max(0.0, begun + delay - time.monotonic()))
            taken.append(flash.moment())

    thread = threading.Thread(target=take)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def cut_a_push(
    ap: LabAccessPoint, flash: Flash, order: PushOrder, delays: list[float], *, confirmed: bool
) -> list[Path]:
    """A push that ends committed, or undone by hand, and the disk at moments of it."""
    taken: list[Path] = []
    driver = patient_driver(ap)
    with moments_of(flash, delays, taken):
        if confirmed:
            assert push(order, driver, driver) == COMMITTED
        else:
            driver.stage(order.config)
            driver.apply(order.push_id, undo_after=order.undo_after)
            until(lambda: has(ap, order.config))
            ap.run("/etc/prov/prov rollback")
    return taken


def starts_from(ap: LabAccessPoint, flash: Flash, moment: Path, order: PushOrder, old: dict[str, bytes]) -> str:
    """Start it from that copy, and see that it is whole and knows what it is."""
    ap.power_cut()
    flash.go_back_to(moment)
    assert flash.is_sound()
    ap.power_on()
    assert ap.address in ap.run("ip addr show br-lan"), "it came back without its address"
    standing = patient_driver(ap).standing()
    is_mine = standing.push_id == order.push_id
    is_new = is_mine and standing.state is State.COMMITTED
    assert standing.state is not State.PENDING
    assert has(ap, order.config if is_new else old), f"mixed, empty or broken: {standing}"
    assert "tx" not in ap.run("ls /etc/prov").split()
    return "new" if is_new else "undone" if is_mine else "not begun"


def cut_often(ap: LabAccessPoint, flash: Flash, *, pushes: int, moments: int, seed: int) -> Cuts:
    chance, cuts = random.Random(seed), Cuts()
    for number in range(pushes):
        old, before = files_of(ap), flash.moment()
        order = an_order(
            ap, f"{number}", a_network(ssid=f"공원 {number}"), hostname=f"park-{number}", undo_seconds=60
        )
        delays = sorted(chance.uniform(0, SECONDS) for _ in range(moments))
        taken = cut_a_push(ap, flash, order, delays, confirmed=number % 2 == 0)
        for moment in taken:
            cuts.count(starts_from(ap, flash, moment, order, old))
        ap.power_cut()
        flash.go_back_to(before)
        ap.power_on()
    assert push(an_order(ap, "the next one"), patient_driver(ap), patient_driver(ap)) == COMMITTED
    return cuts


def test_power_cuts_at_random_moments_of_a_push_leave_the_old_or_the_new_whole(ap, flash):
    seed = int.from_bytes(os.urandom(4))
    print(f"seed {seed}")
    cuts = cut_often(ap, flash, pushes=2, moments=3, seed=seed)

    assert sum(cuts.ends.values()) == 6


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_hundred_power_cuts_at_random_moments_leave_the_old_or_the_new_whole(ap, flash):
    seed = int.from_bytes(os.urandom(4))
    print(f"seed {seed}")
    cuts = cut_often(ap, flash, pushes=20, moments=6, seed=seed)

    print(cuts.ends)
    assert sum(cuts.ends.values()) == 120
    assert set(cuts.ends) == {"new", "undone", "not begun"}  # moments of each sort were met
