"""One log line a request that says how fast we were and nothing about who asked."""

import logging
import time
from dataclasses import dataclass

from flask import Flask, Response, g, request

BEGUN = "wifi_manager.begun"  # of a request's environment: when somebody before Flask began (performance counter)


@dataclass(frozen=True, slots=True)
class Log:
    """Writes method, route template, status and seconds of each request: no address, no path, no query."""

    logger: logging.Logger

    def write(self, method: str, route: str, status: int, seconds: float) -> None:
        """Write one line. The record is made here: logging itself would look for who calls it, at each request."""
        if not self.logger.isEnabledFor(logging.INFO):
            return
        record = logging.LogRecord(self.logger.name, logging.INFO, __file__, 0, "request", (), None)
        said = {"method": method, "route": route, "status": int(status), "seconds": round(seconds, 4)}
        vars(record).update(said)
        self.logger.handle(record)


def install(app: Flask, logger: logging.Logger) -> Log:
    """Log each request of the application; returns the log, for what answers before it."""
    log = Log(logger)

    @app.before_request
    def _start() -> None:
        g.request_started = request.environ.get(BEGUN) or time.perf_counter()

    @app.after_request
    def _write(response: Response) -> Response:
        started = g.get("request_started")
        seconds = 0.0 if started is None else time.perf_counter() - started
        rule = request.url_rule.rule if request.url_rule else ""
        log.write(request.method, rule, response.status_code, seconds)
        return response

    return log
