"""Looks at real dropbear hosts with OpenWrt's busybox: what iw would say there is played back from recordings."""

import shutil
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from provisioning.collector import Collector
from tests.builders import A_CITY, A_MASTER_KEY, an_access_point
from tests.lab.access_point import LabAccessPoint
from tests.provisioning.test_drift_lab import _everything
from tests.provisioning.test_look_texts import dev, recorded, station, survey
from tests.provisioning.test_rollout_lab import quick_driver
from wifi_manager.clock import SystemClock
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.observations import Signal
from wifi_manager.services.change_control import ChangeControl, Reach
from wifi_manager.services.collection import Collection
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault

pytestmark = [pytest.mark.root, pytest.mark.lab]

POINT = "AP-0001"
# Plays back files of /tmp/air by the words that it is called with, and `iw dev` as the file dev.
IW = '#!/bin/sh\nf=/tmp/air/$(echo "$*" | tr " " .)\n[ ! -f "$f" ] || exec cat "$f"\nexit 1\n'


@dataclass
class Desk:
    """The city's side of one access point."""

    store: Store
    ap: LabAccessPoint
    collector: Collector = field(init=False)

    def __post_init__(self):
        self.restart()
        reach = Reach(
            Management(self.ap.address, self.ap.port, self.ap.user, self.ap.host_key_fingerprint),
            self.ap.client_key.read_text(),
        )
        ChangeControl(self.store, SystemClock()).enrol(POINT, "openwrt", reach, by="test")

    def restart(self):
        self.collector = Collector(
            Collection(self.store), lambda reach: quick_driver(reach.management, reach.private_key), SystemClock()
        )

    def hears(self, **texts):
        """From now on iw says this."""
        self.ap.run("mkdir -p /tmp/air")
        for name, text in texts.items():
            words = {"stations": "dev.wlan0.station.dump", "survey": "dev.wlan0.survey.dump"}.get(name, name)
            quoted = text.replace("'", "'\\''")
            self.ap.run(f"cat >/tmp/air/{words} <<'END_OF_AIR'\n{quoted}END_OF_AIR\n")

    def look(self):
        """One look, as it is stored."""
        management = self.collector.collection.targets()[POINT]
        self.collector.poll(POINT, management)
        with self.store.read() as tx:
            return tx.observations.seen(POINT).observation


@pytest.fixture
def database(upgraded_file, tmp_path):
    return shutil.copy(upgraded_file, tmp_path / "city.db")


@pytest.fixture
def desk(database, ap):
    store = Store(open_engine(f"sqlite:///{database}"), A_CITY.slug, Vault(A_MASTER_KEY, A_CITY.slug))
    point = an_access_point(POINT)
    with store.begin() as tx:
        tx.sites.save([point.site])
        tx.access_points.save([point], tx.sites.numbers())
    _install(ap, "/usr/sbin/iw", IW)
    yield Desk(store, ap)
    store.dispose()


def _install(ap, name, script):
    """Put a program onto the access point, while it runs."""
    ap.run(f"cat >{name}.new <<'END_OF_PROGRAM'\n{script}END_OF_PROGRAM\nchmod 755 {name}.new; mv {name}.new {name}")


def test_a_look_over_dropbear_tells_the_radio_the_uplink_and_the_machine_and_stores_no_client(desk, database):
    desk.ap.run(f"ip route add default via {desk.ap.net.address.ip}")
    desk.hears(dev=dev("공공 Wi-Fi"), stations=recorded("station_dump_32.txt"), survey=survey(2437, 60_000, 9_000))
    told = desk.look().readings

    (radio,) = told.radios
    assert (radio.radio, sum(radio.clients.values()), radio.busy_seconds) == ("radio0", 32, 9.0)
    assert (told.uplink.probes, told.uplink.probes_lost) == (1, 0)
    assert told.uplink.rtt_seconds is not None
    assert told.uplink.receive_bytes > 0
    assert told.memory_available_bytes > 0
    assert 0 <= told.cpu_busy_ratio <= 1
    assert told.poll_seconds > 0
    everything = _everything(database)
    assert b"02:00:00:00:02:00" not in everything
    assert b"busy_seconds" in everything
    assert desk.ap.run("ls -d /tmp/prov.look* 2>/dev/null || echo none") == "none\n"


def test_a_gateway_that_is_gone_is_an_echo_lost(desk):
    desk.ap.run(f"ip route add default via {desk.ap.net.address.ip + 200}")
    told = desk.look().readings.uplink
    assert (told.probes, told.probes_lost, told.rtt_seconds) == (1, 1, None)


def test_a_device_that_lives_in_1970_is_dated_by_our_clock(desk):
    _install(desk.ap, "/bin/date", "#!/bin/sh\necho 0\n")
    old = "\tassociated at:\t0 ms\n\tcurrent time:\t10 ms\n"
    desk.hears(dev=dev(), stations=station(1, more=old))
    before = SystemClock().now()
    found = desk.look()
    assert before <= found.at <= SystemClock().now()
    assert sum(found.readings.radios[0].clients.values()) == 1
    assert timedelta(0) < timedelta(seconds=found.uptime_seconds + 1) < timedelta(minutes=5)


def test_counters_wrap_go_on_after_our_restart_and_begin_anew_after_the_devices(desk):
    def retries(count):
        desk.hears(dev=dev(), stations=station(1, retries=count), survey=survey(2437, 1000))
        return desk.look().readings.radios[0].transmit_retries

    assert [retries(2**32 - 6), retries(10)] == [2**32 - 6, 2**32 + 10]
    desk.restart()
    assert [retries(50), retries(51)] == [2**32 + 10, 2**32 + 11]
    desk.ap.reboot()
    assert retries(3) == 3


def test_without_any_radio_that_can_be_asked_the_rest_is_told(desk):
    found = desk.look()
    assert (found.up, found.readings.radios) == (True, ())
    assert found.readings.memory_available_bytes > 0


def test_an_access_point_with_an_older_helper_is_looked_at_as_before(desk):
    helper = desk.ap.path("/etc/prov/prov")
    helper.write_text(helper.read_text().replace("inspect | fetch | look |", "inspect | fetch |"))
    found = desk.look()
    assert (found.up, found.model) == (True, "Lab access point")
    assert found.readings.memory_available_bytes is None


def test_hostile_names_on_the_air_reach_neither_the_shell_nor_the_radios(desk):
    evil = "$(touch /tmp/owned);`touch /tmp/owned` \\x0a\\x09Interface ../../x"
    desk.hears(dev=dev(evil) + dev("\\x00서울", phy=1, name="wlan1"), stations=station(1), survey=survey(2437, 1))
    assert [each.radio for each in desk.look().readings.radios] == ["radio0", "radio1"]
    assert desk.ap.run("ls /tmp/owned 2>/dev/null || echo safe") == "safe\n"


def test_300_clients_come_over_the_line_each_in_its_class(desk):
    desk.hears(dev=dev(), stations="".join(station(number, -60 - number % 30) for number in range(300)))
    (radio,) = desk.look().readings.radios
    assert radio.clients == {Signal.GOOD: 80, Signal.FAIR: 80, Signal.POOR: 140}
    desk.hears(dev=dev(), stations="")
    assert sum(desk.look().readings.radios[0].clients.values()) == 0
