"""What iw and the kernel say is read as it is meant: real recordings, hostile names, cut and broken text."""

import gzip
import io
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.drivers import machine_texts, radio_texts
from provisioning.drivers.look_texts import read_look, read_measured
from provisioning.link import Reply
from provisioning.look_memory import LookMemory
from tests.provisioning.test_collector import SAID
from wifi_manager.domain.measuring import totals_of, with_totals
from wifi_manager.domain.observations import Observation, RadioReading, Readings, Signal, UplinkReading

RECORDED = Path(__file__).parents[1] / "golden/iw"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
NAMES = ["dev", "stations.wlan0", "survey.wlan0", "net", "stat", "memory", "heat", "ping", "uplink", "radios", "phys"]


def recorded(name):
    return (RECORDED / name).read_text()


def station(number, signal=-60, retries=0, failed=0, more=""):
    address = f"02:00:00:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"
    return (
        f"Station {address} (on wlan0)\n\tinactive time:\t4 ms\n\ttx retries:\t{retries}\n\ttx failed:\t{failed}\n"
        f"\tsignal:  \t{signal} [{signal}, -90] dBm\n{more}\tconnected time:\t10 seconds\n"
    )


def dev(ssid="City", phy=0, name="wlan0", mhz=2437):
    return (
        f"phy#{phy}\n\tInterface {name}\n\t\tifindex 2\n\t\taddr 02:00:00:00:00:00\n\t\tssid {ssid}\n\t\ttype AP\n"
        f"\t\tchannel 6 ({mhz} MHz), width: 20 MHz, center1: {mhz} MHz\n\t\ttxpower 20.00 dBm\n"
    )


def survey(mhz, active, busy=0, mark=" [in use]"):
    return (
        f"Survey data from wlan0\n\tfrequency:\t\t\t{mhz} MHz{mark}\n\tnoise:\t\t\t\t-95 dBm\n"
        f"\tchannel active time:\t\t{active} ms\n\tchannel busy time:\t\t{busy} ms\n"
    )


def net(receive=100, transmit=200, packets=3, name="wlan0"):
    return f"  {name}: {receive} 1 0 0 0 0 0 0 {transmit} {packets} 0 0 0 0 0 0\n"


def radio_of(memory=None, boot="b1", uptime=60, at=NOW, **texts):
    given_ = {name.replace("_", "."): text for name, text in texts.items()}
    taken = (memory or LookMemory()).taken(read_measured(given_), boot, uptime, at)
    return taken.radios[0] if taken.radios else None


def a_look(stations="", **more):
    return {"dev": dev(), "stations_wlan0": stations, "survey_wlan0": survey(2437, 1000, 125), "net": net(), **more}


def test_the_recording_of_a_real_access_point_is_read_as_iw_says_it():
    radio = radio_of(
        dev=recorded("dev.txt"), stations_wlan0=recorded("station_dump_32.txt"), survey_wlan0=recorded("survey.txt")
    )
    text = recorded("station_dump_32.txt")
    assert sum(radio.clients.values()) == text.count("\nStation ") + 1 == 32
    assert radio.transmit_retries == sum(
        int(line.split(":")[1]) for line in text.splitlines() if "tx retries" in line
    )
    assert (radio.frequency_mhz, radio.transmit_power_dbm, radio.noise_dbm) == (2437, 30.0, -92)
    assert (radio.active_seconds, radio.busy_seconds) == (0.064, 0.008)


def test_no_clients_are_none_of_each_class_and_no_radio_is_missing():
    radio = radio_of(**a_look())
    assert radio.clients == {Signal.GOOD: 0, Signal.FAIR: 0, Signal.POOR: 0}
    assert (radio.receive_bytes, radio.transmit_bytes, radio.transmit_packets) == (100, 200, 3)


def test_300_clients_are_counted_each_in_its_class():
    text = "".join(station(number, -60 - number % 30, retries=2) for number in range(300))
    radio = radio_of(**a_look(text))
    assert radio.clients == {Signal.GOOD: 80, Signal.FAIR: 80, Signal.POOR: 140}
    assert radio.transmit_retries == 600


@pytest.mark.parametrize(
    ("dbm", "signal"), [(-67, "good"), (-68, "fair"), (-75, "fair"), (-76, "poor"), (-30, "good")]
)
def test_clients_are_good_from_minus_67_and_fair_from_minus_75(dbm, signal):
    assert radio_of(**a_look(station(1, dbm))).clients[Signal(signal)] == 1


def test_who_has_not_shown_the_passphrase_is_no_client():
    assert sum(radio_of(**a_look(station(1, more="\tauthorized:\tno\n"))).clients.values()) == 0


HOSTILE = [
    r"\n\tInterface evil",
    "x\\x00\\x0aStation 02:00:00:00:00:99 (on wlan0)",
    "서울 공공 와이파이 무료!!!",
    r"\xed\x95\x9c\xea\xb8\x80",
    "type managed",
    "channel 1 (2412 MHz)",
    "%s%n$(reboot)`id`",
    "a" * 32,
    "",
    "\u202eevil",
    "phy#7",
]


@pytest.mark.parametrize("ssid", HOSTILE)
def test_a_hostile_name_of_a_network_changes_nothing_that_is_read(ssid):
    assert radio_of(**a_look(station(1), dev=dev(ssid))) == radio_of(**a_look(station(1)))


@given(st.fixed_dictionaries({name: st.text() for name in NAMES}))
def test_any_text_at_all_is_read_without_a_failure(texts):
    LookMemory().taken(read_measured(texts), "b1", 60, NOW)


def test_two_interfaces_of_one_name_which_no_kernel_has_are_read_without_a_failure():
    assert radio_of(dev=dev() + dev(phy=1), stations_wlan0=station(1)) is not None


@given(st.data())
def test_text_that_was_cut_anywhere_tells_less_but_nothing_else(data):
    texts = {name: data.draw(st.sampled_from(_cuts(text)), name) for name, text in WHOLE.items()}
    radio = radio_of(**{name.replace(".", "_"): text for name, text in texts.items()})
    if radio:
        whole = radio_of(**{name.replace(".", "_"): text for name, text in WHOLE.items()})
        assert sum(radio.clients.values()) <= 2
        for name in ("transmit_bytes", "receive_bytes", "active_seconds", "busy_seconds", "noise_dbm"):
            assert getattr(radio, name) in {None, getattr(whole, name)}, name


WHOLE = {
    "dev": dev(),
    "stations.wlan0": station(1, retries=31) + station(2, retries=42),
    "survey.wlan0": survey(2437, 123456, 1234),
    "net": net(123456, 654321, 77),
}


def _cuts(text):
    return [text[:end] for end in range(len(text) + 1)]


def test_a_radio_keeps_its_name_and_its_counters_when_the_kernel_renames_it():
    memory, texts = LookMemory(), a_look(radios="radio1 path pci0000:00/0000:00:00.0\n")
    before = radio_of(memory, phys="0 /sys/devices/pci0000:00/0000:00:00.0\n", **texts)
    renamed = {"dev": dev(phy=3, name="phy3-ap0"), "stations_phy3-ap0": "", "net": net(50, name="phy3-ap0")}
    after = radio_of(memory, phys="3 /sys/devices/pci0000:00/0000:00:00.0\n", radios=texts["radios"], **renamed)
    assert (before.radio, after.radio) == ("radio1", "radio1")
    assert after.receive_bytes == before.receive_bytes + 50


@pytest.mark.parametrize(
    ("names", "phys", "interfaces", "expected"),
    [
        ("radio0 interface wlan1\n", "", {"wlan1": 4}, {4: "radio0"}),
        ("a path soc/w\nb path soc/w+1\n", "5 /sys/devices/soc/w\n2 /sys/devices/soc/w\n", {}, {2: "a", 5: "b"}),
        ("", "1 /sys/devices/x\n", {"wlan0": 0}, {0: "radio0", 1: "radio1"}),
        ("radio0 path x\n", "1 /sys/devices/x\n0 /sys/devices/y\n", {}, {1: "radio0", 0: "phy0"}),
    ],
)
def test_radios_are_found_by_path_by_interface_or_by_their_number(names, phys, interfaces, expected):
    assert machine_texts.radio_names(names, phys, interfaces) == expected


def test_a_change_of_channel_counts_on_and_makes_no_other_series():
    memory = LookMemory()
    first = radio_of(memory, **a_look())
    second = radio_of(memory, **a_look(dev=dev(mhz=2462), survey_wlan0=survey(2437, 1500, 0, "") + survey(2462, 300)))
    assert (first.active_seconds, second.active_seconds) == (1.0, 1.3)
    assert (first.radio, second.frequency_mhz) == (second.radio, 2462)


def test_retries_go_on_while_stations_come_and_go():
    memory = LookMemory()
    looks = [
        station(1, retries=5) + station(2, retries=7),
        station(2, retries=9),
        station(1, retries=1) + station(2, retries=9),
    ]
    assert [radio_of(memory, **a_look(text)).transmit_retries for text in looks] == [12, 14, 15]


def test_who_joined_is_counted_once_for_each_time_they_come():
    memory = LookMemory()
    texts = [station(1), station(1) + station(2), station(2), station(1) + station(2)]
    told = [
        memory.taken(read_measured({"dev": dev(), "stations.wlan0": text}), "b1", 60, NOW).associations
        for text in texts
    ]
    assert [each["success"] for each in told] == [1, 2, 2, 3]


def test_a_counter_that_wraps_at_32_bits_counts_on():
    memory = LookMemory()
    looks = [radio_of(memory, **a_look(net=net(value))) for value in (2**32 - 100, 50)]
    assert looks[1].receive_bytes - looks[0].receive_bytes == 150


def test_a_restart_of_the_device_is_seen_by_its_boot_and_counts_anew():
    memory = LookMemory()
    radio_of(memory, boot="b1", **a_look(net=net(2**31 + 7)))
    assert radio_of(memory, boot="b2", **a_look(net=net(9))).receive_bytes == 9


@pytest.mark.parametrize(
    ("uptime", "later", "bytes_"), [(3660, 60, 5000), (60, 60, 9000), (7200, 30000, 9000), (33600, 30000, 5000)]
)
def test_after_a_restart_of_the_collector_counters_go_on_unless_the_device_restarted_too(uptime, later, bytes_):
    told = Readings((RadioReading("radio0", {}, receive_bytes=5000),))
    before = Observation(NOW, up=True, uptime_seconds=3600, readings=told)
    at = NOW + timedelta(seconds=later)
    assert radio_of(LookMemory(before), uptime=uptime, at=at, **a_look(net=net(9000))).receive_bytes == bytes_


def test_the_processors_share_is_that_of_the_time_between_two_looks():
    memory = LookMemory()
    stat = ["cpu  10 0 10 60 20 0 0 0 0 0\n", "cpu  30 0 20 120 30 0 0 0 0 0\n", "cpu  5 0 0 15 0 0 0 0 0 0\n"]
    told = [memory.taken(read_measured({"stat": each}), "b1", 60, NOW).cpu_busy_ratio for each in stat]
    assert told == [0.2, 0.3, 0.25]


def test_the_uplink_is_the_cable_behind_the_bridge_and_echoes_are_counted():
    memory = LookMemory()
    answers = [
        "64 bytes from 10.0.0.1: seq=0 ttl=64 time=1.250 ms\n1 packets transmitted, 1 packets received, 0% packet loss\n",
        "1 packets transmitted, 0 received, 100% packet loss, time 0ms\n",
        "",
    ]
    texts = {"uplink": "10.0.0.1 eth0\n", "net": net(7, 8, name="eth0") + net(1, 1, name="br-lan")}
    told = [memory.taken(read_measured({**texts, "ping": each}), "b1", 60, NOW).uplink for each in answers]
    assert [(each.rtt_seconds, each.probes, each.probes_lost) for each in told] == [
        (0.00125, 1, 0),
        (None, 2, 1),
        (None, 2, 1),
    ]
    assert (told[0].receive_bytes, told[0].transmit_bytes) == (7, 8)


@pytest.mark.parametrize(
    ("text", "bytes_"),
    [
        ("MemTotal:  100 kB\nMemFree:  40 kB\nMemAvailable:  60 kB\n", 61440),
        ("MemTotal:  100 kB\nMemFree:  40 kB\nBuffers:  1 kB\nCached:  2 kB\n", 44032),
        ("", None),
    ],
)
def test_memory_is_what_the_kernel_calls_available_also_where_it_is_too_old_to(text, bytes_):
    assert machine_texts.memory_available(text) == bytes_


def test_the_temperature_is_the_hottest_zones_that_can_be_true():
    assert machine_texts.temperature("45500\n61000\n-274000\n200000\n0\n") == 61.0
    assert machine_texts.temperature("") is None


def test_no_address_of_a_client_is_in_what_is_remembered_or_shown():
    measured = read_measured({"dev": dev(), "stations.wlan0": station(0x123456)})
    memory = LookMemory()
    memory.taken(measured, "b1", 60, NOW)
    for text in (repr(measured), repr(memory), repr(radio_texts.stations(station(0x123456)))):
        assert "12:34:56" not in text
        assert repr(bytes.fromhex("020000123456")) not in text


_TOTALS = st.none() | st.integers(0, 2**60)
_RADIOS = st.builds(
    RadioReading,
    st.sampled_from(["radio0"]),
    st.just({}),
    active_seconds=st.none() | st.integers(0, 2**40).map(lambda ms: ms / 1000),
    transmit_bytes=_TOTALS,
    transmit_failed=_TOTALS,
)
_UPLINKS = st.builds(UplinkReading, probes=_TOTALS, receive_bytes=_TOTALS)


@given(st.builds(Readings, st.tuples(_RADIOS), _UPLINKS, associations=st.just({"success": 3})))
def test_readings_go_on_from_exactly_the_totals_that_they_told(told):
    blank = Readings((RadioReading("radio0", {}),))
    assert with_totals(blank, totals_of(told)) == told


def _archive(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return gzip.compress(buffer.getvalue())


def _named(files):
    return gzip.compress("".join(f"PROV TEXT {name}\n{text}" for name, text in files.items()).encode())


WHOLE_LOOK = SAID + _named({"dev": dev(), "stations.wlan0": "", "net": "1\n"})


def test_texts_stand_each_behind_its_name_and_those_in_a_tar_of_helpers_from_before_are_the_same():
    files = {"dev": dev(), "stations.wlan0": "", "net": "1\n"}
    assert read_look(Reply(0, WHOLE_LOOK, b""))[1] == files
    assert read_look(Reply(0, SAID + _archive(files), b""))[1] == files


@given(st.integers(len(SAID), len(WHOLE_LOOK) - 1), st.integers(0, 255))
def test_broken_texts_leave_that_it_is_up_and_what_runs_on_it(at, byte):
    broken = WHOLE_LOOK[:at] + bytes([byte]) + WHOLE_LOOK[at + 1 :]
    for said in (WHOLE_LOOK[:at], broken):
        assert read_look(Reply(0, said, b""))[0].facts.model == "Box"
