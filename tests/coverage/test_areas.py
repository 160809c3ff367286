"""Areas: hulls where nobody drew an outline, outlines with holes, and what is counted in them."""

import numpy as np
import pytest

from tests.coverage.kit import ASSUMED, CORNERS, SOUTH, WEST
from wifi_manager.coverage.areas import Outline, all_areas, convex_hull, filled
from wifi_manager.coverage.grid import around
from wifi_manager.domain.coverage import Standing
from wifi_manager.domain.sites import Position, SiteKind

GRID = around(CORNERS, 10.0, 500.0, 0.0)


def at(north, east, district="River", kind=SiteKind.PARK):
    return Standing(Position(SOUTH + north / 111_000, WEST + east / 88_300), district, kind)


def square_kilometres(area):
    return area.mask.sum() * GRID.square_kilometres_a_cell


def areas(standings, outlines=(), hull=150.0):
    found = all_areas(GRID, standings, outlines, hull, 100.0)
    return {(each.district, each.kind): each for each in found}


def test_a_district_without_an_outline_is_the_buffered_hull_of_its_access_points():
    found = areas([at(0, 0), at(0, 1000), at(1000, 1000), at(1000, 0), at(500, 500)])
    expected = 1.0 + 4 * 0.15 + np.pi * 0.15**2  # a square, four strips, and the round corners
    assert square_kilometres(found["River", ""]) == pytest.approx(expected, rel=0.01)
    assert not found["River", ""].is_outlined


def test_one_access_point_is_a_disc_and_so_is_each_site_of_a_kind():
    found = areas([at(500, 500)])
    assert square_kilometres(found["River", ""]) == pytest.approx(np.pi * 0.15**2, rel=0.03)
    assert square_kilometres(found["", "park"]) == pytest.approx(np.pi * 0.1**2, rel=0.05)


def test_a_position_far_from_all_others_does_not_stretch_its_district():
    near = [at(500 + 10 * n, 500) for n in range(9)]
    assert square_kilometres(areas([*near, at(500, -400)])["River", ""]) < 0.2


def test_the_city_is_its_districts_together_counted_once():
    found = areas([at(500, 500), at(500, 500, "Hill")])
    assert square_kilometres(found["", ""]) == square_kilometres(found["River", ""])


def test_an_outline_with_a_hole_replaces_the_hull():
    corners = [(0, 0), (0, 800), (800, 800), (800, 0), (0, 0)]
    hole = [(200, 200), (200, 600), (600, 600), (600, 200), (200, 200)]
    rings = [[at(*each).position for each in ring] for ring in (corners, hole)]
    found = areas([at(500, 500)], [Outline("River", "", rings), Outline("", "park", rings[1:])])
    assert square_kilometres(found["River", ""]) == pytest.approx(0.64 - 0.16, rel=0.02)
    assert square_kilometres(found["", "park"]) == pytest.approx(0.16, rel=0.03)
    assert found["", ""].is_outlined


def test_two_areas_that_touch_share_no_cell_and_leave_none_out():
    window = slice(0, 10), slice(0, 10)
    left = np.array([[0, 0], [4.5, 0], [5.5, 10], [0, 10.0]])
    right = np.array([[4.5, 0], [10, 0], [10, 10], [5.5, 10.0]])
    assert (filled([left], window) ^ filled([right], window)).all()


def test_a_hull_holds_all_points_and_no_corner_twice():
    points = np.random.default_rng(1).random((200, 2))
    hull = convex_hull(points)
    turns = np.cross(
        np.c_[np.roll(hull, -1, 0) - hull, np.zeros(len(hull))],
        np.c_[np.roll(hull, -2, 0) - hull, np.zeros(len(hull))],
    )[:, 2]
    assert (turns > 0).all()
    assert hull.min(axis=0) == pytest.approx(points.min(axis=0))
    assert ASSUMED.hull == 150.0
