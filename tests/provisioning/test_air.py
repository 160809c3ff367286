"""Each kind of network in the air: our own hostapd.conf on a real 802.11 stack, and devices that join."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from provisioning.drivers.linux_hostapd import LinuxHostapdDriver
from provisioning.look_memory import LookMemory
from tests.lab.air import Air, air_machine
from tests.lab.authority import Authority
from tests.provisioning import air_kit
from tests.provisioning.air_kit import STATIONS
from wifi_manager.clock import SystemClock
from wifi_manager.domain.observations import Readings, Signal

pytestmark = [pytest.mark.root, pytest.mark.machine, pytest.mark.slow, pytest.mark.timeout(900)]
_KINDS = list(dict.fromkeys(station.kind for station in STATIONS.values()))
_TRIES = 10
_FIRST = 1  # wlan0 is the access point's
Statuses = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def air(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Air]:
    """One boot for all: an access point with every kind of network on one radio, and its RADIUS server."""
    with air_machine() as air:
        radius = air_kit.radius_server(Authority(tmp_path_factory.mktemp("authority")))
        air.run(air_kit.installed() + radius + air_kit.access_point(air_kit.conf(_KINDS), "wlan0"))
        yield air


@pytest.fixture(scope="module")
def joined(air: Air) -> Statuses:
    """All stations joined at once; what each says of itself."""
    air.run(air_kit.join(STATIONS, _FIRST))
    for _ in range(_TRIES):  # on a busy machine a station is seen in the middle of a handshake that is said again
        found = air_kit.statuses(air, STATIONS, _FIRST)
        if all(each["wpa_state"] == "COMPLETED" for each in found.values()):
            break
        time.sleep(1)
    return found


@pytest.mark.parametrize("name", STATIONS)
def test_a_device_joins_each_kind_of_network_in_the_way_that_it_is_meant_to(joined, name):
    status = joined[name]

    assert status["wpa_state"] == "COMPLETED", status
    assert status["key_mgmt"] == STATIONS[name].said, status


def test_no_log_of_the_access_point_names_a_device_that_joined(air, joined):
    assert joined
    assert "STA 02:" not in air.run(f"grep -v AP-STA {air_kit.FOLDER}/wlan0.log || true")


def _numbers(text: str, words: str) -> list[int]:
    return [int(each) for each in re.findall(rf"^\s*{words}:?\s+(-?\d+)", text, re.MULTILINE)]


def _said(air: Air) -> dict[str, str]:
    """What iw and the kernel say of the access point at this moment."""
    said = air.run(
        "for i in /sys/class/net/wlan0*; do iw dev ${i##*/} station dump; done; echo '# survey'\n"
        "iw dev wlan0 survey dump; echo '# receive'; cat /sys/class/net/wlan0*/statistics/rx_bytes\n"
        "echo '# transmit'; cat /sys/class/net/wlan0*/statistics/tx_bytes\n"
    )
    stations, *more = said.split("# ")
    return {"stations": stations} | {part.split("\n", 1)[0]: part.split("\n", 1)[1] for part in more}


def _look(air: Air, memory: LookMemory) -> Readings:
    return LinuxHostapdDriver(air.link(), SystemClock()).observe(memory).readings


@dataclass(frozen=True)
class Compared:
    """A look, and what iw said just before and just after it."""

    before: dict[str, str]
    told: Readings
    after: dict[str, str]
    memory: LookMemory


@pytest.fixture(scope="module")
def compared(air: Air, joined: Statuses) -> Compared:
    """Once for all: each command takes its time on an emulated machine."""
    assert joined
    air.run(  # simulated radios measure while they scan
        "iw dev wlan0 scan trigger freq 2412 2437 2462 ap-force\n"
        "i=0; until iw dev wlan0 survey dump | grep -q '2462 MHz' || [ $i -gt 60 ]; do sleep 1; i=$((i+1)); done\n"
    )
    before, memory = _said(air), LookMemory()
    return Compared(before, _look(air, memory), _said(air), memory)


def test_a_look_at_a_real_access_point_tells_what_iw_says(compared):
    before, told, after = compared.before, compared.told, compared.after

    (radio,) = told.radios
    heard = _numbers(before["stations"], "signal")
    assert 0 < len(heard) == sum(radio.clients.values())
    assert radio.clients[Signal.GOOD] == len([dbm for dbm in heard if dbm >= -67])
    here = before["survey"].split("2437 MHz")[1].split("Survey data")[0]
    assert [radio.noise_dbm] == _numbers(here, "noise")
    assert [round(radio.active_seconds * 1000)] == _numbers(here, "channel active time")
    assert [round(radio.busy_seconds * 1000)] == _numbers(here, "channel busy time")
    assert [radio.transmit_retries] == [sum(_numbers(before["stations"], "tx retries"))]
    assert [radio.transmit_failed] == [sum(_numbers(before["stations"], "tx failed"))]
    for told_bytes, name in ((radio.receive_bytes, "receive"), (radio.transmit_bytes, "transmit")):
        at_first, at_last = (sum(map(int, each[name].split())) for each in (before, after))
        assert 0 < at_first <= told_bytes <= at_last, name
    assert (radio.frequency_mhz, told.uplink.probes) == (2437, 1)


def test_a_station_that_moves_away_shows_at_the_next_look(air, compared):
    near = compared.told.radios[0].clients
    phy = "/sys/kernel/debug/ieee80211/phy1/hwsim/rx_rssi"
    far = 2**64 - 100  # -100, as the kernel reads it there
    air.run(
        "grep -q ' /sys/kernel/debug ' /proc/mounts || mount -t debugfs none /sys/kernel/debug\n"
        f"echo {far} >{phy}\nip addr add 10.9.0.2/24 dev wlan{_FIRST}\n"
        "for _ in 1 2 3 4 5; do\n"  # until it was heard: a busy machine may lose a word
        "  ping -c 1 -W 1 10.9.0.99 || true\n  ! iw dev wlan0 station dump | grep -q 'signal:.*-100' || break\ndone\n"
    )
    gone = _look(air, compared.memory).radios[0].clients

    assert near == {Signal.GOOD: near[Signal.GOOD], Signal.FAIR: 0, Signal.POOR: 0}
    assert gone == {Signal.GOOD: near[Signal.GOOD] - 1, Signal.FAIR: 0, Signal.POOR: 1}
    air.run(
        f"echo {2**64 - 50} >{phy}; ip addr del 10.9.0.2/24 dev wlan{_FIRST}; iw dev wlan0 station dump >/dev/null"
    )
