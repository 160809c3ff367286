"""Where gateways fetch their grants and report what passed. JSON for machines: no cookie, no page."""

import json
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint, Flask, Response, current_app, jsonify, request

from wifi_manager import log
from wifi_manager.clock import Clock
from wifi_manager.control import looks, problems
from wifi_manager.control.identity import asking_gateway
from wifi_manager.control.metrics import ControlMetrics
from wifi_manager.control.waiting import Waiting
from wifi_manager.domain.errors import BadInput, WifiError
from wifi_manager.domain.gateways import GatewayKeys
from wifi_manager.services.certification import Certification
from wifi_manager.services.enrolment import Enrolment
from wifi_manager.services.granting import Granting
from wifi_manager.services.telling import Telling
from wifi_manager.web import access_log
from wifi_manager.web.headers import Headers
from wifi_manager.wire.certificates import (
    CertificateAnswer,
    certificate_answer_to_json,
    certificate_asked_from_json,
)
from wifi_manager.wire.enrolment import Enrolled, enrolled_to_json, enrolment_from_json
from wifi_manager.wire.grants import answer_to_json
from wifi_manager.wire.reports import report_from_json

LONGEST_WAIT_SECONDS = 25  # below the 30 s after which many proxies give up
SHORTEST_WAIT = 0.7  # of the wait that was asked for
LARGEST_BODY_BYTES = 2**20  # a report about 8000 visits
_HIGHEST_REVISION = 2**63 - 1
_KEY = "wifi_control"
T = TypeVar("T")
bp = Blueprint("control", __name__)


@dataclass(frozen=True, slots=True)
class Control:
    """What the views work with."""

    enrolment: Enrolment
    granting: Granting
    certification: Certification
    telling: Telling
    waiting: Waiting
    metrics: ControlMetrics
    clock: Clock
    city: str
    portal_url: str  # where gateways send phones to


def create_app(control: Control) -> Flask:
    """The application; may be made before the server forks, for it opens nothing."""
    app = Flask("wifi_manager.control", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY_BYTES
    app.extensions[_KEY] = control
    app.register_blueprint(bp)
    looks.install(app, control.telling, control.metrics)
    problems.install(app)
    access_log.install(app, log.get("wifi_manager.control"))
    Headers().install(app)
    control.metrics.watch_waiting(lambda: len(control.waiting))
    return app


@bp.post("/v1/enrol")
def enrol() -> Response:
    """Take a new gateway in: 403 for a token that is not valid."""
    wanted = _read(enrolment_from_json)
    name = _control().enrolment.enrol(wanted.token, GatewayKeys(wanted.public_key, wanted.ticket_key))
    return jsonify(enrolled_to_json(Enrolled(name, _control().city, _control().portal_url)))


@bp.get("/v1/grants")
def grants() -> Response:
    """What is news to the asking gateway, as soon as its revision is not `after`, or about `wait` seconds later."""
    outcome = "refused"
    try:
        gateway = _asking()
        after, wait = _number("after", _HIGHEST_REVISION), _number("wait", LONGEST_WAIT_SECONDS)
        answer, outcome = _grants_of(gateway, after, wait)
    finally:
        _control().metrics.answers.labels(outcome).inc()
    return answer


@bp.post("/v1/report")
def report() -> tuple[str, int]:
    """Note the revision that the asking gateway enforces, and its visits' usage."""
    try:
        gateway, told = _asking(), _read(report_from_json)
        outcome = _control().granting.report(gateway, told)
    except WifiError:
        _control().metrics.reports.labels("refused").inc()
        raise
    _control().metrics.reports.labels(outcome.value).inc()
    _control().metrics.passes.inc(told.passes)
    return "", 204


@bp.post("/v1/certificate")
def certificate() -> Response:
    """Take the asking gateway's certificate request, and answer with the newest chain that there is for its key."""
    told = _control().certification.ask(_asking(), _read(certificate_asked_from_json).request)
    return jsonify(certificate_answer_to_json(CertificateAnswer(told.names, told.chain)))


@bp.get("/healthz")
def health() -> Response:
    """For balancers: 503 while the database does not answer."""
    _control().granting.check()
    return jsonify(status="ok")


def _grants_of(gateway: str, after: int, wait: int) -> tuple[Response, str]:
    control = _control()
    if control.granting.revision(gateway) != after:
        seen_at: float | None = time.monotonic()
    else:
        # All gateways come back together after a restart; a bit of chance keeps them from doing so ever after.
        seconds = wait * random.uniform(SHORTEST_WAIT, 1)  # noqa: S311 - spreading load needs no secrecy
        seen_at = control.waiting.until_changed(gateway, after, seconds)
    answer = jsonify(answer_to_json(control.granting.answer(gateway, after)))
    if seen_at is None:
        return answer, "unchanged"
    control.metrics.answer_seconds.observe(time.monotonic() - seen_at)
    return answer, "changed"


def _control() -> Control:
    control: Control = current_app.extensions[_KEY]
    return control


def _asking() -> str:
    return asking_gateway(request, _control().enrolment, _control().clock)


def _read(reader: Callable[[Any], T]) -> T:
    """The body, read by the wire. Raises BadInput for what is not JSON."""
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError) as broken:
        raise BadInput("The body is not JSON.") from broken
    return reader(body)


def _number(name: str, highest: int) -> int:
    text = request.args.get(name, "")
    number = int(text) if re.fullmatch("[0-9]{1,19}", text) else -1
    if not 0 <= number <= highest:
        raise BadInput(f"{name} is a whole number from 0 to {highest}.")
    return number
