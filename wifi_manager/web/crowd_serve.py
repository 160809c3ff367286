"""Serves an application to crowds: granian speaks TLS and HTTP outside of Python, which is left with answering.

docs/decisions/portal.md has the measurements behind it. The other faces stay with web/serve.py: city IT is no crowd.
"""

import ctypes
import multiprocessing
import os
import resource
import signal
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from granian.constants import HTTPModes, Interfaces, Loops, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from wifi_manager import log
from wifi_manager.web.loop_host import LoopHost
from wifi_manager.web.serve import GRACEFUL_SECONDS, PR_SET_PDEATHSIG, Hooks, Listen

_CONNECTIONS = 8192  # a phone keeps its own for a while after its page has come
_IDLE_SECONDS = 15
_REQUEST_HEAD_BYTES = 16 * 1024
_LOOK_SECONDS = 1.0  # at the certificate's files
_HANDOVER_SECONDS = 1.0  # both workers answer for so long when a new one takes over from an old one
# Events of the server go where all others of this process go.
_LOG_SETTINGS = {"version": 1, "incremental": True, "formatters": {}, "handlers": {}, "loggers": {}}
_LOG = log.get(__name__)


def serve_crowd(app: LoopHost, listen: Listen, hooks: Hooks) -> None:
    """Answer requests until SIGTERM or SIGINT; requests under way get 10 seconds to end.

    As with web/serve.py the workers are forked from this process and end with it even when it is killed. A renewed
    certificate is taken by new workers that replace the old ones, one by one; a broken one is not taken.
    Ends the process with status 1 when the port is taken or the certificate cannot be used.
    """
    _allow_many_connections()
    _refuse_taken_port(listen)
    multiprocessing.set_start_method("fork", force=True)  # `app` is made already and need not be made again
    server = _server(listen)
    main = os.getpid()
    replaces = threading.Event()

    def load(_target: str) -> LoopHost:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != main:
            os._exit(1)  # it was killed before we could ask to end with it
        _start(hooks.started, patient=replaces.is_set())
        return app

    def renewed() -> None:
        replaces.set()
        os.kill(main, signal.SIGHUP)

    files = [file for file in (listen.certificate_file, listen.key_file) if file is not None]
    threading.Thread(target=_watch, args=(files, renewed), name="certificate", daemon=True).start()
    server.serve(target_loader=load)


def _server(listen: Listen) -> MPServer:
    try:
        return MPServer(
            "",
            address=listen.host,
            port=listen.port,
            interface=Interfaces.ASGINL,
            loop=Loops.uvloop,
            workers=listen.workers,
            http=HTTPModes.http1,
            blocking_threads=1,  # a LoopHost has threads of its own
            backlog=1024,
            backpressure=_CONNECTIONS,
            http1_settings=HTTP1Settings(
                header_read_timeout=_IDLE_SECONDS * 1000, max_buffer_size=_REQUEST_HEAD_BYTES
            ),
            websockets=False,
            log_level=LogLevels.error,
            log_dictconfig=_LOG_SETTINGS,
            ssl_cert=listen.certificate_file,
            ssl_key=listen.key_file,
            ssl_protocol_min=SSLProtocols.tls12,
            respawn_failed_workers=True,
            respawn_interval=_HANDOVER_SECONDS,
            workers_kill_timeout=GRACEFUL_SECONDS,
        )
    except ssl.SSLError as broken:
        _LOG.error("the certificate cannot be used with its key", extra={"problem": str(broken)})
        sys.exit(1)


def _allow_many_connections() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _refuse_taken_port(listen: Listen) -> None:
    """The server's own sockets share ports (SO_REUSEPORT): without this a second portal would go unnoticed."""
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listen.host, listen.port))
        except OSError as taken:
            _LOG.error("cannot listen", extra={"at": listen.address, "problem": taken.strerror})
            sys.exit(1)


def _start(started: Callable[[], object], *, patient: bool) -> None:
    """Run the hook. A worker that replaces another waits, beside its work, for the ports that it still holds."""
    try:
        started()
    except OSError:
        if not patient:
            raise
        threading.Thread(target=_start_when_free, args=(started,), name="started", daemon=True).start()


def _start_when_free(started: Callable[[], object]) -> None:
    until = time.monotonic() + _HANDOVER_SECONDS + 2 * GRACEFUL_SECONDS
    while True:
        time.sleep(_LOOK_SECONDS / 4)
        try:
            started()
        except OSError:
            if time.monotonic() >= until:
                raise
        else:
            return


def _watch(files: list[Path], renewed: Callable[[], None]) -> None:
    """Tell when the certificate and its key have changed and belong together."""
    served = _changed_at(files)
    while files:
        time.sleep(_LOOK_SECONDS)
        found = _changed_at(files)
        if found != served and _fit(files):
            served = found
            renewed()


def _changed_at(files: list[Path]) -> list[int]:
    return [file.stat().st_mtime_ns if file.is_file() else 0 for file in files]


def _fit(files: list[Path]) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(files[0], files[1])
    except (OSError, ssl.SSLError):
        return False
    return True
