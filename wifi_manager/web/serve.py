"""Runs an application under gunicorn: several threads, ended gracefully, without a word about who asks."""

import ctypes
import logging
import signal
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from wifi_manager.domain.errors import BadInput

GRACEFUL_SECONDS = 10
PR_SET_PDEATHSIG = 1  # prctl(2)
_CONNECTIONS = 1000


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen, and how many requests at a time: `threads` in each of `workers` processes.

    With a certificate and its key (PEM files) it speaks HTTPS.
    """

    host: str
    port: int
    threads: int = 8
    workers: int = 1
    certificate_file: Path | None = None
    key_file: Path | None = None

    @property
    def address(self) -> str:
        """host:port, with brackets around an IPv6 address (RFC 3986 section 3.2.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def certificate(section: str, certificate_file: str, key_file: str) -> tuple[Path | None, Path | None]:
    """The PEM files that a section of the settings names, or none at all.

    Raises BadInput for half a certificate and for files that cannot be read.
    """
    if bool(certificate_file) != bool(key_file):
        raise BadInput(f"[{section}] certificate_file and key_file belong together: give both, or neither.")
    if not certificate_file:
        return None, None
    return _readable(section, certificate_file), _readable(section, key_file)


def _readable(section: str, path: str) -> Path:
    try:
        Path(path).read_bytes()
    except OSError as refused:
        raise BadInput(f"[{section}] {path} cannot be read: {refused.strerror}.") from refused
    return Path(path)


def _nothing() -> None:
    """What most applications do beside answering."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """What an application does beside answering: both run in each worker process.

    `started` before its first request, such as opening the inner /metrics; `stopping` at SIGTERM, such as answering
    whoever still waits.
    """

    started: Callable[[], object] = _nothing
    stopping: Callable[[], object] = _nothing


def serve(app: Flask, listen: Listen, hooks: Hooks = Hooks()) -> None:
    """Answer requests until SIGTERM or SIGINT; requests under way get 10 seconds to end.

    Workers are forked from this process: `app` must not hold an open connection yet. They end with it even when it
    is killed, so that the next start finds the port free. Ends the process with status 1 when the port is taken.
    """
    _Server(app, listen, hooks).run()


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, app: Flask, listen: Listen, hooks: Hooks) -> None:
        self._app = app
        self._listen = listen
        self.hooks = hooks
        super().__init__()

    def load_config(self) -> None:
        listen = self._listen
        settings = {
            "bind": listen.address,
            "worker_class": _Worker,
            "threads": listen.threads,
            "worker_connections": max(_CONNECTIONS, 2 * listen.threads),  # clients keep theirs between requests
            "workers": listen.workers,
            "graceful_timeout": GRACEFUL_SECONDS,
            "keepalive": 30,  # seconds: a browser's next click finds its connection open
            "logger_class": _OurLog,
            "control_socket_disable": True,  # all processes of a user would share its one file
            "limit_request_line": 4094,
            "certfile": None if listen.certificate_file is None else str(listen.certificate_file),
            "keyfile": None if listen.key_file is None else str(listen.key_file),
            "ssl_context": _Tls(listen.certificate_file, listen.key_file),
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


class _Tls:
    """Makes the TLS context once, and again when its files have changed: a renewed certificate needs no restart.

    By itself gunicorn makes one for every connection, which costs as much as the handshake.
    """

    def __init__(self, *files: Path | None) -> None:
        self._files = [file for file in files if file is not None]
        self._changed_at: list[int] = []
        self._context: ssl.SSLContext | None = None

    def __call__(self, _config: Any, make: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
        """The context for one more connection; a certificate that is just being replaced is not taken yet."""
        try:
            changed_at = [file.stat().st_mtime_ns for file in self._files]
            if self._context is None or changed_at != self._changed_at:
                self._context, self._changed_at = make(), changed_at
        except (OSError, ssl.SSLError):
            if self._context is None:
                raise
        return self._context


class _Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's threaded worker, which tells the application when it starts and when it is to end."""

    def init_process(self) -> None:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        self.app.hooks.started()
        super().init_process()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.app.hooks.stopping()
        super().handle_exit(sig, frame)


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
