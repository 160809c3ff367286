"""/probe looks at one access point now, keeps what it found, and tells it as the exporter does."""

import subprocess
import threading
from dataclasses import dataclass

import pytest
from prometheus_client.parser import text_string_to_metric_families

from provisioning.collector import Collector
from provisioning.probing import Prober, create_app
from tests.builders import NOON, an_access_point
from tests.fakes.clock import FrozenClock
from tests.fakes.simulated_access_points import SimulatedFleet
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.exporter.app import create_app as create_exporter
from wifi_manager.exporter.catalogue import CATALOGUE
from wifi_manager.exporter.shards import Source
from wifi_manager.services.collection import Collection


@dataclass
class SimulatedDriver:
    """A driver of simulated access points; all of it but looking is missing."""

    point: object
    clock: FrozenClock
    under_way: list
    overlaps: list

    def observe(self, memory):
        self.overlaps.append(len(self.under_way))
        self.under_way.append(self.point)
        try:
            if self.point.is_down:
                raise OutsideFailure("no route to host")
            return self.point.observe(self.clock.now())
        finally:
            self.under_way.pop()


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def fleet(store):
    """Eight simulated access points, of which AP-00007 is down; none was looked at yet."""
    fleet = SimulatedFleet(8, NOON)
    fleet.enrol(store)
    with store.begin() as tx:
        for each in fleet.points:
            tx.pushes.set_credential(each, "a key")
        outsider = an_access_point("AP-OUT", site=fleet.points["AP-00000"].point.site)
        tx.access_points.save([outsider], tx.sites.numbers())
    return fleet


@pytest.fixture
def overlaps():
    return []


@pytest.fixture
def client(store, clock, fleet, overlaps):
    at = {each.point.management.host: each for each in fleet.points.values()}
    under_way = []

    def driver(reach):
        return SimulatedDriver(at[reach.management.host], clock, under_way, overlaps)

    def collector():
        return Collector(Collection(store), driver, clock)

    return create_app(Prober(collector, Source(store, clock, CATALOGUE, NOON.tzinfo))).test_client()


def values(text):
    families = list(text_string_to_metric_families(text))
    return {each.name: each.value for family in families for each in family.samples if "radio" not in each.labels}, {
        label for family in families for each in family.samples for label in [each.labels.get("ap")] if label
    }


def test_a_probe_tells_all_of_one_access_point_as_it_is_at_this_moment(client, clock, fleet, store):
    answer = client.get("/probe?target=AP-00001")
    found, names = values(answer.text)
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert (found["wifi_probe_success"], found["wifi_ap_up"], names) == (1, 1, {"AP-00001"})
    assert found["wifi_ap_last_seen_timestamp_seconds"] == NOON.timestamp()
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=answer.text, capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
    told = create_exporter(store, clock).test_client().get("/metrics/aps").text
    lines = {each for each in told.splitlines() if 'ap="AP-00001"' in each}
    assert lines == {each for each in answer.text.splitlines() if 'ap="AP-00001"' in each}


def test_a_probe_of_what_is_down_succeeds_in_saying_so(client):
    found, _names = values(client.get("/probe?target=AP-00007").text)
    assert (found["wifi_probe_success"], found["wifi_ap_up"]) == (0, 0)
    assert "wifi_ap_cpu_busy_ratio" not in found


def test_nothing_but_managed_access_points_can_be_probed(client):
    for target in ("AP-OUT", "AP-99999", "127.0.0.1", "http://127.0.0.1/"):
        answer = client.get("/probe", query_string={"target": target})
        assert (answer.status_code, "fleet list" in answer.text) == (404, True)
    assert client.get("/probe").status_code == 422


def test_two_probes_of_one_access_point_wait_for_each_other(client, overlaps):
    askers = [
        threading.Thread(target=client.application.test_client().get, args=("/probe?target=AP-00001",))
        for _ in range(3)
    ]
    for each in askers:
        each.start()
    for each in askers:
        each.join()
    assert overlaps == [0, 0, 0]
