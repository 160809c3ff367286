"""A gateway's side of the conversation with control: signed requests over pinned TLS."""

import ipaddress
import json
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from wifi_manager.clock import Clock
from wifi_manager.domain.errors import BadInput, Forbidden, OutsideFailure
from wifi_manager.gateway.state import Identity
from wifi_manager.wire.certificates import (
    CertificateAnswer,
    CertificateAsked,
    certificate_answer_from_json,
    certificate_asked_to_json,
)
from wifi_manager.wire.enrolment import Enrolled, EnrolmentRequest, enrolled_from_json, enrolment_to_json
from wifi_manager.wire.grants import GrantChanges, GrantList, answer_from_json
from wifi_manager.wire.reports import Report, report_to_json
from wifi_manager.wire.requests import Request, sign_request

LONGEST_WAIT_SECONDS = 25
_ANSWER_SECONDS = 10.0
_TIMEOUT = httpx.Timeout(_ANSWER_SECONDS, read=LONGEST_WAIT_SECONDS + _ANSWER_SECONDS)


class ControlClient:
    """Fetches grants and certificates, and sends reports.

    All raise OutsideFailure when control cannot be reached or answers nonsense, BadInput when its answer has fields
    that this version does not know, and Forbidden when control does not know this gateway (any more).
    """

    def __init__(self, http: httpx.AsyncClient, identity: Identity, clock: Clock) -> None:
        self._http = http
        self._identity = identity
        self._clock = clock

    async def grants(self, after: int, wait_seconds: int) -> GrantList | GrantChanges:
        """All grants or what has changed since `after`, as soon as there is news, or when the wait is over."""
        answer = await self._send("GET", f"/v1/grants?after={after}&wait={wait_seconds}", b"")
        return answer_from_json(_json(answer))

    async def report(self, report: Report) -> None:
        """Tell which revision the firewall enforces, and what has passed."""
        await self._send("POST", "/v1/report", json.dumps(report_to_json(report)).encode())

    async def certificate(self, request: bytes) -> CertificateAnswer:
        """Ask for the certificate of this gateway's name (PKCS #10, DER). Raises Forbidden in control's own words."""
        body = json.dumps(certificate_asked_to_json(CertificateAsked(request))).encode()
        answer = await self._sent("POST", "/v1/certificate", body)
        if answer.status_code in _REFUSALS_IN_WORDS:
            raise Forbidden(_words(answer))
        return certificate_answer_from_json(_json(_checked(answer)))

    async def _send(self, method: str, path: str, body: bytes) -> httpx.Response:
        return _checked(await self._sent(method, path, body))

    async def _sent(self, method: str, path: str, body: bytes) -> httpx.Response:
        request = self._http.build_request(method, path, content=body, headers=_JSON if body else None)
        signed = Request(method, request.url.raw_path.decode(), body)
        request.headers["Authorization"] = sign_request(
            self._identity.key, self._identity.gateway, signed, self._clock.now()
        )
        try:
            return await self._http.send(request)
        except httpx.HTTPError as problem:
            raise OutsideFailure(f"Control does not answer ({type(problem).__name__}).") from problem


_JSON = {"Content-Type": "application/json"}
_REFUSALS_IN_WORDS = {
    httpx.codes.BAD_REQUEST,
    httpx.codes.FORBIDDEN,
    httpx.codes.NOT_FOUND,
    httpx.codes.TOO_MANY_REQUESTS,
}


def control_http(url: str, ca: Path | None) -> httpx.AsyncClient:
    """The connection to control, which is known by the pinned certificates in `ca` and by nothing else."""
    return httpx.AsyncClient(base_url=url, verify=_trust(url, ca), timeout=_TIMEOUT, trust_env=False)


def enrol(url: str, ca: Path | None, request: EnrolmentRequest) -> Enrolled:
    """Introduce a new gateway to control. Raises Forbidden for a token that is used, unknown or too old."""
    body = json.dumps(enrolment_to_json(request)).encode()
    with httpx.Client(base_url=url, verify=_trust(url, ca), timeout=_ANSWER_SECONDS, trust_env=False) as http:
        try:
            answer = http.post("/v1/enrol", content=body, headers=_JSON)
        except httpx.HTTPError as problem:
            raise OutsideFailure(f"Control at {url} does not answer: {problem}") from problem
    if answer.status_code == httpx.codes.FORBIDDEN:
        raise Forbidden("Control does not take this token: each works once and for a short time. Get a new one.")
    enrolled = enrolled_from_json(_json(_checked(answer)))
    if urlsplit(enrolled.portal_url).scheme != "https":
        raise BadInput(
            "Control names a portal without https. Phones refuse it (RFC 8908, 3): mend the city's settings."
        )
    return enrolled


def check_control_url(url: str, ca: Path | None) -> None:
    """Raise BadInput unless `url` is https with a file of certificates, or plain http to a lab's private address."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        if ca is None or not ca.is_file():
            raise BadInput("Control over https needs --ca FILE: the certificate, or its authority, to know it by.")
        return
    if parts.scheme != "http" or not _is_private(parts.hostname or ""):
        raise BadInput(
            f"{url!r} is not where control can be: it is https://HOST, such as https://control.city.example"
        )


def _is_private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False


def _trust(url: str, ca: Path | None) -> ssl.SSLContext | bool:
    check_control_url(url, ca)
    if ca is None:
        return False  # plain http: nothing to verify
    try:
        context = ssl.create_default_context(cafile=str(ca))
    except (OSError, ssl.SSLError) as broken:
        raise BadInput(f"{ca} holds no certificate that can be read.") from broken
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # so that a server's own certificate may be pinned
    return context


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        raise Forbidden("Control refuses this gateway. Check its clock, and whether it is still enrolled.")
    if not answer.is_success:
        raise OutsideFailure(f"Control answered with status {answer.status_code}.")
    return answer


def _words(answer: httpx.Response) -> str:
    body = _json(answer)
    said = body.get("error") if isinstance(body, dict) else None
    return said if isinstance(said, str) else f"Control answered with status {answer.status_code}."


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError as nonsense:
        raise OutsideFailure("Control did not answer in JSON.") from nonsense
