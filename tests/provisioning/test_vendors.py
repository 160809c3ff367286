"""What access points of other vendors say, by simulators of their command lines. Over SSH: test_watched_points.py."""

from datetime import timedelta

import pytest

from provisioning.credentials import Rotation
from provisioning.drivers import routeros
from provisioning.link import Garbled, Reply
from provisioning.look_memory import LookMemory
from provisioning.platforms import WATCHED, looker, render
from tests.builders import NOON, an_access_point
from tests.fakes.clock import FrozenClock
from tests.lab import routeros_shell
from tests.lab.vendor_access_points import RouterOsSimulator, UnifiSimulator
from tests.provisioning.kit import an_intent
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.observations import Signal

PHONES = {"02:00:00:00:00:01": -50, "02:00:00:00:00:02": -70, "02:00:00:00:00:03": -80}
SIMULATORS = {"unifi": UnifiSimulator, "routeros": RouterOsSimulator}
ON_FIRST = {"unifi": "ath0", "routeros": "guests"}  # an interface of the first radio
RADIOS = {"unifi": ["wifi0", "wifi1"], "routeros": ["wifi1", "wifi2"]}


@pytest.fixture(params=SIMULATORS)
def platform(request):
    return request.param


@pytest.fixture
def device(platform, tmp_path):
    return SIMULATORS[platform](tmp_path)


def look_at(platform, device, memory=None, clock=None):
    """One look at what this device says now."""
    device.write()
    path = device.folder / "answers.json"
    said = path.read_text() if platform == "unifi" else routeros_shell.said(path, "", WATCHED[platform].command)
    return heard(platform, said.encode(), memory, clock)


def heard(platform, said, memory=None, clock=None):
    """One look at a device that says this."""

    class Line:
        def run(self, _command, _stdin=b""):
            return Reply(0, said, b"")

    return looker(platform, Line(), clock or FrozenClock(NOON)).observe(memory or LookMemory())


@pytest.fixture
def looks(platform, device):
    """Looks at a device in order, as the collector does; each a minute after the one before."""
    memory, clock = LookMemory(), FrozenClock(NOON)

    def look(*, seconds=60, moved=0, restarts=False):
        clock.advance(timedelta(seconds=seconds))
        device.restarts() if restarts else device.passes(seconds, moved=moved)
        return look_at(platform, device, memory, clock).readings

    return look


def test_clients_are_counted_by_radio_and_signal_and_by_their_joining(looks, device, platform):
    device.hears(**{ON_FIRST[platform]: PHONES})
    first = looks()
    assert [each.radio for each in first.radios] == RADIOS[platform]
    assert first.radios[0].clients == {Signal.GOOD: 1, Signal.FAIR: 1, Signal.POOR: 1}
    assert sum(first.radios[1].clients.values()) == 0
    assert first.associations == {"success": 3}

    device.hears(**{ON_FIRST[platform]: {"02:00:00:00:00:01": -50, "02:00:00:00:00:09": -60}})
    assert looks().associations == {"success": 4}


def test_bytes_go_on_over_a_restart_of_the_device_from_nothing(looks, platform):
    radios = {"unifi": 1, "routeros": 2}[platform]  # interfaces of the first radio
    first = looks()
    assert (first.uplink.receive_bytes, first.radios[0].transmit_bytes) == (10**9, radios * 10**9)
    assert looks(moved=500).uplink.receive_bytes == 10**9 + 500
    assert looks(restarts=True).uplink.receive_bytes == 1000
    assert looks(moved=70).uplink.transmit_bytes == 1070


def test_what_the_machine_and_its_air_say(looks, platform):
    told = looks()
    expected = {
        "unifi": ([2437, 5220], [20.0, 20.0], 0.125, 300_000_000, None),
        "routeros": ([2437, 5180], [17.0, 23.0], 0.07, 850_000_000, 48.0),
    }[platform]
    assert (
        [each.frequency_mhz for each in told.radios],
        [each.transmit_power_dbm for each in told.radios],
        told.cpu_busy_ratio,
        told.memory_available_bytes,
        told.temperature_celsius,
    ) == expected


def test_shares_of_air_time_become_counters_whose_ratio_is_the_share(tmp_path):
    device, memory, clock = UnifiSimulator(tmp_path), LookMemory(), FrozenClock(NOON)

    def look(percent, seconds=60):
        device.busy_percent = percent
        clock.advance(timedelta(seconds=seconds))
        device.passes(seconds)
        return look_at("unifi", device, memory, clock).readings.radios[0]

    first = look(90)
    assert (first.active_seconds, first.busy_seconds) == (0, 0)  # nobody knows for how long
    second, third = look(30), look(50)
    assert (second.active_seconds, second.busy_seconds) == (60, 18)
    assert (third.active_seconds, third.busy_seconds) == (120, 48)
    assert (third.receive_seconds, third.transmit_seconds) == (3.6, 6)
    assert look(100, seconds=3 * 3600).active_seconds == 120 + 600  # nobody looked: it may have been otherwise


def test_an_echo_of_the_gateway_is_timed(looks, platform):
    told = looks().uplink
    if platform == "routeros":
        assert (told.rtt_seconds, told.probes, told.probes_lost) == (0.002613, 1, 0)
        return
    said = b"2 packets transmitted, 1 received\nrtt time=3.5 ms\n" + b'{"model": "U6", "uptime": 5}'
    told = heard("unifi", said).readings.uplink
    assert (told.rtt_seconds, told.probes, told.probes_lost) == (0.0035, 2, 1)


BROKEN = [
    b"", b"sh: mca-dump: not found\n", b"bad command name wifi (line 1 column 2)", b"{", b"[]", b"{}", b'{"uptime": 5}',
    b'{"model": "U6"}', b'{"model": 7, "uptime": "x"}', b'{"system": []}', b"{" * 100_000, b'{"a":' + b"[" * 100_000,
    b'{"model": "U6", "uptime": -5}', b'{"model": "U6", "uptime": 123456789012345678}',
    b'{"system": {"uptime": "999999999w", "board-name": "hAP"}}', b"\xff\xfe{\x00",
]  # fmt: skip


@pytest.mark.parametrize("said", BROKEN)
def test_what_no_such_device_says_is_named_and_is_no_look(platform, said):
    with pytest.raises(Garbled, match="not as this platform does"):
        heard(platform, said)


HOSTILE = [
    None,
    True,
    [],
    {},
    "",
    "x",
    "\n",
    -1,
    1e308,
    "9" * 400,
    "-67@6Mbps",
    [None],
    [[]],
    [{"name": []}],
    {"a": {}},
]


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
def test_a_strange_value_anywhere_costs_no_more_than_itself(platform, device, value):
    device.hears(**{ON_FIRST[platform]: PHONES})
    whole = device.says()
    needed = {("model",), ("model_display",), ("uptime",), ("/system/resource",)}
    for path in _paths(whole):
        if (path[0],) in needed:
            continue
        said = _with(whole, path, value)
        device.says = lambda said=said: said
        found = look_at(platform, device)
        assert found.up
        for radio in found.readings.radios:
            assert radio.radio
            assert "\n" not in radio.radio


def _paths(value, path=()):
    """Every place of a document, the outermost first."""
    for at, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, at)
        yield from _paths(each, (*path, at))


def _with(value, path, new):
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _with(copy[path[0]], path[1:], new)
    return copy


def test_no_change_and_no_key_goes_to_a_device_that_is_watched(platform):
    class Keeping:
        def access_point(self, name):
            return an_access_point(name, platform=platform)

    with pytest.raises(BadInput, match="watched and not configured"):
        render(an_intent(), platform)
    with pytest.raises(BadInput, match="watched and not configured"):
        Rotation(Keeping(), None, "test").rotate("AP-0001")


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("1w2d3h4m5s", 9 * 86400 + 3 * 3600 + 245),
        ("1w2d03:04:05.25", 9 * 86400 + 3 * 3600 + 245.25),
        ("00:00:10", 10),
        ("2ms613us", 0.002613),
        ("5m3s", 303),
        *((strange, None) for strange in ("", "never", "5x", "5s junk", "12", None, 5, "-00:00:01", "1:2:3")),
    ],
)
def test_times_are_read_as_routeros_writes_them(said, seconds):
    found = routeros.duration(said)
    assert (None if found is None else found.total_seconds()) == seconds
