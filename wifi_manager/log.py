"""One event a line, in JSON for machines or in text for people, without anybody's address, phone number or secret.

Callers leave personal data out; what slips through in a message, an argument, an extra field or a traceback is masked
here. Masking errs on the safe side: twelve hex digits are a MAC address, whatever else they might be. IP addresses
stay, for an operator needs those of access points: nobody logs a phone's.
"""

import json
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TextIO

MASK = "***"

_HEX = "[0-9A-Fa-f]"
_PAIRS = rf"{_HEX}{{2}}(?P<gap>[:\-._ ]|%3A){_HEX}{{2}}(?:(?P=gap){_HEX}{{2}}){{4,}}"  # 02-00-5e-10-00-01, DUIDs
_SHORT_PAIRS = rf"{_HEX}{{1,2}}(?::{_HEX}{{1,2}}){{5,}}"  # 2:0:5e:10:0:1
_WHOLE = (
    rf"{_HEX}{{4}}(?P<quad>[:\-.]){_HEX}{{4}}(?P=quad){_HEX}{{4}}(?!:)",  # 0200.5e10.0001
    rf"{_HEX}{{6}}[:\-]{_HEX}{{6}}",  # 02005e-100001
    rf"{_HEX}{{12}}",  # 02005e100001
    rf"{_HEX}{{1,4}}:{_HEX}{{0,2}}ff:fe{_HEX}{{2}}:{_HEX}{{1,4}}",  # inside an IPv6 address: RFC 4291 appendix A
)
_UUID = rf"(?P<uuid>\b{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}\b)"  # names a row, not a person
_MAC = re.compile(
    rf"{_UUID}|(?<!\d)(?:{_PAIRS}|{_SHORT_PAIRS})|(?<!{_HEX})(?:{'|'.join(_WHOLE)})(?!{_HEX})", re.IGNORECASE
)

_GAP = r"[-.\s()/]{0,3}"
_PHONE = re.compile(
    rf"\+\d(?:{_GAP}\d){{7,14}}(?!\d)"  # ITU-T E.164: at most 15 digits
    rf"|(?<!\d)(?<!\d\.)(?:(?:00)?82{_GAP}0?|0)1[016789]{_GAP}\d{{3,4}}{_GAP}\d{{4}}(?!\d)"  # Korean mobile phones
    r"|(?<!\d)\(?0\d{1,2}\)?[-. ]\d{3,4}[-. ]\d{4}(?!\d)"  # other Korean numbers, 02-123-4567
    r"|(?<!\d)\d{2,4}(?P<gap>[-.])\d{3,4}(?P=gap)\d{4}(?!\d)"
)

_SECRET_WORDS = frozenset(
    {"password", "passwd", "passphrase", "token", "secret", "key", "psk", "authorization", "cookie", "code", "ticket"}
)
_HARMLESS_NAMES = frozenset({"status_code", "exit_code", "error_code", "country_code"})
_NAMED = re.compile(
    rf"(?i)(?P<name>(?<![a-z])(?<!status )(?<!exit )(?:[a-z]+[_-])*(?:{'|'.join(sorted(_SECRET_WORDS))}))"
    r"(?P<is>[\\\"']*\s*[=:]\s*\\?(?:(?:bearer|basic|digest)\s+)?)(?P<value>\"[^\"]*\"|'[^']*'|[^\s,;&\"')}\]]+)"
)
_TICKET = re.compile(r"(?P<name>[?&]s=)[^&\s\"'<>]+")
_USERINFO = re.compile(r"(?P<name>://[^\s:/@]*:)[^\s/]+(?=@)")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)

# Less than a MAC address, a phone number or a named secret needs: most of what a line a request holds.
_HARMLESS = re.compile(r"[A-Za-z_/ ]{0,11}|-?\d{0,6}(?:\.\d{1,6})?")

_AS_JSON = json.JSONEncoder(ensure_ascii=False).encode
_MOST_NAMES = 1024  # remembered: names of fields stand in our code, with few exceptions
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def configure(level: str, format: str, stream: TextIO) -> None:  # noqa: A002 - the setting is called format
    """Send every event of this process, warnings of Python included, to `stream`. A later call replaces this one."""
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # no line says them
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines() if format == "json" else TextLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)


def get(name: str) -> logging.Logger:
    """The logger of a module: `log.get(__name__)`. Facts go into `extra`, not into the sentence."""
    return logging.getLogger(name)


def mask(text: str) -> str:
    """The text without MAC addresses, phone numbers and secrets that are named as such."""
    if _HARMLESS.fullmatch(text):
        return text
    text = _PRIVATE_KEY.sub(MASK, text)
    text = _USERINFO.sub(rf"\g<name>{MASK}", text)
    text = _TICKET.sub(rf"\g<name>{MASK}", text)
    text = _NAMED.sub(_mask_named, text)
    text = _MAC.sub(lambda found: found["uuid"] or MASK, text)
    return _PHONE.sub(MASK, text)


def mask_value(name: str, value: Any) -> Any:
    """An extra field as it may be written: masked by its name or by what it looks like, whatever its type."""
    if value is None or isinstance(value, bool):
        return value
    if _names_a_secret(name):
        return MASK
    if type(value) is str:  # most are, and to ask whether they are a Mapping takes longer than to mask them
        return mask(value)
    if isinstance(value, Mapping):
        return {mask(str(key)): mask_value(str(key), each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [mask_value("", each) for each in value]
    said = _said(value)
    shown = mask(said)
    return value if isinstance(value, int | float) and shown == said else shown


class JsonLines(logging.Formatter):
    """One JSON object a line: at (UTC), level, logger, event, the extra fields, error (a traceback)."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one masked line."""
        return _AS_JSON(_event(self, record))


class TextLines(logging.Formatter):
    """The same for people: a line, and below it the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one masked line, and its traceback indented."""
        event = _event(self, record)
        error = event.pop("error", "")
        head = f"{event.pop('at')} {event.pop('level'):7} {event.pop('logger')}: {_one_line(event.pop('event'))}"
        facts = "".join(f" {name}={_one_line(str(value))}" for name, value in event.items())
        return head + facts + "".join(f"\n    {line}" for line in error.splitlines())


def _event(formatter: logging.Formatter, record: logging.LogRecord) -> dict[str, Any]:
    event = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "event": mask(_message(record)),
    }
    extra = {name: mask_value(name, value) for name, value in vars(record).items() if name not in _STANDARD}
    error = {"error": mask(formatter.formatException(record.exc_info))} if record.exc_info else {}
    stack = {"stack": mask(record.stack_info)} if record.stack_info else {}
    return {**extra, **event, **error, **stack}


def _message(record: logging.LogRecord) -> str:
    """The sentence. Where its arguments do not fit they are left out: Python would print them unmasked instead."""
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - an argument's own __str__ may raise anything, and no event is to be lost
        return f"{record.msg} (its arguments do not fit)"


def _said(value: Any) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - as above
        return f"<{type(value).__name__}>"


@lru_cache(_MOST_NAMES)
def _names_a_secret(name: str) -> bool:
    plain = name.lower()
    return plain not in _HARMLESS_NAMES and not _SECRET_WORDS.isdisjoint(re.split(r"[^a-z]", plain))


def _mask_named(found: re.Match[str]) -> str:
    return f"{found['name']}{found['is']}{MASK}" if _names_a_secret(found["name"]) else found[0]


def _one_line(text: str) -> str:
    """No character may begin a line of its own: an event cannot pretend to be two."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
