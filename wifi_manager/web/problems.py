"""What a person or a program reads when a request was refused or failed. Alone knows which error has which status."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from wifi_manager import log
from wifi_manager.domain.errors import (
    BadInput,
    Conflict,
    Forbidden,
    NotFound,
    OutsideFailure,
    TooManyTries,
    WifiError,
)

_LOG = log.get(__name__)
_STATUS: dict[type[WifiError], HTTPStatus] = {
    BadInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Forbidden: HTTPStatus.FORBIDDEN,
    TooManyTries: HTTPStatus.TOO_MANY_REQUESTS,
    OutsideFailure: HTTPStatus.SERVICE_UNAVAILABLE,
}
_RETRY_SECONDS = {HTTPStatus.SERVICE_UNAVAILABLE: 5, HTTPStatus.TOO_MANY_REQUESTS: 60}


@dataclass(frozen=True, slots=True)
class Problem:
    """What to show: an error's own sentence, or none; an incident number that finds the log line."""

    status: HTTPStatus
    message: str = ""
    incident: str = ""

    def as_json(self) -> dict[str, str | int]:
        """The problem details of RFC 9457."""
        said = {"detail": self.message} if self.message else {}
        found = {"instance": f"urn:incident:{self.incident}"} if self.incident else {}
        return {"type": "about:blank", "title": self.status.phrase, "status": self.status.value, **said, **found}


Page = Callable[[Problem], ResponseReturnValue]


def plain_page(problem: Problem) -> str:
    """The shared error page in English."""
    return render_template("web/problem.html", problem=problem)


def install(app: Flask, page: Page = plain_page) -> None:
    """Answer every error with a page made by `page`, or in JSON where the client asks for that."""

    def refused(error: WifiError) -> Response:
        return _answer(Problem(status_of(error), str(error)), page)

    def http(error: HTTPException) -> Response:
        if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
            return make_response(error.get_response())  # a redirect that werkzeug raises
        answer = _answer(Problem(HTTPStatus(error.code)), page)
        answer.headers.extend(each for each in error.get_headers() if each[0] in {"Allow", "Retry-After"})
        return answer

    def unknown(error: Exception) -> Response:
        incident = secrets.token_hex(4)
        rule = request.url_rule.rule if request.url_rule else ""
        _LOG.error("a request failed", exc_info=error, extra={"incident": incident, "route": rule})
        return _answer(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, incident=incident), page)

    app.register_error_handler(WifiError, refused)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(Exception, unknown)  # the outermost door: nobody shall see a traceback


def status_of(error: WifiError) -> HTTPStatus:
    """The HTTP status of the family that an error belongs to."""
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)


def _answer(problem: Problem, page: Page) -> Response:
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        answer = make_response(problem.as_json())
        answer.mimetype = "application/problem+json"
    else:
        answer = make_response(page(problem))
    answer.status_code = problem.status
    if problem.status in _RETRY_SECONDS:
        answer.headers["Retry-After"] = str(_RETRY_SECONDS[problem.status])
    return answer
