"""The map is what the formulas say in each cell, only faster; a failure and a return leave it as it was."""

import itertools
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.coverage import second_opinion
from tests.coverage.kit import ASSUMED, CORNERS, a_map, a_transmitter
from wifi_manager.coverage.grid import around
from wifi_manager.domain.access_points import Band
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.propagation import MODELS, Environment
from wifi_manager.domain.sites import Position

GOOD, USABLE = 0, 1
FLOOR = -85.0
OTHERS = {
    Environment.OPEN: (second_opinion.itu_line_of_sight, 5.06),
    Environment.RESIDENTIAL: (second_opinion.itu_residential, 3.07),
    Environment.HIGH_RISE: (second_opinion.itu_high_rise, 7.60),
}

transmitters = st.lists(
    st.builds(
        a_transmitter,
        st.integers(1, 10**6),
        st.floats(0, 1000),
        st.floats(0, 1000),
        environment=st.sampled_from(list(Environment)),
        power=st.sampled_from([2.0, 17.0, 20.0, 23.5]),
        band=st.sampled_from([Band.GHZ_2_4, Band.GHZ_5]),
    ),
    min_size=2,
    max_size=12,
    unique_by=lambda each: each.access_point,
)
quickly = settings(max_examples=8, deadline=None)


def plain(one, grid):
    """The same transmitter for the plain map."""
    (x,), (y,) = grid.places(np.array([one.position.latitude]), np.array([one.position.longitude]))
    ghz, model = ASSUMED.frequency[one.band], MODELS[one.environment]
    if one.environment is Environment.STREET:
        return (
            x,
            y,
            lambda d: second_opinion.street_signal(one.power, d, ghz, 6.0, 1.5),
            lambda d, limit: second_opinion.street_likely(one.power, d, ghz, 6.0, 1.5, limit),
            model.farthest,
        )
    formula, sigma = OTHERS[one.environment]

    def signal(d):
        return one.power - formula((max(d, model.nearest) ** 2 + 4.5**2) ** 0.5, ghz)

    return x, y, signal, lambda d, limit: second_opinion.tail((limit - signal(d)) / sigma), model.farthest


def test_a_small_city_equals_a_plain_implementation_to_a_tenth_of_a_decibel():
    rng = random.Random(7)
    kinds = list(Environment)
    city = [
        a_transmitter(
            n, rng.uniform(0, 400), rng.uniform(0, 400), environment=kinds[n % 4], power=rng.choice((6.0, 17.0))
        )
        for n in range(16)
    ]
    found = a_map(city)
    grid, layers = found.grid, found.bands[Band.GHZ_2_4]
    rows, columns = (np.arange(grid.margin - 10, grid.margin + 30, 3) for _ in "xy")
    middles = [((c + 0.5) * grid.cell, (r + 0.5) * grid.cell) for r, c in itertools.product(rows, columns)]
    limits = list(ASSUMED.thresholds.values())
    expected = second_opinion.plain_map([plain(each, grid) for each in city], middles, FLOOR, limits)
    mask = np.zeros((grid.rows, grid.columns), bool)
    mask[np.ix_(rows, columns)] = True
    likely = [layers.likely(number, mask) for number in range(2)]
    for number, (signal, (told, limit_told)) in enumerate(zip(layers.signal[mask].tolist(), expected, strict=True)):
        if told is None or not np.isfinite(signal):  # within 0.1 dB of the floor either may hear nothing
            assert max(told or FLOOR, FLOOR if not np.isfinite(signal) else signal) < FLOOR + 0.1
            continue
        assert signal == pytest.approx(told, abs=0.1)
        assert [each[number] for each in likely] == pytest.approx(limit_told, abs=0.03)


@quickly
@given(transmitters, st.data())
def test_a_failure_and_a_return_leave_every_bit_as_it_was(city, data):
    found = a_map(city)
    before = {band: (each.signal.copy(), each.misses.copy()) for band, each in found.bands.items()}
    names = data.draw(st.lists(st.sampled_from([each.access_point for each in city]), min_size=1))
    found.switch(names, on=False)
    without = a_map([each for each in city if each.access_point not in names])
    for band, layers in found.bands.items():
        signal = without.bands[band].signal if band in without.bands else np.full_like(layers.signal, -np.inf)
        assert np.array_equal(layers.signal, signal), "as if they had never been there"
    found.switch(names, on=True)
    for band, (signal, misses) in before.items():
        assert np.array_equal(found.bands[band].signal, signal)
        assert np.array_equal(found.bands[band].misses, misses)


@quickly
@given(transmitters)
def test_one_more_access_point_never_takes_a_signal_away(city):
    more, fewer = a_map(city), a_map(city[1:])
    for band, layers in fewer.bands.items():
        assert (more.bands[band].signal >= layers.signal).all()
        assert (more.bands[band].misses <= layers.misses + 1e-5).all()


@quickly
@given(transmitters, st.randoms())
def test_the_order_in_the_inventory_changes_nothing(city, rng):
    shuffled = rng.sample(city, len(city))
    one, other = a_map(city), a_map(shuffled)
    for band, layers in one.bands.items():
        assert np.array_equal(layers.signal, other.bands[band].signal)
        assert np.array_equal(layers.misses, other.bands[band].misses)


def test_a_signal_is_the_same_on_all_sides():
    found = a_map([a_transmitter(1, 500, 500)])
    (group,) = found.groups
    group.x[:] = (group.columns + 0.5) * found.grid.cell  # to the middle of its cell
    group.y[:] = (group.rows + 0.5) * found.grid.cell
    found.switch(["AP-1"], on=False)
    found.switch(["AP-1"], on=True)
    ((_, window),) = found.windows("AP-1")
    part = found.bands[Band.GHZ_2_4].signal[window]
    assert part.max() == part[group.half, group.half]
    for turned in (part[::-1], part[:, ::-1], part.T):
        assert np.array_equal(part, turned)


def test_one_that_is_too_weak_to_be_heard_is_on_no_map():
    found = a_map([a_transmitter(1, 500, 500, power=-29.0)])
    assert found.bands == {}
    assert found.switch(["AP-1", "nobody"], on=False) == []


def test_a_second_failure_of_the_same_paints_nothing():
    found = a_map([a_transmitter(1, 500, 500)])
    assert len(found.switch(["AP-1"], on=False)) == 1
    assert found.switch(["AP-1"], on=False) == []


@pytest.mark.parametrize(
    ("positions", "said"),
    [
        ([], "No access point has a position"),
        ([Position(80, 10)], "latitude 80.0: maps are computed up to 75 degrees"),
        ([*CORNERS, *CORNERS, Position(0, 0)], "position 0.00000, 0.00000 is .* km from the city's middle"),
    ],
)
def test_what_no_plane_can_hold_is_refused_with_what_to_do(positions, said):
    with pytest.raises(BadInput, match=said):
        around(positions, 20.0, 0.0, 0.0)


def test_a_map_of_too_many_cells_is_refused():
    with pytest.raises(BadInput, match="Choose larger cells"):
        around([Position(37, 127), Position(37.6, 127.8)], 5.0, 0.0, 0.0)


@given(st.floats(-70, 70), st.floats(-180, 180), st.floats(-20_000, 20_000), st.floats(-20_000, 20_000))
def test_metres_and_degrees_lead_back_also_across_the_date_line(latitude, longitude, east, north):
    plane = around([Position(latitude, longitude)], 20.0, 0.0, 0.0).plane
    there = plane.degrees(np.array([east]), np.array([north]))
    back = plane.flat(*there)
    assert (back[0][0], back[1][0]) == pytest.approx((east, north), abs=1e-3)


def test_the_spread_of_each_cell_is_that_of_the_model_it_is_heard_by():
    city = [
        a_transmitter(1, 300, 300, environment=Environment.OPEN, power=10.0),
        a_transmitter(2, 800, 800, environment=Environment.HIGH_RISE),
        a_transmitter(3, 300, 900),
    ]
    found = a_map(city)
    rows, columns = found.grid.cells(
        [a_transmitter(0, *where).position for where in ((300, 330), (800, 840), (300, 903), (1200, 0))]
    )
    spreads = found.spreads(Band.GHZ_2_4, rows, columns)
    assert spreads[:3] == pytest.approx([5.06, 7.60, 4.0], abs=0.01)
    assert np.isnan(spreads[3]) == (found.bands[Band.GHZ_2_4].signal[rows[3], columns[3]] == -np.inf)
