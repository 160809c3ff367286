"""[sms]: who sends the codes, to which countries, and how many of them the city pays for."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wifi_manager.settings import rules
from wifi_manager.settings.rules import key

_FILE = rules.text("the path of a file, or empty", ".*")


@dataclass(frozen=True, slots=True)
class Sms:
    """Codes by text message, the way in `sms`. docs/sms.md has examples of providers' requests."""

    provider: str = key(
        "",
        rules.text("http, file, or empty", "(http|file)?"),
        "Who sends: http is a provider's web address; file is for development and writes each message to a file "
        "instead. Empty: nobody, and the way in cannot be offered.",
        "http",
    )
    file: Path = key(  # noqa: RUF009 - it declares a field
        Path("var/text-messages.txt"),
        rules.file_path(),
        "Where provider file writes; the portal's user alone can read it. It holds numbers and codes: for no city.",
    )
    countries: tuple[str, ...] = key(
        ("KR",),
        rules.texts(
            "a list of two-letter country codes (ISO 3166), each with a name or without", "[A-Z]{2}( .{1,60})?"
        ),
        "Countries whose numbers get codes, with the names that citizens choose from where there are several; the "
        "first one is meant by a number without a country.",
        ("KR 대한민국", "PH Pilipinas"),
    )
    url: str = key(
        "",
        rules.text("an address that begins with https:// or http://, or empty", r"(https?://\S+)?"),
        "Address of the provider's service. Keys belong into the secret file, not here.",
        "https://sms.example/v1/messages",
    )
    method: str = key("POST", rules.choice("POST", "PUT"), "How it is called. GET would put numbers into addresses.")
    content_type: str = key(
        "application/json",
        rules.choice("application/json", "application/x-www-form-urlencoded", "application/xml"),
        "What the body is: values are escaped for it.",
    )
    body: str = key(
        '{"to": "{number}", "text": "{text}"}',
        rules.text("a text with {text} or {code}", r"(?s).*\{(text|code)\}.*"),
        "The request's body. {number} is +821012345678, {digits} 821012345678, {national} 01012345678, {text} the "
        "message, {code} the code alone, {secret} what the secret file holds.",
    )
    headers: tuple[str, ...] = key(
        (),
        rules.some_texts("a list of headers with their values", r"[A-Za-z0-9-]+: [^\r\n]+"),
        "Headers of the request; {secret} is what the secret file holds.",
        ("Authorization: Bearer {secret}",),
    )
    secret_file: str = key("", _FILE, "File with the provider's key or password.", "/etc/wifi-manager/sms.secret")
    signature_header: str = key(
        "",
        rules.text("a header's name, or empty", r"[A-Za-z0-9-]*"),
        "Header that carries the body's HMAC-SHA-256 (RFC 2104), made with the signature key. Empty: none.",
        "X-Signature",
    )
    signature: str = key(
        "{hex}",
        rules.text("a text with {hex} or {base64}", r"[^\r\n]*\{(hex|base64)\}[^\r\n]*"),
        "How that header says it.",
        "sha256={hex}",
    )
    signature_key_file: str = key("", _FILE, "File with the signature key.", "/etc/wifi-manager/sms-signature.key")
    ca_file: str = key(
        "",
        _FILE,
        "PEM file of the authority that the provider's certificate is known by; empty for those the system trusts.",
        "/etc/wifi-manager/sms-ca.pem",
    )
    accepted: str = key(
        "",
        rules.text("a text, or empty", ".*"),
        "What an answer must hold, beside a status from 200 to 299, where a provider says 200 to what it refuses.",
        '"status":"queued"',
    )
    timeout_seconds: float = key(5.0, rules.number(0.1, 30), "How long the provider may take.", unit="s")
    origin_line: bool = key(
        False,
        rules.yes_or_no(),
        "Whether a message ends with the portal's name and the code, `@wifi.example #123456`: phones then fill the "
        "code in on that page alone. It makes a message longer, and some cost twice.",
        True,
    )
    again_seconds: int = key(60, rules.whole_number(10, 600), "How long until a code can be sent again.", unit="s")
    device_a_day: int = key(5, rules.whole_number(1, 1000), "Codes that one device may have a day.")
    number_a_day: int = key(5, rules.whole_number(1, 1000), "Codes to one number a day.")
    prefix_a_day: int = key(
        100, rules.whole_number(1, 10**6), "Codes a day to all numbers that differ in their last four digits alone."
    )
    place_an_hour: int = key(
        200, rules.whole_number(1, 10**6), "Codes that one network of a gateway may have an hour."
    )
    city_a_day: int = key(10_000, rules.whole_number(0, 10**8), "Codes that the city pays for a day.")
    verified_share: float = key(
        0.3,
        rules.number(0, 1),
        "Share of an hour's codes that must come back: below it, somebody makes the city pay for numbers that are "
        "nobody's, and no more are sent until an hour is over. 0: off.",
    )
    verified_from: int = key(50, rules.whole_number(1, 10**6), "How many codes of an hour that share needs to count.")

    def contradictions(self) -> list[str]:
        """What shows only when the keys are seen together: a sentence each."""
        return list(self._contradictions()) if self.provider == "http" else []

    def _contradictions(self) -> Iterator[str]:
        if not self.url:
            yield 'url is needed with provider http. Example: url = "https://sms.example/v1/messages"'
        if "{secret}" in " ".join((self.body, *self.headers)) and not self.secret_file:
            yield "secret_file is needed where a header or the body has {secret}."
        if bool(self.signature_header) != bool(self.signature_key_file):
            yield "signature_header and signature_key_file go together."
        if not {"{number}", "{digits}", "{national}"} & {f"{{{each}}}" for each in _names_in(self.body)}:
            yield "body needs {number}, {digits} or {national}: whom the message is for."


def _names_in(body: str) -> list[str]:
    return [each for each in ("number", "digits", "national") if f"{{{each}}}" in body]
