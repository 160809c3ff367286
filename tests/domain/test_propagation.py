"""Published models: our own recorded radii, and a second implementation written from the recommendations' text."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.coverage import second_opinion
from wifi_manager.domain.propagation import (
    MODELS,
    P1411_HIGH_RISE,
    P1411_LINE_OF_SIGHT,
    P1411_RESIDENTIAL,
    Environment,
    Heights,
    above,
    branches,
    entry_loss,
    mean_loss,
    spread,
    umi_break_point,
    umi_hidden,
    umi_line_of_sight,
    umi_sight,
    umi_single_slope,
)

MAST = Heights(6.0, 1.5)
GHZ_2_4, GHZ_5 = 2.437, 5.5
# Radius in metres along the ground at which the median falls to the threshold: P.1411 with a line of sight and among
# high-rises; UMi with a line of sight on one slope and with its break point, without one, and the mean of one slope.
RADII = [
    (GHZ_2_4, 20, -67, (219, 49, 170, 119, 39, 61)),
    (GHZ_2_4, 20, -75, (523, 77, 409, 190, 66, 91)),
    (GHZ_2_4, 30, -67, (650, 87, 510, 213, 75, 100)),
    (GHZ_2_4, 30, -75, (1550, 138, 1226, 338, 127, 153)),
    (GHZ_5, 23, -67, (135, 36, 108, 108, 29, 49)),
    (GHZ_5, 23, -75, (322, 57, 262, 221, 49, 73)),
    (GHZ_5, 30, -67, (289, 54, 234, 208, 46, 69)),
    (GHZ_5, 30, -75, (689, 85, 564, 331, 78, 103)),
]


def radius(loss, budget):
    """The farthest metre at which the loss is no more than the budget."""
    low, high = 1.0, 5000.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if loss(middle) <= budget else (low, middle)
    return low


def losses(ghz):
    def single(d):
        return umi_single_slope(MAST.slant(d), ghz)

    def mean_of_single(d):
        steep = 35.3 * math.log10(MAST.slant(d)) + 22.4 + 21.3 * math.log10(ghz)
        return umi_sight(d) * single(d) + (1 - umi_sight(d)) * max(single(d), steep)

    return (
        lambda d: P1411_LINE_OF_SIGHT.loss(d, ghz),
        lambda d: P1411_HIGH_RISE.loss(d, ghz),
        single,
        lambda d: umi_line_of_sight(d, ghz, MAST),
        lambda d: umi_hidden(d, ghz, MAST),
        mean_of_single,
    )


@pytest.mark.parametrize(("ghz", "eirp", "threshold", "expected"), RADII)
def test_radii_are_the_recorded_ones_within_a_metre(ghz, eirp, threshold, expected):
    found = [radius(loss, eirp - threshold) for loss in losses(ghz)]
    assert found == [pytest.approx(each, abs=1.0 + each * 0.003) for each in expected]


def test_the_break_point_hardly_moves_the_mean():
    def with_break(d):
        return mean_loss(branches(Environment.STREET, d, GHZ_2_4, MAST))

    assert radius(with_break, 105) == pytest.approx(148, abs=1)
    assert (umi_break_point(GHZ_2_4, MAST), umi_break_point(GHZ_5, MAST)) == pytest.approx((81, 183), abs=1)


distances = st.floats(10, 160)
frequencies = st.floats(2.4, 7.1)
heights = st.builds(Heights, st.floats(2, 30), st.floats(1.2, 2))


@given(distances, frequencies)
def test_site_general_loss_is_what_a_second_implementation_says(d, ghz):
    for row, other in (
        (P1411_LINE_OF_SIGHT, second_opinion.itu_line_of_sight),
        (P1411_HIGH_RISE, second_opinion.itu_high_rise),
        (P1411_RESIDENTIAL, second_opinion.itu_residential),
    ):
        assert row.loss(d, ghz) == pytest.approx(other(d, ghz), abs=1e-9)


@given(st.floats(10, 2000), frequencies, heights)
def test_umi_is_what_a_second_implementation_says(d, ghz, tall):
    seen, hidden = second_opinion.umi(d, ghz, tall.antenna, tall.phone)
    # The second one takes light's speed as the report rounds it: the break point moves by 0.07 %.
    assert umi_line_of_sight(d, ghz, tall) == pytest.approx(seen, abs=0.02)
    assert umi_hidden(d, ghz, tall) == pytest.approx(hidden, abs=0.02)
    assert umi_sight(d) == pytest.approx(second_opinion.umi_probability(d), abs=1e-12)


@given(st.floats(10, 500), st.floats(0, 36), st.sampled_from([-67.0, -75.0]))
def test_how_likely_a_street_has_enough_is_what_a_second_implementation_says(d, power, threshold):
    ways = branches(Environment.STREET, d, GHZ_2_4, MAST)
    assert above(ways, power, threshold) == pytest.approx(
        second_opinion.street_likely(power, d, GHZ_2_4, 6.0, 1.5, threshold), abs=2e-3
    )


@given(st.sampled_from(list(Environment)), st.floats(1, 4000), st.floats(1, 100), frequencies)
def test_nothing_gets_louder_with_the_distance(environment, d, more, ghz):
    near, far = branches(environment, d, ghz, MAST), branches(environment, d + more, ghz, MAST)
    assert not far or mean_loss(far) >= mean_loss(near) - 1e-9


@pytest.mark.parametrize("environment", list(Environment))
def test_nothing_is_promised_beyond_a_models_range(environment):
    model = MODELS[environment]
    assert branches(environment, model.farthest + 1, GHZ_5, MAST) == ()
    assert branches(environment, 1, GHZ_5, MAST) == branches(environment, model.nearest, GHZ_5, MAST)


def test_the_spread_of_a_street_is_wider_than_of_its_ways_alone():
    ways = branches(Environment.STREET, 60, GHZ_5, MAST)
    assert spread(ways) > max(each.sigma for each in ways)
    assert spread(ways[:1] if ways[0].share == 1 else branches(Environment.STREET, 12, GHZ_5, MAST)) == pytest.approx(
        4
    )


def test_walls_cost_what_p2109_says():
    assert entry_loss(2.437) == pytest.approx(14.2, abs=0.05)
    assert entry_loss(5.5, is_insulated=True) == pytest.approx(30.6, abs=0.05)
