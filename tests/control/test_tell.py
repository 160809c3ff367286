"""The sender on the access point, run by busybox over real TLS: what it tells, and that it loses and leaks nothing."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.builders import A_CITY, A_MASTER_KEY, an_access_point
from tests.control.server import ControlProcess, running_control
from tests.lab.authority import Authority
from tests.provisioning.test_look_texts import dev, net, recorded, station, survey
from wifi_manager.clock import SystemClock
from wifi_manager.domain.observations import Observation, RadioReading, Signal
from wifi_manager.services.telling import Telling
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault

pytestmark = pytest.mark.slow  # a real server with its start

TELL = Path(__file__).parents[2] / "configs/access_points/tell"
# Stands for the helper: the texts as they were recorded, and an inspection of this machine's uptime.
PROV = """#!/bin/sh
case $1 in
keep_texts) cp "${0%/*}"/texts/* "$2" ;;
inspect)
	read -r up rest </proc/uptime
	echo "PROV V=1 UP=${up%%.*} BOOT=b00t LOAD=0.25 STATE=NONE ID=- ARG=- FREE=1 DIRTY=0"
	echo 'PROV MODEL A "box" \\\\ of 2'
	echo "PROV FIRMWARE 24.10"
	echo "PROV SUM aa etc/config/network"
	echo "PROV END" ;;
esac
"""
TEXTS = {
    "dev": dev("\\x0a\\x09\\x09type managed 무료"),
    "stations.wlan0": recorded("station_dump_32.txt") + station(1, -70) + station(2, -80, more="\tauthorized:\tno\n"),
    "survey.wlan0": survey(2412, 7, 7, "") + survey(2437, 60_500, 9_000),
    "net": "Inter-| Receive\n face |bytes\n" + net(2**40, 200, 3) + net(11, 22, name="eth0"),
    "uplink": "10.0.0.1 eth0\n",
    "ping": "64 bytes from 10.0.0.1: seq=0 ttl=64 time=1.250 ms\n",
    "memory": "MemTotal: 100 kB\nMemAvailable: 60 kB\n",
    "heat": "45500\n0\n61000\n",
    "radios": "radio1 path soc/wifi\n",
    "phys": "0 /sys/devices/soc/wifi\n",
    "stat": "cpu 1\n",
}


@dataclass
class Sender:
    folder: Path
    control: ControlProcess
    store: Store

    def tell(self, **more: str) -> None:
        environ = {"PATH": os.environ["PATH"], "KEPT": str(self.folder / "kept"), **more}
        command = ["busybox", "sh", self.folder / "tell"]
        subprocess.run(command, check=True, env=environ, timeout=120, capture_output=True)

    @property
    def kept(self) -> list[str]:
        file = self.folder / "kept"
        return file.read_text().splitlines() if file.exists() else []

    def found(self) -> Observation | None:
        with self.store.read() as tx:
            return tx.observations.seen("BUS-1").observation


@pytest.fixture
def sender(upgraded_file, tmp_path):
    database = shutil.copy(upgraded_file, tmp_path / "city.db")
    store = Store(open_engine(f"sqlite:///{database}"), A_CITY.slug, Vault(A_MASTER_KEY, A_CITY.slug))
    point = an_access_point("BUS-1")
    with store.begin() as tx:
        tx.sites.save([point.site])
        tx.access_points.save([point], tx.sites.numbers())
    token = Telling(store, SystemClock()).give_token("BUS-1", "test")
    authority = Authority(tmp_path)
    files = authority.certificate("localhost")
    tls = {"CONTROL_CERTIFICATE_FILE": str(files.chain), "CONTROL_KEY_FILE": str(files.key)}
    device = tmp_path / "device"
    (device / "texts").mkdir(parents=True)
    for name, text in TEXTS.items():
        (device / "texts" / name).write_text(text)
    (device / "prov").write_text(PROV)
    (device / "prov").chmod(0o755)
    shutil.copy(TELL, device / "tell")
    with running_control(tmp_path, f"sqlite:///{database}", **tls) as control:
        url = f"https://localhost:{control.port}"
        (device / "tell.conf").write_text(f"URL={url}\nTOKEN={token}\nCA={authority.root}\n")
        yield Sender(device, control, store)
    store.dispose()


def test_what_the_sender_tells_is_what_iw_and_the_kernel_say(sender):
    sender.tell()
    found = sender.found()
    assert (found.model, found.firmware, found.load) == ("A box  of 2", "24.10", 0.25)
    assert found.readings.radios == (
        RadioReading(
            "radio1",
            {Signal.GOOD: 32, Signal.FAIR: 1, Signal.POOR: 0},
            frequency_mhz=2437,
            transmit_power_dbm=20.0,
            noise_dbm=-95.0,
            active_seconds=60.5,
            busy_seconds=9.0,
            receive_bytes=2**40,
            transmit_bytes=200,
            transmit_packets=3,
        ),
    )
    uplink = found.readings.uplink
    assert (uplink.rtt_seconds, uplink.receive_bytes, uplink.transmit_bytes) == (0.00125, 11, 22)
    assert (found.readings.memory_available_bytes, found.readings.temperature_celsius) == (61440, 61.0)
    assert sender.kept == []


def test_while_there_is_no_way_out_looks_wait_and_then_arrive_together(sender):
    assert sender.control.stop() == 0
    sender.tell()
    sender.tell()
    assert len(sender.kept) == 2
    assert "02:00:00" not in "".join(sender.kept), "no address of a client waits there"
    (sender.folder / "kept").write_text("{}\n" * 1000 + "\n".join(sender.kept) + "\n")
    sender.tell()
    assert (len(sender.kept), sender.kept[-4]) == (400, "{}"), "the newest 400 wait"
    (sender.folder / "kept").write_text("\n".join(sender.kept[-3:]) + "\n")
    sender.control.start()
    sender.tell()
    assert sender.kept == []
    assert sender.found().up


def test_what_will_never_be_taken_is_thrown_away_and_an_unknown_token_keeps_it(sender):
    (sender.folder / "kept").write_text("no json\n")
    sender.tell()
    assert (sender.kept, sender.found()) == ([], None)
    conf = sender.folder / "tell.conf"
    conf.write_text(conf.read_text().replace("TOKEN=", "TOKEN=0"))
    sender.tell()
    assert len(sender.kept) == 1
