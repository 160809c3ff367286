"""What a gateway reads when it was refused: `{"error": "…"}` and a status that tells its agent what to do."""

import secrets
from http import HTTPStatus

from flask import Flask, Response, jsonify, make_response, request
from werkzeug.exceptions import HTTPException

from wifi_manager import log
from wifi_manager.domain.errors import BadInput, Forbidden, OutsideFailure, TooManyTries, WifiError
from wifi_manager.web.problems import status_of

RETRY_SECONDS = 5
_LOG = log.get(__name__)


class NotProven(Forbidden):
    """The request does not show which gateway (or access point, by its token) makes it."""

    def __init__(self, message: str, scheme: str = "Wifi-Gateway") -> None:
        """Say why, and by which scheme it can be shown."""
        self.scheme = scheme
        super().__init__(message)


def install(app: Flask) -> None:
    """Answer every error in JSON."""
    app.register_error_handler(WifiError, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _failed)  # the outermost door: no gateway shall see a traceback


def _refused(error: WifiError) -> Response:
    answer = _answer(_status(error), str(error))
    if isinstance(error, NotProven):
        answer.headers["WWW-Authenticate"] = error.scheme
    if isinstance(error, OutsideFailure | TooManyTries):
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def _status(error: WifiError) -> HTTPStatus:
    """As everywhere, but a machine that sends nonsense made a bad request, and one unknown has to prove itself."""
    if isinstance(error, NotProven):
        return HTTPStatus.UNAUTHORIZED
    return HTTPStatus.BAD_REQUEST if isinstance(error, BadInput) else status_of(error)


def _http(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    answer = _answer(status, f"{status.phrase}: {error.description or ''}")
    answer.headers.extend(each for each in error.get_headers() if each[0] == "Allow")
    return answer


def _failed(error: Exception) -> Response:
    incident = secrets.token_hex(4)
    route = request.url_rule.rule if request.url_rule else ""
    _LOG.error("a request failed", exc_info=error, extra={"incident": incident, "route": route})
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, f"Control failed. Its log says why: incident {incident}.")


def _answer(status: HTTPStatus, message: str) -> Response:
    answer = make_response(jsonify(error=message))
    answer.status_code = status
    return answer
