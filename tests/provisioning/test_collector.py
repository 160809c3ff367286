"""The collector on a real database: hung devices wait among themselves, and what is found arrives in batches."""

import contextlib
import shutil
import socket
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from prometheus_client import CollectorRegistry

from provisioning.collector import Collector
from provisioning.drivers.helper_driver import HelperDriver
from provisioning.link import Reply, TooSlow
from provisioning.poll_metrics import PollMetrics
from provisioning.transport import SshLink, TimeLimits, client_key_from_text
from tests.builders import A_CITY, A_MASTER_KEY, an_access_point
from tests.provisioning.kit import until
from wifi_manager.clock import SystemClock
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.services.change_control import ChangeControl, Reach
from wifi_manager.services.collection import Collection
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault

pytestmark = pytest.mark.slow

THREADS, HUNG, HEALTHY = 4, 14, 12
SAID = (
    b"PROV V=1 UP=61 BOOT=b00t LOAD=0.12 STATE=NONE ID=- ARG=- FREE=1024 DIRTY=0\n"
    b"PROV MODEL Box\nPROV FIRMWARE OpenWrt 24.10\nPROV END\n"
)
KEY = Ed25519PrivateKey.generate().private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
)


@dataclass
class Answering:
    """A line to a device that answers at once; `looks` counts how often it was asked."""

    host: str
    looks: Counter
    fails: type[Exception] | None = None

    def run(self, command, stdin=b""):
        self.looks[self.host] += 1
        if self.fails:
            raise self.fails("no")
        return Reply(0, SAID, b"")


@dataclass
class Fleet:
    store: Store
    looks: Counter = field(default_factory=Counter)
    slow: set = field(default_factory=set)

    def enrol(self, name, host, port=22):
        ChangeControl(self.store, SystemClock()).enrol(
            name, "openwrt", Reach(Management(host, port, "root", "SHA256:abc"), KEY.decode()), by="test"
        )

    def driver(self, limits):
        def make(reach):
            management, key = reach.management, reach.private_key
            if management.host == "127.0.0.1":
                link = SshLink(management, client_key_from_text(key), limits)
            else:
                fails = TooSlow if management.host in self.slow and limits.handshake < 5 else None
                link = Answering(management.host, self.looks, fails)
            return HelperDriver(link, SystemClock())

        return make

    def collector(self, **more):
        quick, patient = TimeLimits(1.0, 0.5, 1.0, 2.0), TimeLimits(5.0, 60.0, 60.0, 600.0)
        return Collector(
            Collection(self.store),
            self.driver(quick),
            SystemClock(),
            timedelta(seconds=0.5),
            THREADS,
            make_patient=self.driver(patient),
            **more,
        )

    def seen(self):
        with self.store.read() as tx:
            return {each.external_id: each for each in tx.observations.all_seen()}


@pytest.fixture
def fleet(upgraded_file, tmp_path):
    database = shutil.copy(upgraded_file, tmp_path / "city.db")
    store = Store(open_engine(f"sqlite:///{database}"), A_CITY.slug, Vault(A_MASTER_KEY, A_CITY.slug))
    points = [an_access_point(f"AP-{number:02}") for number in range(HUNG + HEALTHY)]
    with store.begin() as tx:
        tx.sites.save([points[0].site])
        tx.access_points.save(points, tx.sites.numbers())
    yield Fleet(store)
    store.dispose()


@contextmanager
def hung_device():
    """Takes connections and never says a word, until it goes."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        yield listening.getsockname()[1]


@contextmanager
def running(collector):
    stop = threading.Event()
    thread = threading.Thread(target=collector.run, args=(stop,), kwargs={"tick_seconds": 0.05})
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)


def test_more_hung_devices_than_threads_delay_nobody_else(fleet):
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(hung_device())
        for number in range(HUNG):
            fleet.enrol(f"AP-{number:02}", "127.0.0.1", port)
        for number in range(HEALTHY):
            fleet.enrol(f"AP-{HUNG + number:02}", f"10.0.0.{number}")
        with running(fleet.collector()), stack.pop_all():
            until(lambda: len(fleet.looks) == HEALTHY and min(fleet.looks.values()) >= 5, 60)
            until(lambda: all(fleet.seen()[f"AP-{HUNG + number:02}"].observation for number in range(HEALTHY)))
            found = fleet.seen()
    assert all(found[f"AP-{HUNG + number:02}"].observation.up for number in range(HEALTHY))
    assert not any(found[f"AP-{number:02}"].observation for number in range(HUNG)), "they still wait"


def test_a_slow_access_point_is_not_called_down_before_somebody_was_patient(fleet):
    fleet.enrol("AP-00", "10.0.0.1")
    fleet.slow.add("10.0.0.1")
    with running(fleet.collector()):
        until(lambda: fleet.seen()["AP-00"].observation is not None)
    assert fleet.seen()["AP-00"].observation.up


def test_what_was_found_while_the_database_was_away_arrives_when_it_is_back(fleet):
    fleet.enrol("AP-00", "10.0.0.1")
    real = Collection(fleet.store)
    refused = []

    class Away(Collection):
        def record_many(self, found):
            if len(refused) < 3:
                refused.append(found)
                raise OutsideFailure("away")
            super().record_many(found)

    with running(replace_collection(fleet.collector(), Away(real.store))):
        until(lambda: fleet.seen()["AP-00"].observation is not None)
    assert len(refused) == 3


def replace_collection(collector, collection):
    return replace(collector, collection=collection)


def test_how_long_looks_take_and_how_many_wait_are_metrics_of_the_collector(fleet):
    fleet.enrol("AP-00", "10.0.0.1")
    collector = fleet.collector()
    with running(collector):
        until(lambda: fleet.seen()["AP-00"].observation is not None)
    value = collector.metrics.registry.get_sample_value
    assert value("wifi_poll_duration_seconds_count", {"outcome": "up"}) >= 1
    assert value("wifi_poll_duration_seconds_count", {"outcome": "down"}) == 0
    assert value("wifi_poll_queue_depth") is not None
    assert fleet.seen()["AP-00"].observation.readings.poll_seconds is not None


def test_a_look_that_waits_is_counted_until_it_begins():
    metrics = PollMetrics(CollectorRegistry())
    metrics.queued()
    metrics.queued()
    metrics.begun()
    assert metrics.registry.get_sample_value("wifi_poll_queue_depth") == 1
