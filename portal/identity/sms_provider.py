"""Who sends text messages: a provider's web address, called as the settings say, or a file for development."""

import base64
import hmac
import json
import os
import re
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote_plus
from xml.sax.saxutils import escape

import httpx

from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.domain.text_codes import Message
from wifi_manager.settings.sms import Sms

_PLACE = re.compile(r"\{(number|digits|national|text|code|secret)\}")
_ESCAPES: Mapping[str, Callable[[str], str]] = {
    "application/json": lambda value: json.dumps(value)[1:-1],  # RFC 8259 section 7, ASCII alone
    "application/x-www-form-urlencoded": quote_plus,
    "application/xml": lambda value: escape(value, {'"': "&quot;", "'": "&apos;"}),
}
_MOST_READ_BYTES = 64 * 1024
_TURN_SECONDS = 1.0
# Nothing has reached the provider then, so that a second try cannot send twice.
_NOT_REACHED = (httpx.ConnectError, httpx.ConnectTimeout)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the provider's files hold."""

    secret: str = ""
    signature_key: bytes = b""


@dataclass(frozen=True, slots=True)
class HttpProvider:
    """Calls a provider. A hung one takes no more than `turns` of the portal's threads."""

    settings: Sms
    secrets: Secrets
    client: httpx.Client
    turns: threading.BoundedSemaphore
    timer: Callable[[], float] = time.monotonic

    def send(self, message: Message) -> None:
        """Send it; once more when nobody could be reached. Raises OutsideFailure, which names nobody."""
        if not self.turns.acquire(timeout=_TURN_SECONDS):
            raise OutsideFailure("The provider of text messages is too slow: others still wait for it.")
        try:
            self._send(self._request(message))
        except (httpx.HTTPError, ssl.SSLError) as failure:
            raise OutsideFailure(
                f"The provider of text messages does not answer: {type(failure).__name__}. Check [sms] url, ca_file."
            ) from None  # a chained traceback would show the request
        finally:
            self.turns.release()

    def _send(self, request: httpx.Request) -> None:
        until = self.timer() + self.settings.timeout_seconds
        try:
            answer = self.client.send(request, stream=True)
        except _NOT_REACHED:
            answer = self.client.send(request, stream=True)
        try:
            said = _read(answer, lambda: self.timer() > until)
        finally:
            answer.close()
        if not answer.is_success:
            raise OutsideFailure(f"The provider of text messages answers {answer.status_code}.")
        if self.settings.accepted not in said:
            raise OutsideFailure("The provider of text messages refuses a message: see [sms] accepted.")

    def _request(self, message: Message) -> httpx.Request:
        chosen = self.settings
        escaped = _ESCAPES[chosen.content_type]
        body = _filled(chosen.body, message, self.secrets.secret, escaped).encode()
        headers = {"Content-Type": f"{chosen.content_type}; charset=utf-8"}
        for line in chosen.headers:
            name, _, value = line.partition(": ")
            headers[name] = value.replace("{secret}", self.secrets.secret)
        if chosen.signature_header:
            headers[chosen.signature_header] = self._signature(body)
        return self.client.build_request(chosen.method, chosen.url, content=body, headers=headers)

    def _signature(self, body: bytes) -> str:
        made = hmac.digest(self.secrets.signature_key, body, sha256)
        return self.settings.signature.replace("{hex}", made.hex()).replace(
            "{base64}", base64.b64encode(made).decode()
        )


@dataclass(frozen=True, slots=True)
class FileProvider:
    """For development: writes each message to a file that its owner alone can read."""

    path: Path
    turn: threading.Lock = field(default_factory=threading.Lock)

    def send(self, message: Message) -> None:
        """Add a line. Raises OutsideFailure when the file cannot be written."""
        try:
            with self.turn:
                descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write(f"{message.number.e164} {json.dumps(message.text, ensure_ascii=False)}\n")
        except OSError as refused:
            raise OutsideFailure(f"[sms] file cannot be written: {refused.strerror}.") from refused


def client(settings: Sms) -> httpx.Client:
    """Connections to the provider, made when they are needed. Raises OSError or ssl.SSLError for a bad ca_file."""
    trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody; plain HTTP asks nobody
    if settings.url.startswith("https://"):
        trusted = ssl.create_default_context(cafile=settings.ca_file or None)
    return httpx.Client(verify=trusted, timeout=settings.timeout_seconds, trust_env=False)


def _filled(template: str, message: Message, secret: str, escaped: Callable[[str], str]) -> str:
    """In one pass: what a value holds is never taken for a place of the template."""
    values = {
        "number": message.number.e164,
        "digits": message.number.e164.removeprefix("+"),
        "national": message.number.national,
        "text": message.text,
        "code": message.code,
        "secret": secret,
    }
    return _PLACE.sub(lambda found: escaped(values[found[1]]), template)


def _read(answer: httpx.Response, is_late: Callable[[], bool]) -> str:
    """The answer's beginning. A provider that drips bytes is as bad as a silent one: raises ReadTimeout."""
    said = b""
    for piece in answer.iter_bytes():
        said += piece
        if is_late():
            raise httpx.ReadTimeout("The answer takes too long.")
        if len(said) > _MOST_READ_BYTES:
            break
    return said.decode("utf-8", "replace")
