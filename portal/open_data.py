"""The public list of hotspots as files: for maps and programs of anybody, so other sites may read them too."""

from dataclasses import dataclass
from functools import cache

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue

from wifi_manager.services.open_data import CSV, GEOJSON, OpenData, PublishedFile
from wifi_manager.web import coverage_tiles


@dataclass(frozen=True, slots=True)
class OpenDataFiles:
    """Files that are the same for everybody. They hold nothing of whoever asks, and nothing about people."""

    open_data: OpenData

    def install(self, app: Flask) -> None:
        """Add the views."""
        app.add_url_rule(f"/{CSV}", "hotspots_csv", lambda: self.file(CSV))
        app.add_url_rule(f"/{GEOJSON}", "hotspots_geojson", lambda: self.file(GEOJSON))
        app.add_url_rule("/hotspots-<columns>.csv", "hotspots_columns", self.other)
        if self.open_data.settings.coverage:
            coverage_tiles.install(app, cache(self.open_data.coverage), self.open_data.settings.fresh_seconds)

    def other(self, columns: str) -> ResponseReturnValue:
        """The list in the columns of a mapping."""
        return self.file(f"hotspots-{columns}.csv")

    def file(self, name: str) -> ResponseReturnValue:
        """The file, or 304 for whoever has it (RFC 9110 section 13)."""
        found = self.open_data.file(name)
        answer = _answer(found, is_packed=request.accept_encodings.quality("gzip") > 0)
        answer.headers["Access-Control-Allow-Origin"] = "*"
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        answer.headers["Cache-Control"] = f"public, max-age={self.open_data.settings.fresh_seconds}"
        answer.headers["Vary"] = "Accept-Encoding"
        answer.last_modified = found.changed_at
        answer.set_etag(found.digest, weak=True)  # packed or not, it is the same list
        return answer.make_conditional(request)


def _answer(found: PublishedFile, *, is_packed: bool) -> Response:
    answer = Response(found.packed if is_packed else found.text(), content_type=found.content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.name}"'
    answer.content_length = len(found.packed) if is_packed else found.size
    if is_packed:
        answer.headers["Content-Encoding"] = "gzip"
    return answer
