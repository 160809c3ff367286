"""The Flask application that Prometheus scrapes."""

from datetime import UTC, timedelta, tzinfo
from functools import cache

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

from wifi_manager import log
from wifi_manager.clock import Clock
from wifi_manager.exporter import catalogue, fleet, hexagons, sharding
from wifi_manager.exporter.pages import Page
from wifi_manager.exporter.series import Tier
from wifi_manager.exporter.shards import Fleet, ShardPages, Source
from wifi_manager.settings.exporter import Exporter
from wifi_manager.storage.monitored import Shard
from wifi_manager.storage.store import Store
from wifi_manager.web import access_log, coverage_tiles, problems
from wifi_manager.web.headers import Headers

_USUAL = Exporter()


def create_app(store: Store, clock: Clock, chosen: Exporter = _USUAL, zone: tzinfo = UTC) -> Flask:
    """The exporter over a store. Opens no connection yet."""
    app = Flask("wifi_manager.exporter", static_folder=None)
    access_log.install(app, log.get("wifi_manager.exporter"))
    Headers().install(app)
    problems.install(app, lambda problem: f"{problem.status.value} {problem.message or problem.status.phrase}\n")
    source = Source(store, clock, catalogue.chosen(Tier(chosen.tier)), zone)
    whole, shards = ShardPages(source, Shard()), Fleet(source, timedelta(seconds=chosen.page_seconds))

    def all_at_once() -> bytes:
        """The access points of a city that is small enough."""
        return whole.page().text if sharding.number_of_shards(store, chosen) == 0 else b""

    @app.get("/metrics")
    def metrics() -> ResponseReturnValue:
        return Page(fleet.page(store, clock.now(), all_at_once)).response(request)

    @app.get("/metrics/aps")
    def shard_of_access_points() -> ResponseReturnValue:
        return shards.page(sharding.asked(request.args)).response(request)

    @app.get("/coverage/hexagons.geojson")
    def coverage_hexagons() -> ResponseReturnValue:
        return hexagons.answer(store, request)

    coverage_tiles.install(app, cache(lambda: hexagons.tiles(store)), hexagons.FRESH_SECONDS)

    @app.get("/sd/shards")
    def list_of_shards() -> ResponseReturnValue:
        return jsonify(sharding.targets(store, chosen, request.host))

    @app.get("/sd/access-points")
    def access_points() -> ResponseReturnValue:
        return jsonify(fleet.targets(store))

    @app.get("/healthz")
    def health() -> ResponseReturnValue:
        with store.read():
            return {"status": "ok"}

    return app
