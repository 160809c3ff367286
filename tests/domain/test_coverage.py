"""Who transmits with what, who is left out, and how a place is written as a geohash."""

from dataclasses import replace

import pytest

from tests.builders import a_site, an_access_point
from wifi_manager.domain.access_points import Band, LifeCycle, Radio
from wifi_manager.domain.coverage import Omission, fleet
from wifi_manager.domain.geohashes import geohash
from wifi_manager.domain.sites import Position, SiteKind
from wifi_manager.services.coverage_assumptions import shipped_assumptions

ASSUMED = shipped_assumptions()
STREET = a_site(kind=SiteKind.STREET)


def powers(point):
    return {each.band: each.power for each in fleet([point], (), ASSUMED).transmitters}


def test_radios_of_the_inventory_win_over_what_their_kind_is_taken_to_have():
    known = (
        Radio("radio0", Band.GHZ_5, 36, 30.0),
        Radio("radio1", Band.GHZ_5, 40, 20.0),
        Radio("radio2", Band.GHZ_2_4),
    )
    assert powers(an_access_point(site=STREET, radios=known)) == {"5": 30.0, "2.4": 20.0}
    assert powers(an_access_point(site=STREET, radios=())) == {"2.4": 20.0, "5": 23.0}


def test_indoor_access_points_count_outdoors_only_through_a_wall():
    inside = an_access_point(site=STREET, indoor=True, radios=())
    assert powers(inside) == pytest.approx({"2.4": 20.0 - 14.2, "5": 23.0 - 15.9})
    hall = an_access_point(site=a_site(kind=SiteKind.HALL), radios=(), indoor=None)
    assert powers(hall) == powers(inside), "a hall's are taken to be indoors where nobody said"
    assert powers(replace(hall, indoor=False))["2.4"] == 20.0


def test_what_does_not_count_is_counted_by_its_reason():
    points = [
        an_access_point("A", site=STREET),
        an_access_point("B", position=None),
        an_access_point("C", site=a_site(kind=SiteKind.BUS)),
        an_access_point("D", life_cycle=LifeCycle.RETIRED),
        an_access_point("E", life_cycle=LifeCycle.MANAGED),
        an_access_point("F", life_cycle=LifeCycle.MANAGED, radios=()),
    ]
    found = fleet(points, {"F"}, ASSUMED)
    assert {each.access_point for each in found.transmitters} == {"A", "E", "F"}, "one that is down may return"
    assert (found.polled, found.down, found.unpowered) == ({"E", "F"}, {"E"}, {"F"})
    assert found.omitted == dict.fromkeys((Omission.RETIRED, Omission.NO_POSITION, Omission.MOVING), 1)
    assert len(found.standings) == 3, "one that is down keeps its place in its district"
    assert found.sentences() == [
        "2 access points count.",
        "1 of them are not polled and are taken to be up.",
        "1 of them lack a power in the inventory and take that of their kind of site.",
        "1 do not count: retired.",
        "1 do not count: no position.",
        "1 do not count: moving.",
        "1 do not count: down.",
    ]


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [
        (57.64911, 10.40744, "u4pruydqqvj"),
        (42.605, -5.603, "ezs42"),
        (-25.382708, -49.265506, "6gkzwgjzn820"),
        (90, 180, "zzz"),
    ],
)
def test_geohashes_are_those_of_others(latitude, longitude, expected):
    assert geohash(Position(latitude, longitude), len(expected)) == expected
