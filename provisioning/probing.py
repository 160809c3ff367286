"""`/probe?target=AP-0001`: one access point, looked at now, and told in the words in which the exporter tells it.

It stands beside the collector and not in the exporter, which never speaks to a device.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, generate_latest

from provisioning.collector import Collector
from wifi_manager import log, metrics
from wifi_manager.domain.errors import BadInput, NotFound
from wifi_manager.exporter.pages import Page
from wifi_manager.exporter.shards import Source, page_of
from wifi_manager.web import access_log, problems
from wifi_manager.web.headers import Headers


@dataclass
class Prober:
    """Looks at single access points. Two probes of one never overlap.

    Each has a collector of its own: what it remembers of a device's counters is what the database has, as
    `collect run` goes on meanwhile.
    """

    make_collector: Callable[[], Collector]
    source: Source
    _turns: defaultdict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))

    def probe(self, external_id: str) -> bytes:
        """All its series after a look that is kept as any other. Raises NotFound for what is not managed."""
        collector = self.make_collector()
        management = collector.collection.targets().get(external_id)
        if management is None:
            raise NotFound(f"{external_id!r} is no managed access point. `wifi-manager fleet list` shows them all.")
        begun = time.perf_counter()
        with self._turns[external_id]:
            found = collector.poll(external_id, management)
        return _about(time.perf_counter() - begun, is_up=found.up) + page_of(self.source, external_id)


def create_app(prober: Prober) -> Flask:
    """The application that Prometheus, or somebody with curl, asks. Opens no connection yet."""
    app = Flask("provisioning.probing", static_folder=None)
    access_log.install(app, log.get("provisioning.probing"))
    Headers().install(app)
    problems.install(app, lambda problem: f"{problem.status.value} {problem.message or problem.status.phrase}\n")

    @app.get("/probe")
    def probe() -> ResponseReturnValue:
        target = request.args.get("target", "")
        if not target:
            raise BadInput("Name an access point: /probe?target=AP-0001")
        return Page(prober.probe(target)).response(request)

    return app


def _about(seconds: float, *, is_up: bool) -> bytes:
    registry = CollectorRegistry()
    took = metrics.gauge("wifi_probe_duration_seconds", "How long this look took, waiting included.", (), registry)
    took.set(round(seconds, 3))
    success = metrics.gauge("wifi_probe_success", "1 if this look reached the access point, 0 if not.", (), registry)
    success.set(is_up)
    return generate_latest(registry)
