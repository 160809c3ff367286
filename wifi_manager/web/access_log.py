"""One log line a request that says how fast we were and nothing about who asked."""

import logging
import time

from flask import Flask, Response, g, request


def install(app: Flask, logger: logging.Logger) -> None:
    """Log method, route template, status and seconds of each request: no address, no path, no query."""

    @app.before_request
    def _start() -> None:
        g.request_started = time.perf_counter()

    @app.after_request
    def _write(response: Response) -> Response:
        started = g.get("request_started")
        seconds = 0.0 if started is None else time.perf_counter() - started
        logger.info(
            "request",
            extra={
                "method": request.method,
                "route": request.url_rule.rule if request.url_rule else "",
                "status": response.status_code,
                "seconds": round(seconds, 4),
            },
        )
        return response
