"""A rollout over access points of the lab, by workers over real SSH: good ones reach all, a bad one stops at the canary."""

import shutil
import threading
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest

from provisioning.crew import Crew
from provisioning.drivers.openwrt import OpenWrtDriver
from provisioning.planning import plan
from provisioning.proposing import changes_of
from provisioning.rollout_keeper import RolloutKeeper
from provisioning.transport import SshLink, client_key_from_text
from provisioning.worker import Worker
from tests.builders import A_CITY, A_MASTER_KEY, a_site, an_access_point
from tests.lab.access_point import LabAccessPoint
from tests.provisioning.kit import QUICK, until
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

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow]

FLEET = Scope.parse("fleet")
LAYER = """
[[radios]]
name = "radio0"
band = "2.4"
country = "KR"

[[networks]]
name = "visitors"
ssid = "{ssid}"
encryption = "open"
radios = ["radio0"]
"""
HOW_MANY = 4
HASTY = timedelta(seconds=6)


@pytest.fixture
def fleet(net):
    with ExitStack() as stack:
        yield [stack.enter_context(LabAccessPoint(net)) for _ in range(HOW_MANY)]


@pytest.fixture
def city(upgraded_file, tmp_path, fleet):
    shutil.copy(upgraded_file, tmp_path / "city.db")
    store = Store(open_engine(f"sqlite:///{tmp_path / 'city.db'}"), A_CITY.slug, Vault(A_MASTER_KEY, A_CITY.slug))
    points = [an_access_point(f"AP-{n}", site=a_site(name=f"Park {n}"), radios=()) for n in range(HOW_MANY)]
    with store.begin() as tx:
        tx.sites.save([each.site for each in points])
        tx.access_points.save(points, tx.sites.numbers())
    city = City(store)
    for number, ap in enumerate(fleet):
        city.enrol(f"AP-{number}", ap)
    yield city
    store.dispose()


class City:
    """What city IT does, and the processes that do the rest."""

    def __init__(self, store):
        clock = SystemClock()
        self.changes = ChangeControl(store, clock)
        self.intents = Intents(store, clock)
        self.rollouts = Rollouts(store, clock)

    def enrol(self, name, ap):
        place = Management(ap.address, ap.port, ap.user, ap.host_key_fingerprint)
        self.changes.enrol(name, "openwrt", Reach(place, ap.client_key.read_text()), by="dispatcher")
        self.want(Scope.parse(f"ap:{name}"), f'[management]\naddress = "{ap.interface}"\n')

    def want(self, scope, text):
        version = self.intents.propose(scope, text, "", by="dispatcher").version
        self.intents.approve(scope, version, by="dispatcher")

    def roll_out(self):
        points = {each.external_id: each for each in self.intents.fleet()}
        running = self.intents.running()
        found = plan(points.values(), self.intents.wants(), running)
        number = self.rollouts.propose(list(changes_of(found, points, running)), "", timedelta(0), by="dispatcher")
        self.rollouts.approve(number, by="dispatcher")
        return number

    def ends_as(self, number, state):
        until(lambda: self.rollouts.standing(number)[0].state is state, 90)

    @contextmanager
    def working(self):
        """Two workers and what looks after rollouts, as `provision worker` runs them."""
        stop = threading.Event()
        crews = [Crew(Worker(self.changes, quick_driver, f"worker {n}", HASTY), 2, 100) for n in range(2)]
        threads = [threading.Thread(target=each.run, args=(stop,), kwargs={"idle_seconds": 0.1}) for each in crews]
        threads.append(threading.Thread(target=RolloutKeeper(self.rollouts, 0.2).run, args=(stop,)))
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()


def quick_driver(management, private_key):
    link = SshLink(management, client_key_from_text(private_key), QUICK)
    return OpenWrtDriver(link, SystemClock(), settle_seconds=1)


def names_on_air(fleet):
    return [
        next((line.split("'")[1] for line in ap.read("/etc/config/wireless").splitlines() if "ssid" in line), "")
        for ap in fleet
    ]


def test_a_good_change_reaches_all_and_a_bad_one_stops_at_the_canary(city, fleet):
    with city.working():
        city.want(FLEET, LAYER.format(ssid="City"))
        city.ends_as(city.roll_out(), RolloutState.DONE)
        assert names_on_air(fleet) == ["City"] * HOW_MANY

        for number in range(HOW_MANY):
            city.want(Scope.parse(f"ap:AP-{number}"), f'[management]\naddress = "10.66.66.{number + 10}/24"\n')
        bad = city.roll_out()
        city.ends_as(bad, RolloutState.HALTED)

    rollout, standings = city.rollouts.standing(bad)
    assert rollout.note == "wave 1: 1 of 1 came to harm, 0 are tolerated"
    assert {wave: dict(each.counts) for wave, each in standings.items()} == {
        1: {PushState.UNDONE: 1},
        2: {PushState.HELD: HOW_MANY - 1},
    }
    assert names_on_air(fleet) == ["City"] * HOW_MANY
