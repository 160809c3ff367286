"""The newest map of coverage as tiles for web maps: drawn when somebody asks, kept while the map is the newest."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from wifi_manager.coverage.pictures import Raster, empty_tile
from wifi_manager.domain.errors import NotFound
from wifi_manager.services.fresh import Fresh
from wifi_manager.storage.store import Store

LEAST_ZOOM, MOST_ZOOM = 8, 16  # a city in one tile; a cell of 20 m some ten pixels wide
_KEPT = 1024  # tiles, of some thousand bytes each


@dataclass(slots=True)
class _Drawn:
    """One map and the tiles that somebody has asked for, the ones asked for last at the end."""

    at: datetime
    raster: Raster
    tiles: OrderedDict[tuple[int, int, int], bytes] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def tile(self, place: tuple[int, int, int], empty: bytes) -> bytes:
        with self.lock:
            if place in self.tiles:
                self.tiles.move_to_end(place)
                return self.tiles[place]
        png = self.raster.tile(*place) or empty
        with self.lock:
            self.tiles[place] = png
            while len(self.tiles) > _KEPT:
                self.tiles.popitem(last=False)
        return png


class CoverageTiles:
    """Use cases of tiles. Safe to share between threads.

    However many ask, the database is asked once in `fresh_seconds`, and a map is unpacked once; a tile costs the same
    65,536 pixels wherever it is.
    """

    def __init__(self, store: Store, timer: Callable[[], float], fresh_seconds: float) -> None:
        self._store = store
        self._drawn = Fresh(self._newest, fresh_seconds, timer)
        self._empty = empty_tile()

    def tile(self, zoom: int, x: int, y: int) -> tuple[datetime, bytes]:
        """When the map was computed, and PNG of a tile of the usual scheme (EPSG:3857, y from the north).

        Beside the map it is empty. Raises NotFound for a place that no world has, and before the first map.
        """
        if not LEAST_ZOOM <= zoom <= MOST_ZOOM or not 0 <= x < 2**zoom or not 0 <= y < 2**zoom:
            raise NotFound(f"There are tiles from zoom {LEAST_ZOOM} to {MOST_ZOOM}, with x and y below 2^zoom.")
        drawn = self._drawn.get()
        if drawn is None:
            raise NotFound("Coverage was not computed yet. Run: wifi-manager coverage compute")
        return drawn.at, drawn.tile((zoom, x, y), self._empty)

    def _newest(self, last: _Drawn | None) -> _Drawn | None:
        with self._store.read() as tx:
            if last is not None and tx.coverage.drawn_at() == last.at:
                return last
            found = tx.coverage.raster()
        return None if found is None else _Drawn(found[0], Raster.read(found[1], found[2]))
