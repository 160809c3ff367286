"""Asks the provider's servers; one that is slow or down takes no more than a few of the portal's threads.

Redirects are not followed, answers are JSON and small, and the whole of one takes no longer than it may.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from wifi_manager import log
from wifi_manager.services.eid import ProviderFailed

_LARGEST_BYTES = 256 * 1024
_REST_SECONDS = 10.0  # after a failure citizens are told at once, and nobody waits for the same again
_AT_A_TIME = 8
_REFUSED = 400  # of OAuth errors (RFC 6749 section 5.2)
_LOG = log.get(__name__)


class Refused(ProviderFailed):
    """The provider understood, and says no: `error` is its word for it (RFC 6749 section 5.2)."""

    def __init__(self, error: str) -> None:
        super().__init__(f"The provider refused: {error}.")
        self.error = error


class Web:
    """JSON over HTTPS. Safe to use from several threads."""

    def __init__(self, http: httpx.Client, seconds: float, timer: Callable[[], float] = time.monotonic) -> None:
        """`seconds` is how long one answer may take; `http` must follow no redirects."""
        self._http = http
        self._seconds = seconds
        self._timer = timer
        self._places = threading.Semaphore(_AT_A_TIME)
        self._rests_until = 0.0

    def check(self) -> None:
        """Raise ProviderFailed while it is known that the provider does not answer."""
        if self._timer() < self._rests_until:
            raise ProviderFailed("The provider failed a moment ago.")

    def get(self, url: str) -> dict[str, Any]:
        """What is there. Raises ProviderFailed."""
        return self._asked("GET", url)

    def post(self, url: str, form: Mapping[str, str], auth: tuple[str, str] | None) -> dict[str, Any]:
        """The answer to a form. `auth`: name and secret (RFC 6749 section 2.3.1). Raises Refused, ProviderFailed."""
        return self._asked("POST", url, data=form, auth=auth)

    def _asked(self, method: str, url: str, **options: Any) -> dict[str, Any]:
        self.check()
        if not self._places.acquire(blocking=False):
            raise ProviderFailed("The provider is slow: too many wait for it already.")
        try:
            return self._read(method, url, options)
        except Refused:
            raise
        except ProviderFailed as failure:
            self._rests_until = self._timer() + _REST_SECONDS
            _LOG.warning("the eID provider fails", extra={"problem": str(failure)})
            raise
        finally:
            self._places.release()

    def _read(self, method: str, url: str, options: Mapping[str, Any]) -> dict[str, Any]:
        headers = {"Accept": "application/json"}
        try:
            with self._http.stream(method, url, headers=headers, timeout=self._seconds, **options) as answer:
                body = self._body(answer)
        except httpx.HTTPError as failure:
            raise ProviderFailed(f"The provider does not answer ({type(failure).__name__}).") from failure
        found = _object(body)
        if answer.status_code == _REFUSED and isinstance(found.get("error"), str):
            raise Refused(found["error"][:40])
        if answer.status_code != httpx.codes.OK:
            raise ProviderFailed(f"The provider answered with status {answer.status_code}.")
        return found

    def _body(self, answer: httpx.Response) -> bytes:
        body, ends_at = bytearray(), self._timer() + self._seconds
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > _LARGEST_BYTES or self._timer() > ends_at:
                raise ProviderFailed("The provider's answer is too long or takes too long.")
        return bytes(body)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {}
