"""The newest observation of each access point, on both databases."""

from datetime import timedelta

import pytest

from tests.builders import NOON, an_access_point
from wifi_manager.domain.access_points import Managed, Management
from wifi_manager.domain.errors import NotFound
from wifi_manager.domain.observations import (
    Health,
    Looked,
    Observation,
    PositionReading,
    RadioReading,
    Readings,
    Signal,
    UplinkReading,
    health,
)
from wifi_manager.storage.pushes import Wanted
from wifi_manager.storage.reports import FleetFilter

REACH = Management("10.4.0.2", 22, "root", "SHA256:abc")
DOWN = Observation(NOON, up=False)
RADIO = RadioReading(
    "radio0",
    {Signal.GOOD: 3, Signal.POOR: 1},
    frequency_mhz=2437,
    noise_dbm=-92.0,
    active_seconds=60.5,
    transmit_bytes=2**63,
)
READINGS = Readings(
    (RADIO, RadioReading("radio1", {})),
    UplinkReading(rtt_seconds=0.012, probes=5, probes_lost=0),
    PositionReading(NOON, 37.5, 127.0, 8.5),
    cpu_busy_ratio=0.25,
    associations={"success": 4},
)
UP = Observation(
    NOON,
    up=True,
    uptime_seconds=60,
    load=0.5,
    config_digest="d1",
    model="Box",
    pending=False,
    readings=READINGS,
)


@pytest.fixture
def fleet(store):
    """A store with one managed access point and one that nobody has spoken to."""
    points = [an_access_point("AP-1"), an_access_point("AP-2")]
    with store.begin() as tx:
        tx.sites.save([points[0].site])
        tx.access_points.save(points, tx.sites.numbers())
        tx.access_points.manage("AP-1", "openwrt", REACH)
    return store


def seen_after(store, *found, reason=""):
    with store.begin() as tx:
        for each in found:
            tx.observations.record([Looked("AP-1", each, reason)])
        return tx.observations.seen("AP-1")


def test_only_managed_access_points_are_polled_and_shown(fleet):
    with fleet.read() as tx:
        assert tx.observations.managed() == {"AP-1": Managed(REACH, "openwrt")}
        assert [each.external_id for each in tx.observations.all_seen()] == ["AP-1"]
        assert tx.observations.seen("AP-2") is None


def test_before_the_first_poll_nothing_is_claimed(fleet):
    seen = seen_after(fleet)
    assert (seen.observation, seen.last_seen_at, seen.in_sync) == (None, None, None)


def test_an_observation_comes_back_as_it_was_recorded(fleet):
    seen = seen_after(fleet, UP)
    assert (seen.observation, seen.last_seen_at) == (UP, NOON)


def test_one_that_went_down_says_why_and_when_it_was_last_seen(fleet):
    down = Observation(NOON + timedelta(minutes=5), up=False)
    seen = seen_after(fleet, UP, down, reason="It does not answer over SSH.")
    assert (seen.observation, seen.last_seen_at) == (down, NOON)
    assert seen.reason == "It does not answer over SSH."


def test_a_poll_that_hung_does_not_overwrite_a_newer_one(fleet):
    late = Observation(NOON - timedelta(minutes=1), up=False)
    assert seen_after(fleet, UP, late).observation == UP


def test_looks_at_many_are_kept_at_once_and_the_newest_of_each_stays(fleet):
    later = Observation(NOON + timedelta(minutes=1), up=True, uptime_seconds=120)
    with fleet.begin() as tx:
        tx.access_points.manage("AP-2", "openwrt", REACH)
        tx.observations.record([Looked("AP-2", DOWN, "no route"), Looked("AP-1", later), Looked("AP-9", UP)])
        tx.observations.record([Looked("AP-1", UP), Looked("AP-2", later)])
        assert [(each.observation, each.reason) for each in tx.observations.all_seen()] == [(later, ""), (later, "")]


def test_what_it_told_last_is_known_while_it_does_not_answer(fleet):
    seen_after(fleet, UP, Observation(NOON + timedelta(minutes=5), up=False))
    with fleet.read() as tx:
        assert (tx.observations.last_up("AP-1"), tx.observations.last_up("AP-2")) == (UP, None)
    with fleet.begin() as tx:
        tx.access_points.manage("AP-2", "openwrt", REACH)
        tx.observations.record([Looked("AP-2", DOWN)])
        assert tx.observations.last_up("AP-2") is None


def test_sync_is_the_digest_that_was_committed(fleet):
    seen_after(fleet, UP)
    for digest, in_sync in (("d1", True), ("d2", False)):
        with fleet.begin() as tx:
            tx.pushes.set_wanted("AP-1", Wanted("", digest, NOON))
            assert tx.observations.seen("AP-1").in_sync is in_sync


def test_managing_what_is_not_in_the_inventory_is_refused(fleet):
    with fleet.begin() as tx, pytest.raises(NotFound, match="fleet list"):
        tx.access_points.manage("AP-9", "openwrt", REACH)


def test_a_poll_of_one_that_left_the_inventory_is_dropped(fleet):
    with fleet.begin() as tx:
        tx.observations.record([Looked("AP-9", UP)])
        assert [each.external_id for each in tx.observations.all_seen()] == ["AP-1"]


def test_the_fleet_list_and_the_counts_tell_what_polls_found_and_forget_old_ones(fleet):
    found = {}
    with fleet.begin() as tx:
        tx.observations.record([Looked("AP-1", UP)])
        for since in (None, NOON, NOON + timedelta(seconds=1)):
            lines = tx.reports.fleet(FleetFilter(polled_since=since), limit=9).lines
            found[since] = [(line.external_id, line.health) for line in lines]
            for health in Health:
                page = tx.reports.fleet(FleetFilter(health=health.value, polled_since=since), limit=9)
                expected = [line for line in lines if line.health == health]
                assert (list(page.lines), page.total) == (expected, len(expected))
        assert tx.reports.health_counts(NOON) == {Health.UP: 1}
        assert tx.reports.health_counts(NOON + timedelta(seconds=1)) == {Health.UNKNOWN: 1}
    up, unknown = [("AP-1", "up"), ("AP-2", "")], [("AP-1", "unknown"), ("AP-2", "")]
    assert list(found.values()) == [up, up, unknown]


@pytest.mark.parametrize(
    ("newest", "minutes", "expected"),
    [(None, 0, Health.UNKNOWN), (UP, 10, Health.UP), (UP, 11, Health.UNKNOWN), (DOWN, 1, Health.DOWN)],
)
def test_what_a_poll_found_counts_for_ten_minutes(newest, minutes, expected):
    assert health(newest, NOON + timedelta(minutes=minutes)) is expected
