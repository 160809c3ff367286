"""Two devices with one hardware address, at two ports: seen, counted, told of, and their visit ends. Walkers go on."""

import asyncio
import time

import prometheus_client
import pytest
from scapy.layers.l2 import ARP

from tests.gateway.guard.hall import GATEWAY, LAN, TRUSTED
from tests.lab.namespaces import wait_for
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.gateway.guard.metrics import GuardMetrics
from wifi_manager.gateway.guard.plan import GuardPlan
from wifi_manager.gateway.guard.ruleset import COPIED, guard_ruleset
from wifi_manager.gateway.guard.watch import Guard

pytestmark = [pytest.mark.root, pytest.mark.lab]


class Desk:
    """A watch over the hall, with what it was told to end and what it tells Prometheus."""

    def __init__(self, hall):
        self.ended = []
        self.registry = prometheus_client.CollectorRegistry()
        self.hall = hall
        self.guard = Guard(hall.netfilter, self.planning, GuardMetrics(self.registry), self.end)

    async def planning(self):
        return GuardPlan(guard_ruleset([LAN], [TRUSTED], knows_bridges=False))

    async def end(self, device):
        self.ended.append(device)

    def look(self):
        self.hall.gateway.call(lambda: asyncio.run(self.guard.look()))

    def value(self, name, **labels):
        return self.registry.get_sample_value(name, labels)


@pytest.fixture
def desk(hall):
    hall.gateway.check(["nft", "flush", "set", "bridge", "wifi_guard", "copied"])
    desk = Desk(hall)
    hall.gateway.call(lambda: asyncio.run(desk.guard.begin()))
    return desk


def says(guest, mac):
    """Any frame: here the device asks for an address."""
    return guest.ether(mac) / ARP(op="who-has", hwsrc=mac, psrc="0.0.0.0", pdst=GATEWAY)


def is_copied(hall, mac):
    return bytes.fromhex(mac.replace(":", "")) in hall.table.dump(COPIED)


def both_speak(hall, one, two, mac):
    one.send(says(one, mac))
    two.send(says(two, mac))
    return is_copied(hall, mac)


def test_a_copied_device_is_counted_and_told_of_by_its_ports_and_its_visit_ends_while_both_go_on(hall, desk, caplog):
    victim, thief = hall.guest(), hall.guest()
    wait_for("two devices with one address", lambda: both_speak(hall, victim, thief, victim.mac))

    desk.look()
    desk.look()

    assert desk.ended == [MacAddress.parse(victim.mac)] * 2
    assert desk.value("wifi_gateway_guard_copied_devices") == 1
    assert desk.value("wifi_gateway_guard_copied_alarms_total") == 1
    assert desk.value("wifi_gateway_guard_moves_total") >= 4
    told = [vars(record) for record in caplog.records if record.message == "two devices use one hardware address"]
    assert [each["ports"] for each in told] == [[victim.port, thief.port]]
    assert victim.mac not in str([vars(record) for record in caplog.records])


def test_a_phone_that_speaks_all_the_time_moves_only_when_it_walks_and_is_no_copy(hall):
    here, there = hall.guest(), hall.guest()
    before = hall.dropped().get("moves", 0)
    frame = bytes(says(here, "06:77:00:00:00:01"))

    for place in (here, there):
        for _ in range(30):  # longer than the second in which a place is remembered
            place.send(frame)
            time.sleep(0.04)

    assert hall.dropped().get("moves", 0) - before <= 1
    assert not is_copied(hall, "06:77:00:00:00:01")


def test_a_phone_that_cannot_decide_between_two_access_points_is_no_copy(hall):
    here, there = hall.guest(), hall.guest()
    frame = bytes(says(here, "06:77:00:00:00:03"))
    before = hall.dropped().get("moves", 0)

    for _ in range(8):
        here.send(frame)
        there.send(frame)
        for name in ("moved", "heard", "heard_at"):  # as 4 seconds do
            hall.gateway.check(["nft", "flush", "set", "bridge", "wifi_guard", name])

    assert hall.dropped()["moves"] - before >= 8
    assert not is_copied(hall, "06:77:00:00:00:03")


def test_a_loop_that_makes_everybody_look_copied_ends_no_more_than_ten_visits_a_minute(hall, desk):
    here, there = hall.guest(), hall.guest()
    devices = [f"06:88:00:00:00:{number:02x}" for number in range(30)]

    frames = [bytes(says(here, device)) for device in devices]

    def everybody_echoes():
        here.send(*frames)
        there.send(*frames)
        return all(is_copied(hall, device) for device in devices)

    wait_for("thirty copied devices", everybody_echoes)
    desk.look()

    assert len(set(desk.ended)) == 10
    assert desk.value("wifi_gateway_guard_copied_alarms_total") >= 30


def test_a_guard_that_was_deleted_by_hand_is_back_at_the_next_look(hall, desk):
    hall.gateway.check(["nft", "delete", "table", "bridge", "wifi_guard"])

    desk.look()

    assert "drop_rogue_router" in hall.gateway.check(["nft", "list", "table", "bridge", "wifi_guard"])
