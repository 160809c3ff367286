"""Runs an application under gunicorn: several threads, ended gracefully, without a word about who asks."""

import logging
from dataclasses import dataclass
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

_GRACEFUL_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen, and how many requests at a time: `threads` in each of `workers` processes."""

    host: str
    port: int
    threads: int = 8
    workers: int = 1

    @property
    def address(self) -> str:
        """host:port, with brackets around an IPv6 address (RFC 3986 section 3.2.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def serve(app: Flask, listen: Listen) -> None:
    """Answer requests until SIGTERM or SIGINT; requests under way get 10 seconds to end.

    Workers are forked from this process: `app` must not hold an open connection yet. Ends the process with status 1
    when the port is taken.
    """
    _Server(app, listen).run()


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, app: Flask, listen: Listen) -> None:
        self._app = app
        self._listen = listen
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "bind": self._listen.address,
            "worker_class": "gthread",
            "threads": self._listen.threads,
            "workers": self._listen.workers,
            "graceful_timeout": _GRACEFUL_SECONDS,
            "keepalive": 30,  # seconds: a browser's next click finds its connection open
            "logger_class": _OurLog,
            "control_socket_disable": True,  # all processes of a user would share its one file
            "limit_request_line": 4094,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


class _OurLog(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Hands gunicorn's own events to the log of this process, which writes JSON and masks."""

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        self._access_log_enabled = False  # web/access_log.py writes one without addresses
        self.error_log.propagate = True
        if not any(isinstance(each, _NoAddress) for each in self.error_log.filters):
            self.error_log.addFilter(_NoAddress())

    def access(self, *_given: Any) -> None:
        """Nothing: see web/access_log.py."""

    def reopen_files(self) -> None:
        """Nothing: there are no files of its own."""


class _NoAddress(logging.Filter):
    """Leaves out gunicorn's one sentence that names a client's address, and makes its start and end less loud."""

    def filter(self, record: logging.LogRecord) -> bool:
        if str(record.msg).startswith("Invalid request from ip="):
            record.msg, record.args = "A request could not be read.", ()
        return True
