"""A whole city: shares with their range, measured signals, holes and the next place, and what maps look like."""

import io
import json
from datetime import timedelta

import numpy as np
import pytest
from PIL import Image

from tests.builders import NOON, a_site, an_access_point
from tests.coverage.kit import ASSUMED, KERNELS, SOUTH, WEST
from wifi_manager.coverage import measured, planning
from wifi_manager.coverage.cells import hexagons, signals_by_geohash
from wifi_manager.coverage.city import Material, city_map
from wifi_manager.coverage.grid import around
from wifi_manager.coverage.pictures import Raster, area_png
from wifi_manager.domain.access_points import Band, Radio
from wifi_manager.domain.coverage import ANY_BAND, Quality, Sample, Source, fleet
from wifi_manager.domain.errors import NotFound
from wifi_manager.domain.sites import Position, SiteKind
from wifi_manager.services.covering import scale_of

RADIOS = (Radio("radio0", Band.GHZ_2_4, 6, 20.0), Radio("radio1", Band.GHZ_5, 36, 23.0))


def place(north, east):
    return Position(SOUTH + north / 111_000, WEST + east / 88_300)


def point(number, north, east, **given):
    site = a_site(name=f"Corner {number}", district="River" if number % 2 else "Hill", kind=SiteKind.STREET)
    usual = {"site": site, "position": place(north, east), "radios": RADIOS}
    return an_access_point(f"AP-{number}", **{**usual, **given})


POINTS = [point(n, 150 * (n // 4), 150 * (n % 4)) for n in range(12)]


def a_city(points=POINTS, **given):
    return city_map(Material(fleet(points, (), ASSUMED), ASSUMED, **given), NOON)


def only(found, **wanted):
    usual = {
        "area": "",
        "kind": "",
        "band": ANY_BAND,
        "quality": Quality.USABLE,
        "source": Source.PREDICTED,
        "people": False,
    }
    (share,) = [x for x in found.shares() if all(getattr(x, k) == v for k, v in {**usual, **wanted}.items())]
    return share


def test_shares_lie_within_their_range_and_more_is_usable_than_good():
    shares = a_city().shares()
    assert {each.area for each in shares} == {"", "River", "Hill"}
    assert all(0 <= each.low <= each.ratio <= each.high <= 1 for each in shares)
    pairs = {(x.area, x.kind, x.band, x.quality): x for x in shares}
    for (*area, quality), share in pairs.items():
        assert quality is not Quality.GOOD or share.ratio <= pairs[(*area, Quality.USABLE)].ratio


def test_the_strongest_band_covers_at_least_what_each_band_does():
    found = a_city()
    assert only(found).ratio >= max(only(found, band=band).ratio for band in ("2.4", "5"))


def test_no_access_point_that_is_up_covers_nothing_and_the_area_stays():
    down = fleet([point(1, 0, 0)], (), ASSUMED)
    found = city_map(Material(type(down)([], down.standings), ASSUMED), NOON)
    assert found.shares() == []
    with pytest.raises(NotFound, match="No access point on the map sends"):
        found.view()


def test_people_are_counted_where_they_live_and_only_if_somebody_says_where():
    assert not [each for each in a_city().shares() if each.people]
    far = place(150, -149)  # within a district's hull, beyond any signal that is good
    found = a_city(people=[(place(0, 0), 900.0), (far, 100.0)])
    assert only(found, people=True, quality=Quality.GOOD).ratio == pytest.approx(0.9)


def samples(count, dbm, where, **given):
    return [Sample(where, NOON - timedelta(days=1), Band.GHZ_2_4, dbm, **given) for _ in range(count)]


def test_a_cell_that_was_measured_is_drawn_to_what_was_measured_the_more_the_more_samples_there_are():
    where = place(75, 75)
    told = a_city().view("2.4")
    (row,), (column,) = a_city().grid.cells([where])
    seen = []
    for count in (1, 2, 200):
        found = a_city(samples=samples(count, -90.0, where))
        (row,), (column,) = found.grid.cells([where])
        seen.append(float(found.view("2.4").signal[row, column]))
    assert told.source is Source.PREDICTED
    assert -60 > seen[0] > seen[1] > seen[2] > -90
    assert seen[2] == pytest.approx(-90, abs=4)


def test_measured_shares_are_of_measured_cells_alone_and_old_samples_fade():
    old = [Sample(place(10, 10), NOON - timedelta(days=90), Band.GHZ_2_4, -50.0)]
    found = a_city(samples=[*old, *samples(1, -80.0, place(10, 10)), *samples(1, -60.0, place(200, 200))])
    share = only(found, source=Source.MEASURED, band="2.4")
    assert (share.ratio, share.low, share.high, share.likely) == (0.5, 0.5, 0.5, None)
    assert "3 samples measured 2 cells." in found.sentences()


def test_an_access_point_that_is_stronger_than_predicted_gains_all_around_but_few_samples_count_little():
    one, base = fleet(POINTS[:1], (), ASSUMED).transmitters, a_city(POINTS[:1])
    row, column = base.grid.cells([place(0, 60)])
    where = Position(*(float(each[0]) for each in base.grid.middle(row, column)))
    told = float(base.view("2.4").signal[row[0], column[0]])
    found = {
        n: measured.biases(samples(n, told + 10, where, access_point="AP-0"), one, base.grid, KERNELS)
        for n in (1, 20, 2000)
    }
    assert [round(each["AP-0", Band.GHZ_2_4]) for each in found.values()] == [
        pytest.approx(x, abs=1) for x in (0, 5, 10)
    ]
    stronger = a_city(POINTS[:1], samples=samples(2000, told + 10, where, access_point="AP-0"))
    assert only(stronger, source=Source.COMBINED).ratio > only(base).ratio
    assert measured.biases(samples(9, -50, where, access_point="nobody"), one, base.grid, KERNELS) == {}


def test_a_hole_is_what_nobody_else_covers():
    found = a_city([*POINTS, point(99, 0, 0)])
    alone = a_city([point(1, 0, 0)])
    people = np.ones((alone.grid.rows, alone.grid.columns), np.float32)
    whole = planning.loss(alone.signals, ["AP-1"], ASSUMED.thresholds, people)
    cells = (alone.view().signal >= ASSUMED.thresholds[Quality.USABLE]).sum()
    assert whole.people[Quality.USABLE] == cells
    assert whole.square_kilometres[Quality.USABLE] == pytest.approx(cells * 0.0004)
    beside_its_twin = planning.loss(found.signals, ["AP-99"], ASSUMED.thresholds, None)
    assert set(beside_its_twin.square_kilometres.values()) == {0.0}
    both = planning.loss(found.signals, ["AP-99", "AP-0"], ASSUMED.thresholds, None)
    assert both.square_kilometres[Quality.GOOD] > 0


def test_the_next_place_is_the_best_of_all_and_then_the_best_beside_it():
    grid = around([place(0, 0), place(500, 500)], 20.0, 0.0, 0.0)
    rng = np.random.default_rng(3)
    lacking = (rng.random((grid.rows, grid.columns)) < 0.2).astype(np.float32)
    found = planning.best_places(grid, lacking, 60.0, 12)
    left = lacking.copy()
    rows, columns = np.indices(left.shape)
    for each in found:
        best = max(_gain(left, row, column) for row, column in zip(rows.flat, columns.flat, strict=True))
        (row,), (column,) = grid.cells([each.position])
        assert each.gain == pytest.approx(best)
        assert _gain(left, row, column) == pytest.approx(best)
        left[(rows - row) ** 2 + (columns - column) ** 2 <= 9] = 0
    assert len(found) == 12
    assert planning.best_places(grid, np.zeros_like(lacking), 60.0, 4) == []


def _gain(left, row, column):
    """The sum within three cells, by looking at each."""
    top, side = max(row - 3, 0), max(column - 3, 0)
    part = left[top : row + 4, side : column + 4]
    ups, asides = np.ogrid[top - row : top - row + part.shape[0], side - column : side - column + part.shape[1]]
    return float(part[ups**2 + asides**2 <= 9].sum())


def test_a_picture_shows_strong_signals_dark_and_leaves_the_outside_open():
    found = a_city()
    scale = scale_of(ASSUMED)
    picture = Image.open(io.BytesIO(area_png(found.view().signal, found.city, scale))).convert("RGBA")
    colours = {f"#{r:02x}{g:02x}{b:02x}" for _, (r, g, b, alpha) in picture.getcolors(1 << 20) if alpha}
    assert colours == {colour for colour, _ in scale.legend()}
    assert picture.getpixel((0, 0))[3] == 0


def test_below_a_picture_that_is_drawn_for_people_stands_what_its_colours_mean():
    found = a_city()
    scale = scale_of(ASSUMED)
    bare, told = (
        Image.open(io.BytesIO(area_png(found.view().signal, found.city, scale, legend=legend))).convert("RGBA")
        for legend in (False, True)
    )
    assert (told.width, told.crop((0, 0, *bare.size)).tobytes()) == (bare.width, bare.tobytes())
    strip = told.crop((0, bare.height, *told.size))
    colours = {f"#{r:02x}{g:02x}{b:02x}" for _, (r, g, b, alpha) in strip.getcolors(1 << 20) if alpha}
    assert colours == {colour for colour, _ in scale.legend()} | {"#20242c", "#ffffff"}, "ink and paper"
    assert strip.getextrema()[3] == (255, 255), "it is read on dark pages too"


def test_tiles_are_where_web_maps_expect_them():
    found = a_city()
    raster = Raster.of(found.grid, found.view().signal, found.mask(found.city), scale_of(ASSUMED))
    drawn = list(raster.tiles(14))
    places = {(x, y) for x, y, _ in drawn}
    assert (13970, 6345) in places  # 126.97 east, 37.56 north: the usual formula of slippy maps
    assert {Image.open(io.BytesIO(png)).size for *_, png in drawn} == {(256, 256)}


def test_hexagons_hold_shares_and_close_their_rings():
    found = a_city()
    drawn = json.loads(
        json.dumps(hexagons(found.grid, found.view().signal, found.mask(found.city), ASSUMED.thresholds, 9))
    )
    assert drawn["type"] == "FeatureCollection"
    for feature in drawn["features"]:
        (ring,) = feature["geometry"]["coordinates"]
        assert ring[0] == ring[-1]
        assert 126 < ring[0][0] < 128
        assert 0 <= feature["properties"]["good"] <= feature["properties"]["usable"] <= 1


def test_geohashes_have_the_median_of_their_cells():
    found = a_city()
    signals = signals_by_geohash(found.grid, found.view().signal, found.mask(found.city))
    assert all(name.startswith("wydm") and len(name) == 6 for name in signals)
    assert all(-85 <= value <= -20 for value in signals.values())
