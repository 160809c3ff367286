"""Access points that nobody can reach tell of themselves: the real control, on both databases, and its door's rules."""

import contextlib
import gzip
import itertools
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import an_access_point
from tests.control.test_control import metrics
from wifi_manager.clock import SystemClock
from wifi_manager.control.looks import A_MINUTE, LARGEST_BODY_BYTES, Pace
from wifi_manager.domain.errors import BadInput, NotFound, TooManyTries
from wifi_manager.domain.observations import PositionReading, RadioReading, Signal, UplinkReading
from wifi_manager.services.collection import SILENT_AFTER, Collection
from wifi_manager.services.telling import Telling
from wifi_manager.wire.looks import LOOKS_MAX, looks_from_json

pytestmark = pytest.mark.slow

_numbers = itertools.count(1)
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
READINGS = {
    "radios": [{"radio": "radio0", "clients": {"good": 3, "poor": 1}, "frequency_mhz": 5180, "busy_seconds": 1.5}],
    "uplink": {"rtt_seconds": 0.04, "receive_bytes": 10},
    "position": {"latitude": 37.5, "longitude": 127.0, "speed": 8},
    "temperature_celsius": 41,
}


def a_push(*uptimes, boot="b1", sent=None, **look):
    looks = [{"uptime_seconds": each, **look} for each in uptimes]
    return {"version": 1, "boot": boot, "uptime_seconds": uptimes[-1] if sent is None else sent, "looks": looks}


class Bus:
    """An access point on wheels, with a token of its own."""

    def __init__(self, city):
        self.city, self.name = city, f"BUS-{next(_numbers)}"
        point = an_access_point(self.name)
        with city.store.begin() as tx:
            tx.sites.save([point.site])
            tx.access_points.save([point], tx.sites.numbers())
        self.telling = Telling(city.store, SystemClock())
        self.token = self.telling.give_token(self.name, "test")

    def push(self, body, token=None, **headers):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        given_ = {"Authorization": f"Bearer {token or self.token}", **headers}
        with httpx.Client(base_url=self.city.control.url, timeout=60, trust_env=False) as http:
            return http.post("/v1/looks", content=data, headers=given_)

    def seen(self):
        with self.city.store.read() as tx:
            return tx.observations.seen(self.name)


@pytest.fixture
def bus(city):
    return Bus(city)


@pytest.mark.slow
def test_what_a_bus_tells_of_itself_is_its_newest_look_dated_by_our_clock(bus):
    before = datetime.now(UTC)
    assert (
        bus.push(a_push(100, sent=160, load=0.5, model="Box", firmware="1.0", readings=READINGS)).status_code == 204
    )
    after, found = datetime.now(UTC), bus.seen().observation
    assert before <= found.at + timedelta(seconds=60) <= after
    assert (found.up, found.uptime_seconds, found.load, found.model) == (True, 100, 0.5, "Box")
    told = found.readings
    radio = RadioReading("radio0", {Signal.GOOD: 3, Signal.POOR: 1}, frequency_mhz=5180, busy_seconds=1.5)
    assert (told.radios, told.uplink) == ((radio,), UplinkReading(rtt_seconds=0.04, receive_bytes=10))
    assert told.position == PositionReading(found.at, 37.5, 127.0, 8.0)


@pytest.mark.slow
def test_looks_that_were_kept_come_in_gzip_and_the_newest_stays_with_the_newest_position(bus):
    body = a_push(40, 100, 160)
    body["looks"][1]["readings"] = READINGS
    body["looks"].reverse()
    assert bus.push(gzip.compress(json.dumps(body).encode()), **{"Content-Encoding": "gzip"}).status_code == 204
    found = bus.seen().observation
    assert found.uptime_seconds == 160
    assert found.readings.position.at == found.at - timedelta(seconds=60)


@pytest.mark.slow
def test_what_was_told_before_changes_nothing_in_whatever_order_it_comes_again(bus):
    old, new, restarted = a_push(100), a_push(100, 160), a_push(30, boot="b2")
    for body, uptime in ((old, 100), (old, 100), (new, 160), (old, 160), (restarted, 30), (new, 30), (restarted, 30)):
        before = bus.seen().observation
        assert bus.push(body).status_code == 204
        found = bus.seen().observation
        assert found.uptime_seconds == uptime
        assert before is None or before.uptime_seconds != uptime or before == found
    assert metrics(bus.city)['wifi_control_looks_total{outcome="known"}'] >= 4


@pytest.mark.slow
def test_who_has_no_token_or_an_old_one_is_told_what_to_do(bus):
    bus.push(a_push(100))
    renewed = bus.telling.give_token(bus.name, "test")
    for token in ("0" * 64, bus.token, "short"):
        answer = bus.push(a_push(200), token)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "collect token" in bus.push(a_push(200)).json()["error"]
    assert bus.push(a_push(200), renewed).status_code == 204
    bus.telling.take_token(bus.name, "test")
    assert bus.push(a_push(300), renewed).status_code == 401
    assert bus.seen().observation.uptime_seconds == 200


@pytest.mark.slow
def test_no_token_is_in_the_database_or_in_a_log(bus):
    bus.push(a_push(100))
    bus.push(b"{", bus.token)
    with bus.city.store.begin() as tx:
        rows = tx.connection.exec_driver_sql("SELECT * FROM look_token").all()
    assert bus.token not in repr(rows)
    assert bytes.fromhex(bus.token) not in [value for row in rows for value in row]
    assert bus.token not in bus.city.control.log()


@pytest.mark.slow
def test_bodies_that_are_broken_too_large_or_too_many_are_refused_in_words(bus):
    bomb = gzip.compress(b" " * (LARGEST_BODY_BYTES + 1))
    packed = {"Content-Encoding": "gzip"}
    for body, headers, words in (
        (b"{", {}, "not JSON"),
        (b"no gzip", packed, "not in gzip"),
        (bomb, packed, "more than"),
        (gzip.compress(b"{}")[:-9], packed, "cut"),
        (json.dumps(a_push(100, readings={"clients": []})).encode(), {}, "unknown fields: clients"),
    ):
        answer = bus.push(body, **headers)
        assert (answer.status_code, words in answer.json()["error"]) == (400, True), answer.text
    assert bus.push(b" " * (LARGEST_BODY_BYTES + 1)).status_code == 413
    answers = [bus.push(b"{") for _ in range(A_MINUTE)]
    assert (answers[-1].status_code, answers[-1].headers["Retry-After"]) == (429, "5")
    assert bus.seen().observation is None


@pytest.mark.slow
def test_one_that_falls_silent_is_down_and_says_why(bus):
    bus.push(a_push(100))
    collection = Collection(bus.city.store)
    told_at = bus.seen().observation.at
    collection.call_silent(told_at + SILENT_AFTER)
    assert bus.seen().observation.up
    collection.call_silent(told_at + SILENT_AFTER + timedelta(seconds=1))
    assert not bus.seen().observation.up
    assert "for five minutes" in bus.seen().reason


def test_a_token_is_for_an_access_point_of_the_inventory(store):
    telling = Telling(store, SystemClock())
    with pytest.raises(NotFound, match="fleet list"):
        telling.give_token("AP-9", "test")
    with pytest.raises(NotFound, match="no token"):
        telling.take_token("AP-9", "test")


def test_pushes_are_let_in_at_their_pace_again_and_each_access_point_has_its_own():
    now = [0.0]
    pace = Pace(now=lambda: now[0])
    for _ in range(A_MINUTE):
        pace.note("AP-1")
    with pytest.raises(TooManyTries, match="several looks into one"):
        pace.note("AP-1")
    pace.note("AP-2")
    now[0] += 60 / A_MINUTE
    pace.note("AP-1")


def _with(**changed):
    return {**a_push(100), **changed}


def _look(**fields):
    return _with(looks=[{"uptime_seconds": 100, **fields}])


def _readings(**fields):
    return _look(readings=fields)


WRONG = [
    (_with(version=2), "version is 1"),
    (_with(boot="x" * 101), "at most 100"),
    (_with(looks=[]), "1 to"),
    (_with(looks=[{"uptime_seconds": 1}] * (LOOKS_MAX + 1)), "1 to"),
    (_with(looks=[7]), "look is a JSON object"),
    (_with(uptime_seconds=99), "at most that of the push"),
    (_with(uptime_seconds=10**9), "seven days"),
    (_look(config_digest="d1"), "SHA-256"),
    (_look(load=float("nan")), "load is a number"),
    (_look(model="a\nb"), "printable"),
    (_readings(radios=[{"radio": "02:00:00:00:00:01"}]), "such as radio0"),
    (_readings(radios=[{"radio": "radio0"}] * 2), "a name of its own"),
    (_readings(radios=[{"radio": "radio0", "clients": {"02:00:00:00:00:01": 1}}]), "unknown fields"),
    (_readings(radios=[{"radio": "radio0", "transmit_bytes": 2**63}]), "below 2"),
    (_readings(cpu_busy_ratio=12), "from 0 to 1"),
    (_readings(position={"latitude": 91, "longitude": 0}), "from -90 to 90"),
    (_readings(position={"latitude": 37}), "lacks longitude"),
    (_readings(associations={"odd": 1}), "unknown fields"),
]


@pytest.mark.parametrize(("body", "words"), WRONG)
def test_what_cannot_be_is_refused_by_its_name(body, words):
    with pytest.raises(BadInput, match=words):
        looks_from_json(body, NOW)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list(READINGS)) | st.text(), inner),
    max_leaves=8,
)


@given(
    _JSON,
    st.sampled_from([lambda x: x, lambda x: _with(looks=x), lambda x: _look(readings=x), lambda x: _look(load=x)]),
)
def test_any_json_is_read_or_refused_and_never_fails(body, around):
    with contextlib.suppress(BadInput):
        looks_from_json(around(body), NOW)
