"""The address of tiles of the coverage map, alike wherever it is served."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue

if TYPE_CHECKING:  # the libraries for arithmetic and pictures, which whoever serves no tiles need not have
    from wifi_manager.services.coverage_tiles import CoverageTiles

PATH = "/coverage/<int(max=99):zoom>/<int(max=99999999):x>/<int(max=99999999):y>.png"


def install(app: Flask, tiles: "Callable[[], CoverageTiles]", fresh_seconds: int) -> None:
    """Add the view. They hold no secret, so that pages of other sites may show them."""

    def tile(zoom: int, x: int, y: int) -> ResponseReturnValue:
        """PNG, or 304 for whoever has it (RFC 9110 section 13)."""
        at, png = tiles().tile(zoom, x, y)
        answer = Response(png, content_type="image/png")
        answer.headers["Access-Control-Allow-Origin"] = "*"
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        answer.headers["Cache-Control"] = f"public, max-age={fresh_seconds}"
        answer.set_etag(f"{at.timestamp()}")  # of one address: it names the place
        return answer.make_conditional(request)

    app.add_url_rule(PATH, "coverage_tile", tile)
