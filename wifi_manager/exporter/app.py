"""The Flask application that Prometheus scrapes."""

from flask import Flask, Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from wifi_manager import log
from wifi_manager.clock import Clock
from wifi_manager.exporter import fleet
from wifi_manager.storage.store import Store
from wifi_manager.web import access_log, problems
from wifi_manager.web.headers import Headers


def create_app(store: Store, clock: Clock) -> Flask:
    """The exporter over a store. Opens no connection yet."""
    app = Flask("wifi_manager.exporter", static_folder=None)
    access_log.install(app, log.get("wifi_manager.exporter"))
    Headers().install(app)
    problems.install(app, lambda problem: f"{problem.status.value} {problem.message or problem.status.phrase}\n")

    @app.get("/metrics")
    def metrics() -> ResponseReturnValue:
        return Response(fleet.page(store, clock.now()), content_type=CONTENT_TYPE_PLAIN_0_0_4)

    @app.get("/sd/access-points")
    def access_points() -> ResponseReturnValue:
        return jsonify(fleet.targets(store))

    @app.get("/healthz")
    def health() -> ResponseReturnValue:
        with store.read():
            return {"status": "ok"}

    return app
