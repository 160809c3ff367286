"""The newest map as hexagons and as tiles, for layers of Grafana's geomap panel and any other map."""

import gzip
import time
from typing import TYPE_CHECKING

from flask import Request, Response

from wifi_manager.domain.errors import NotFound
from wifi_manager.storage.store import Store

if TYPE_CHECKING:  # the libraries for arithmetic and pictures, which take memory where nobody asks for tiles
    from wifi_manager.services.coverage_tiles import CoverageTiles

FRESH_SECONDS = 15  # of tiles
GEOJSON = "application/geo+json"  # RFC 7946 section 12


def answer(store: Store, request: Request) -> Response:
    """The hexagons, or 304 for whoever has them (RFC 9110 section 13). Raises NotFound before the first map.

    A browser that shows a dashboard fetches them by itself, so other sites may read them: they hold no secret.
    """
    with store.read() as tx:
        found = tx.coverage.hexagons()
    if found is None:
        raise NotFound("There are no hexagons yet. `wifi-manager coverage compute` makes them.")
    at, packed = found
    takes_gzip = request.accept_encodings.quality("gzip") > 0
    response = Response(packed if takes_gzip else gzip.decompress(packed), content_type=GEOJSON)
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = "no-cache"  # ask each time: a hole shows at once
    if takes_gzip:
        response.headers["Content-Encoding"] = "gzip"
    response.set_etag(f"{at.timestamp()}", weak=True)
    response.make_conditional(request)
    return response


def tiles(store: Store) -> "CoverageTiles":
    """The same map cell by cell."""
    from wifi_manager.services.coverage_tiles import CoverageTiles

    return CoverageTiles(store, time.monotonic, FRESH_SECONDS)
