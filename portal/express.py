"""Answers what a crowd asks, from the first page to the last one, without Flask, which takes longer than a tap.

It stands before Flask in a thread, or in the loop of web/loop_host.py. The views are the same and so is every byte of
their answers. Whatever is unusual about a request, and whatever goes wrong in a view, is left to Flask: it says what
it would have said by itself.
"""

import io
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue

from portal.asked import Answer, Asked, Crowd, View, answering
from wifi_manager.web import access_log
from wifi_manager.web.loop_host import Ready

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_FORM = "application/x-www-form-urlencoded"
LARGEST_FORM_BYTES = 8 * 1024
_TYPE = "text/html; charset=utf-8"
_OUTCOME = "portal.outcome"  # returns or raises what a view did that was called here
_STATUS = {status.value: f"{status.value} {status.phrase.upper()}" for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class Express:
    """Stands in front of an application; `views` by method and path, `always` are the headers of every answer."""

    app: Flask
    usual: "WSGIApplication"
    views: Crowd
    always: Mapping[str, str]
    log: access_log.Log

    @classmethod
    def install(cls, app: Flask, views: Crowd, always: Mapping[str, str], log: access_log.Log) -> "Express":
        """Let these views answer by themselves. They stay views of the application too."""

        @app.before_request
        def _has_answered() -> ResponseReturnValue | None:
            outcome: View | None = request.environ.get(_OUTCOME)
            return None if outcome is None else outcome()

        express = cls(app, app.wsgi_app, views, always, log)
        app.wsgi_app = express.__call__  # type: ignore[method-assign]  # Flask's way to put something before it
        return express

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer, as any WSGI application (PEP 3333)."""
        ready = self.quick(environ)
        if ready is None:
            return self.usual(environ, start_response)
        start_response(ready.status, [*ready.headers])
        return ready.body

    def quick(self, environ: "WSGIEnvironment") -> Ready | None:
        """The answer; None where it is up to `usual`, which is to be given the same environment then."""
        where = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        view, begun = self.views.get(where), time.perf_counter()
        asked = None if view is None else self._read(environ, *where)
        if view is None or asked is None:
            return None
        outcome = _outcome(view, asked)
        if type(outcome) is not Answer:
            environ[_OUTCOME], environ[access_log.BEGUN] = outcome, begun
            return None
        self.log.write(*where, outcome.status, time.perf_counter() - begun)
        return self._ready(outcome)

    def _read(self, environ: "WSGIEnvironment", method: str, route: str) -> Asked | None:
        """What is asked; None where only Flask should read it."""
        query, form = _fields(environ.get("QUERY_STRING", "")), _posted(environ) if method == "POST" else {}
        if query is None or form is None:
            return None
        return Asked(method, route, query, partial(_header, environ), lambda: form, self._render)

    def _render(self, template: str, **values: Any) -> str:
        with self.app.app_context():
            return render_template(template, **values)

    def _ready(self, answer: Answer) -> Ready:
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        own = {**answer.headers, "Content-Type": _TYPE, "Content-Length": str(len(body))}
        headers = [*own.items(), *(each for each in self.always.items() if each[0] not in own)]
        return Ready(_STATUS[answer.status], headers, [body])


def _outcome(view: View, asked: Asked) -> Answer | View:
    """The answer; where there is another one or a failure, what says so to Flask."""
    try:
        with answering(asked):
            made = view()
    except Exception as problem:  # noqa: BLE001 - raised again, where all problems are answered
        return partial(_fail, problem)
    return made if isinstance(made, Answer) else lambda: made


def _fail(problem: Exception) -> ResponseReturnValue:
    raise problem


def _header(environ: "WSGIEnvironment", name: str, default: str) -> str:
    found: str = environ.get(f"HTTP_{name.upper().replace('-', '_')}", default)
    return found


def _posted(environ: "WSGIEnvironment") -> Mapping[str, str] | None:
    """The fields of an ordinary form. Its bytes can be read once more."""
    length = environ.get("CONTENT_LENGTH") or ""
    if environ.get("CONTENT_TYPE") != _FORM or not length.isdigit() or int(length) > LARGEST_FORM_BYTES:
        return None
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(body)
    return _fields(body.decode("latin-1")) if len(body) == int(length) else None


def _fields(text: str) -> Mapping[str, str] | None:
    """The first of each name, read as Flask reads them."""
    if not text.isascii():
        return None
    return dict(reversed(parse_qsl(text, keep_blank_values=True, errors="werkzeug.url_quote")))
