"""A map that is kept true equals one that is computed as a whole, and only what changed is computed anew."""

import gc
import random
import tracemalloc
from datetime import timedelta

import numpy as np
import pytest

from tests.builders import NOON, a_site, an_access_point
from tests.coverage.test_city import ASSUMED, RADIOS, place
from wifi_manager.coverage.city import Material, city_map
from wifi_manager.coverage.living import LivingMap
from wifi_manager.coverage.pictures import Scale
from wifi_manager.domain.access_points import Band, LifeCycle
from wifi_manager.domain.coverage import Sample, fleet
from wifi_manager.domain.sites import SiteKind

pytestmark = pytest.mark.slow

SCALE = Scale.of(-67, -75)
CHANCE = random.Random(8)


def point(number, north, east):
    """Every fourth is nobody's to poll; two districts, far from each other."""
    site = a_site(name=f"Corner {number}", district="Far" if north > 2000 else "Near", kind=SiteKind.STREET)
    cycle = LifeCycle.REGISTERED if number % 4 == 3 else LifeCycle.MANAGED
    where = place(north + CHANCE.random(), east + CHANCE.random())
    return an_access_point(f"AP-{number}", site=site, position=where, radios=RADIOS, life_cycle=cycle)


POINTS = [point(n, 90 * (n // 4) + (4000 if n >= 12 else 0), 110 * (n % 4)) for n in range(24)]
POLLED = {each.external_id for each in POINTS if each.life_cycle is LifeCycle.MANAGED}
SAMPLES = [
    Sample(each.position, NOON - timedelta(days=n), band, -55.0 - n, each.external_id if n % 2 else "")
    for n, each in enumerate(POINTS)
    for band in (Band.GHZ_2_4, Band.GHZ_5)[: 1 + n % 2]
]


def whole(up, **given):
    return LivingMap.of(city_map(Material(fleet(POINTS, up, ASSUMED), ASSUMED, **given), NOON), SCALE)


def told(living):
    found = living.found
    return found.sentences(), living.shares(), living.pictures(), found.geohashes(), living.hexagons()


def assert_alike(one, other):
    assert told(one) == told(other)
    for a, b in zip(one.found.views, other.found.views, strict=True):
        assert (a.band, a.source) == (b.band, b.source)
        np.testing.assert_array_equal(a.signal, b.signal, strict=True)
    for band, layers in one.found.signals.bands.items():
        np.testing.assert_array_equal(layers.misses, other.found.signals.bands[band].misses, strict=True)


@pytest.mark.parametrize(
    "given", [{}, {"samples": SAMPLES}, {"people": [(place(0, 0), 900.0)]}], ids=["alone", "measured", "people"]
)
def test_a_map_that_has_followed_failures_and_returns_equals_the_whole_one_to_the_last_bit(given):
    chance = random.Random(len(given))
    living = whole(POLLED, **given)
    for count in (17, 16, 3, 0, 9, 18):
        up = set(chance.sample(sorted(POLLED), count))
        living.while_up(up)
        assert_alike(living, whole(up, **given))


def test_only_areas_where_something_was_painted_anew_are_counted_and_drawn_anew():
    living = whole(POLLED)
    before = {area: [id(share) for share in living.shares() if share.area == area] for area in ("", "Near", "Far")}
    far = living.pictures()["Far"]
    living.while_up(POLLED - {"AP-0"})
    after = {area: [id(share) for share in living.shares() if share.area == area] for area in ("", "Near", "Far")}
    assert [area for area in before if before[area] == after[area]] == ["Far"]
    assert living.pictures()["Far"] is far


def test_a_map_takes_no_more_room_the_longer_it_is_kept_true():
    living = whole(POLLED, samples=SAMPLES)

    def fail_and_return():
        living.while_up(POLLED - {"AP-1", "AP-14"})
        living.while_up(POLLED)
        gc.collect()

    fail_and_return()
    tracemalloc.start()
    try:
        fail_and_return()
        once = tracemalloc.get_traced_memory()[0]
        for _ in range(5):
            fail_and_return()
        assert tracemalloc.get_traced_memory()[0] - once < living.found.view().signal.nbytes, "one layer"
    finally:
        tracemalloc.stop()
