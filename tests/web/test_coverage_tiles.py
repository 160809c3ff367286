"""Tiles of the coverage map over HTTP: where web maps look for them, as the map is, and bounded in number and work."""

import io
import math
from datetime import timedelta

import numpy as np
import pytest
from PIL import Image

from tests.builders import NOON, a_site, an_access_point
from tests.fakes.clock import FrozenClock
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.errors import NotFound
from wifi_manager.domain.sites import Position, SiteKind
from wifi_manager.exporter.app import create_app
from wifi_manager.services.coverage_tiles import LEAST_ZOOM, MOST_ZOOM, CoverageTiles
from wifi_manager.services.covering import Covering, Given, scale_of

REACH = Management("192.0.2.11", 22, "root", "SHA256:abc")
HERE = Position(37.56, 126.97)


@pytest.fixture
def upgraded_url(upgraded_file, tmp_path):
    (tmp_path / "city.db").write_bytes(upgraded_file.read_bytes())
    return f"sqlite:///{tmp_path / 'city.db'}"


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def covering(store, clock):
    street = a_site(kind=SiteKind.STREET)
    points = [
        an_access_point(f"AP-{n}", site=street, position=Position(HERE.latitude + n * n / 600, HERE.longitude))
        for n in range(3)
    ]
    with store.begin() as tx:
        tx.sites.save([street])
        tx.access_points.save(points, tx.sites.numbers())
    return Covering(store, clock)


@pytest.fixture
def computed(covering):
    living = covering.living(Given())
    covering.keep(living)
    return living.found


@pytest.fixture
def tiles(store):
    return CoverageTiles(store, lambda: 0.0, 15)


@pytest.fixture
def client(store, clock, computed):
    return create_app(store, clock).test_client()


def osm(latitude, longitude, zoom):
    """Tile and pixel by the formula of OpenStreetMap's wiki, which says it otherwise than the program does."""
    n = 2.0**zoom
    x = (longitude + 180.0) / 360.0 * n
    y = (1.0 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2.0 * n
    return int(x), int(y), int((x % 1) * 256), int((y % 1) * 256)


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


def middle_of_pixel(zoom, x, y, across, down):
    """Latitude by the Gudermannian function: e to a power, where the program takes a hyperbolic sine."""
    n = 2.0**zoom
    mercator = math.pi * (1 - 2 * (y + (down + 0.5) / 256) / n)
    longitude = (x + (across + 0.5) / 256) / n * 360 - 180
    return Position(math.degrees(2 * math.atan(math.exp(mercator)) - math.pi / 2), longitude)


@pytest.mark.parametrize("zoom", [LEAST_ZOOM, 12, MOST_ZOOM])
def test_each_pixel_has_the_colour_of_the_cell_that_the_usual_formula_puts_there(tiles, computed, zoom):
    signal, levels = computed.view().signal, scale_of(computed.material.assumptions)
    legend = [bytes.fromhex(colour[1:]) for colour, _name in levels.legend()]
    seen = set()
    for north in range(0, 900, 30):
        x, y, across, down = osm(HERE.latitude + north / 111_000, HERE.longitude + north / 3e5, zoom)
        (row,), (column,) = computed.grid.cells([middle_of_pixel(zoom, x, y, across, down)])
        wanted = legend[int(np.digitize(signal[row, column], levels.levels))]
        red, green, blue, there = pixels(tiles.tile(zoom, x, y)[1])[down, across]
        assert there == (255 if computed.mask(computed.city)[row, column] else 0)
        assert not there or bytes((red, green, blue)) == wanted, (zoom, north)
        seen.add((there, wanted))
    assert zoom == LEAST_ZOOM or len(seen) > 2, "colours differ"


def test_tiles_are_256_pixels_wide_and_empty_beside_the_map(tiles, computed):
    x, y, *_ = osm(HERE.latitude, HERE.longitude, MOST_ZOOM)
    assert pixels(tiles.tile(MOST_ZOOM, x, y)[1]).shape == (256, 256, 4)
    assert pixels(tiles.tile(MOST_ZOOM, x, y)[1])[..., 3].any()
    assert not pixels(tiles.tile(MOST_ZOOM, 0, 0)[1])[..., 3].any()


def test_tiles_have_an_etag_and_may_be_shown_by_pages_of_other_sites(client):
    x, y, *_ = osm(HERE.latitude, HERE.longitude, 14)
    answer = client.get(f"/coverage/14/{x}/{y}.png")
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    again = client.get(f"/coverage/14/{x}/{y}.png", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "place", ["7/0/0", "17/0/0", "8/256/0", "8/0/256", "8/-1/0", "8/0/1e3", f"8/{'9' * 5000}/0", "99999/1/1"]
)
def test_a_place_that_no_world_has_or_that_is_too_near_is_no_tile(client, place):
    assert client.get(f"/coverage/{place}.png").status_code == 404


def test_a_hole_shows_as_soon_as_the_map_is_asked_for_again(store, clock, covering, computed):
    moments = [0.0]
    tiles = CoverageTiles(store, lambda: moments[0], 15)
    place = (14, *osm(HERE.latitude, HERE.longitude, 14)[:2])
    at, before = tiles.tile(*place)
    clock.advance(timedelta(minutes=1))
    with store.begin() as tx:
        tx.access_points.manage("AP-0", "openwrt", REACH)
    covering.keep(covering.living(Given()))
    assert tiles.tile(*place) == (at, before), "for some seconds"
    moments[0] = 15.0
    later, after = tiles.tile(*place)
    assert (later > at, after != before) == (True, True)


def test_only_so_many_tiles_are_kept_however_many_are_asked_for(tiles, computed):
    for x in range(1100):
        tiles.tile(12, x, 7)
    assert len(tiles._drawn.get().tiles) == 1024


def test_before_the_first_map_it_says_which_command_makes_one(tiles):
    with pytest.raises(NotFound, match="wifi-manager coverage compute"):
        tiles.tile(12, 1, 1)
