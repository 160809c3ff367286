"""Answers in one event loop, without threads that hand Python over to each other for every statement.

What is quick, the pages of a crowd, runs in the loop itself, as a guest (wifi_manager/waits.py); the application with
everything else runs in threads beside it.
"""

import asyncio
import io
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext, suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_to_bytes

from wifi_manager import waits

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_BODY_SECONDS = 15.0  # a form is a packet or two
_NO_HEADER_OF_ITS_OWN = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class Ready(NamedTuple):
    """A whole answer, as WSGI has it."""

    status: str
    headers: Sequence[tuple[str, str]]
    body: Iterable[bytes]


class LoopHost:
    """An ASGI 3.0 application made of two that speak WSGI (PEP 3333).

    `quick` answers as a guest of the loop, or says None: then `usual` is given the same environment in a thread. Of a
    body no more than `longest_body_bytes` and one is read: the application refuses it by its length. Nor is it waited
    for longer than `body_seconds`.
    """

    def __init__(
        self,
        quick: "Callable[[WSGIEnvironment], Ready | None]",
        usual: "WSGIApplication",
        longest_body_bytes: int,
        threads: int,
        body_seconds: float = _BODY_SECONDS,
    ) -> None:
        self._quick, self._usual, self._body_seconds = quick, usual, body_seconds
        self._longest_body_bytes, self._count = longest_body_bytes, threads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        environ = _environ(scope)
        environ["wsgi.input"] = io.BytesIO(await self._body(environ, receive))
        ready = await waits.as_guest(partial(self._quick, environ))
        if ready is None:
            usual = partial(_collected, self._usual, environ)
            ready = await asyncio.get_running_loop().run_in_executor(self._threads, usual)
        await _send(ready, send)

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._count, "request")  # made by the first request, so after any fork

    async def _body(self, environ: "WSGIEnvironment", receive: Receive) -> bytes:
        said = environ.get("CONTENT_LENGTH", "")
        if not said.isdigit():
            return b""
        wanted, body = min(int(said), self._longest_body_bytes + 1), b""
        with suppress(TimeoutError):  # then it is answered as one that was cut short
            async with asyncio.timeout(self._body_seconds):
                while len(body) < wanted:
                    event = await receive()
                    body += event.get("body", b"")
                    if not event.get("more_body", False):
                        break
        return body


def _environ(scope: Scope) -> "WSGIEnvironment":
    host, port = scope.get("server") or ("", None)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or ""),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": (scope.get("client") or ("",))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        key = _NO_HEADER_OF_ITS_OWN.get(name) or f"HTTP_{name.upper().replace('-', '_')}"
        environ[key] = f"{environ[key]},{value}" if key in environ else value  # RFC 9110 section 5.3
    return environ


def _collected(application: "WSGIApplication", environ: "WSGIEnvironment") -> Ready:
    begun: list[tuple[str, list[tuple[str, str]]]] = []
    body: list[bytes] = []

    def start(status: str, headers: list[tuple[str, str]], _problem: object = None, /) -> Callable[[bytes], object]:
        begun.append((status, headers))
        return body.append

    answer: Any = application(environ, start)
    with closing(answer) if hasattr(answer, "close") else nullcontext():
        body.extend(answer)
    return Ready(*begun[-1], body)


async def _send(ready: Ready, send: Send) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in ready.headers]
    await send({"type": "http.response.start", "status": int(ready.status[:3]), "headers": headers})
    await send({"type": "http.response.body", "body": b"".join(ready.body)})
