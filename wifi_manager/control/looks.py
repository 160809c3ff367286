"""Where access points that nobody can reach tell of themselves: POST /v1/looks, as docs/collecting.md says."""

import json
import re
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from flask import Blueprint, Flask, current_app, request

from wifi_manager.control.metrics import ControlMetrics
from wifi_manager.control.problems import NotProven
from wifi_manager.domain.errors import BadInput, Forbidden, TooManyTries
from wifi_manager.services.telling import Telling
from wifi_manager.wire.looks import ToldLooks, looks_from_json

LARGEST_BODY_BYTES = 2**20  # once it is unpacked
A_MINUTE = 12  # pushes of one access point
_TOKEN = re.compile(r"Bearer ([0-9a-f]{64})")
_KEY = "wifi_looks"
bp = Blueprint("looks", __name__)


@dataclass(slots=True)
class Pace:
    """How often each access point may push, in this process. Only those whose token is known are remembered."""

    a_minute: float = A_MINUTE
    now: Callable[[], float] = time.monotonic
    _left: dict[str, tuple[float, float]] = field(default_factory=dict, init=False)  # pushes, and since when
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def note(self, external_id: str) -> None:
        """One more push. Raises TooManyTries; what is refused does not count."""
        now = self.now()
        with self._lock:
            left, since = self._left.get(external_id, (self.a_minute, now))
            left = min(self.a_minute, left + (now - since) * self.a_minute / 60)
            if left < 1:
                raise TooManyTries(f"No more than {self.a_minute:g} pushes a minute. Put several looks into one.")
            self._left[external_id] = (left - 1, now)


@dataclass(frozen=True, slots=True)
class _Door:
    telling: Telling
    metrics: ControlMetrics
    pace: Pace


def install(app: Flask, telling: Telling, metrics: ControlMetrics) -> None:
    """Open the door on control's application."""
    app.extensions[_KEY] = _Door(telling, metrics, Pace())
    app.register_blueprint(bp)


@bp.post("/v1/looks")
def looks() -> tuple[str, int]:
    """Keep what the access point of this token tells: 401 for an unknown one, 429 for more than A_MINUTE."""
    door: _Door = current_app.extensions[_KEY]
    outcome = "refused"
    try:
        token = _token()
        door.pace.note(_proven(door.telling, token))
        told = _told(request.get_data(), door.telling.clock.now())
        outcome = "news" if door.telling.tell(token, told) else "known"
    finally:
        door.metrics.looks.labels(outcome).inc()
    return "", 204


def _token() -> str:
    found = _TOKEN.fullmatch(request.headers.get("Authorization", ""))
    if not found:
        raise NotProven("Send the access point's token: Authorization: Bearer TOKEN.", "Bearer")
    return found[1]


def _proven(telling: Telling, token: str) -> str:
    try:
        return telling.who(token)
    except Forbidden as refusal:
        raise NotProven(str(refusal), "Bearer") from refusal


def _told(body: bytes, now: datetime) -> ToldLooks:
    if request.headers.get("Content-Encoding", "identity") == "gzip":
        body = _unpacked(body)
    try:
        return looks_from_json(json.loads(body), now)
    except (ValueError, RecursionError) as broken:
        raise BadInput("The body is not JSON.") from broken


def _unpacked(body: bytes) -> bytes:
    """What is in a gzip. Raises BadInput where it is broken, or more than LARGEST_BODY_BYTES."""
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = unpacking.decompress(body, LARGEST_BODY_BYTES)
    except zlib.error as broken:
        raise BadInput("The body is not in gzip, as its Content-Encoding says.") from broken
    if not unpacking.eof:
        raise BadInput(f"The body was cut, or has more than {LARGEST_BODY_BYTES} bytes once it is unpacked.")
    return plain
