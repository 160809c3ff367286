"""A fleet of access points of the lab gets its first configuration in waves; a bad template of a few halts it.

Each is a real dropbear with the real helper in OpenWrt's busybox; the short form has 12 of them, the soak 300.
"""

import shutil
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from provisioning.crew import Crew
from provisioning.proposing import forward
from provisioning.rollout_keeper import RolloutKeeper
from provisioning.worker import Worker
from tests.builders import A_CITY, A_MASTER_KEY, a_site, an_access_point
from tests.lab.access_point import ManagementNet, access_points
from tests.provisioning.kit import until
from tests.provisioning.test_rollout_lab import FLEET, LAYER, names_on_air, quick_driver
from wifi_manager.clock import SystemClock
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.intent_layers import Scope
from wifi_manager.domain.pushes import PushState
from wifi_manager.domain.rollouts import RolloutState
from wifi_manager.services.change_control import ChangeControl, Reach
from wifi_manager.services.intents import Intents
from wifi_manager.services.rollouts import Rollouts
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(3600)]


@dataclass(frozen=True)
class Size:
    """How many access points, which of them the template breaks, and how many pushes at once."""

    points: int
    broken: range
    parallel: int
    patience: int
    undo_after: timedelta


SHORT, WHOLE = (
    Size(12, range(7, 9), 4, 120, timedelta(seconds=8)),
    Size(300, range(20, 26), 24, 3600, timedelta(seconds=30)),
)


@pytest.fixture(params=[SHORT, pytest.param(WHOLE, marks=pytest.mark.soak)], ids=lambda size: str(size.points))
def size(request):
    return request.param


@pytest.fixture
def fleet(size):
    with ManagementNet("10.99.0.1/22") as net, access_points(net, size.points) as found, net.inside():
        yield found


@pytest.fixture
def city(upgraded_file, tmp_path, fleet):
    shutil.copy(upgraded_file, tmp_path / "city.db")
    store = Store(open_engine(f"sqlite:///{tmp_path / 'city.db'}"), A_CITY.slug, Vault(A_MASTER_KEY, A_CITY.slug))
    points = [an_access_point(name(n), site=a_site(name=f"Park {n}"), radios=()) for n in range(len(fleet))]
    with store.begin() as tx:
        tx.sites.save([each.site for each in points])
        tx.access_points.save(points, tx.sites.numbers())
    yield City(store, fleet)
    store.dispose()


def name(number):
    return f"AP-{number:03}"


class City:
    def __init__(self, store, fleet):
        clock = SystemClock()
        self.changes, self.intents = ChangeControl(store, clock), Intents(store, clock)
        self.rollouts, self.net = Rollouts(store, clock), fleet[0].net
        for number, ap in enumerate(fleet):
            place = Management(ap.address, ap.port, ap.user, ap.host_key_fingerprint)
            self.changes.enrol(name(number), "openwrt", Reach(place, ap.client_key.read_text()), by="chief")
            self.want(Scope.parse(f"ap:{name(number)}"), f'[management]\naddress = "{ap.interface}"\n')
        self.want(FLEET, LAYER.format(ssid="City"))

    def want(self, scope, text):
        version = self.intents.propose(scope, text, "", by="chief").version
        self.intents.approve(scope, version, by="chief")

    def roll_out(self):
        made = forward(self.intents)
        number = self.rollouts.propose(made.changes, "first", timedelta(0), by="chief", shown=made.shown)
        self.rollouts.approve(number, by="chief")
        return number

    @contextmanager
    def working(self, size):
        stop = threading.Event()
        crew = Crew(Worker(self.changes, quick_driver, "worker", size.undo_after), size.parallel, 100)
        runs = [(crew.run, {"idle_seconds": 0.2}), (RolloutKeeper(self.rollouts, 0.5).run, {})]
        threads = [threading.Thread(target=run, args=(stop,), kwargs=given) for run, given in runs]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()


def test_a_bad_template_of_a_few_halts_the_rollout_the_rest_keeps_what_it_has_and_each_is_named(city, fleet, size):
    for number in size.broken:
        city.want(Scope.parse(f"ap:{name(number)}"), f'[management]\naddress = "10.66.66.{number}/24"\n')
    with city.working(size):
        began = time.monotonic()
        bad = city.roll_out()
        until(lambda: city.rollouts.standing(bad)[0].state is RolloutState.HALTED, size.patience)
        until(lambda: not counted(city, bad, PushState.RUNNING), size.patience)
        report = {each.access_point: each for each in city.rollouts.report(bad, trouble=True)}
        touched = {each.access_point for each in city.rollouts.report(bad) if each.state is PushState.COMMITTED}

        halted, standings = city.rollouts.standing(bad)
        sizes = [each.size for each in standings.values()]
        print(f"Halted in {time.monotonic() - began:.0f} s, waves of {sizes}: {halted.note}; {sorted(report)}")
        assert len(report) >= 2
        assert set(report) <= {name(number) for number in size.broken}
        assert all(each.reason.startswith("timeout") and "Compare address" in each.reason for each in report.values())
        on_air = names_on_air(fleet)
        assert {name(n) for n, ssid in enumerate(on_air) if ssid == "City"} == touched
        assert len(touched) < size.points / 2 + 4

        for number in size.broken:
            city.want(Scope.parse(f"ap:{name(number)}"), f'[management]\naddress = "{fleet[number].interface}"\n')
        city.rollouts.abort(bad, by="chief")
        began = time.monotonic()
        good = city.roll_out()
        until(lambda: city.rollouts.standing(good)[0].state is RolloutState.DONE, size.patience)
    seconds = time.monotonic() - began
    pushes = size.points - len(touched)
    print(f"{pushes} pushes in {seconds:.0f} s, {pushes / seconds:.1f} a second")
    assert names_on_air(fleet) == ["City"] * size.points


def counted(city, number, state):
    return sum(each.counts.get(state, 0) for each in city.rollouts.standing(number)[1].values())
