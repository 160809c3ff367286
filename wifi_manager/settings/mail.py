"""[mail]: through whom the city writes to residents who have forgotten the password of their account."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wifi_manager.settings import rules
from wifi_manager.settings.rules import key

_FILE = rules.text("the path of a file, or empty", ".*")


@dataclass(frozen=True, slots=True)
class Mail:
    """Codes by e-mail for accounts whose password is forgotten. Without a provider the counter alone gives codes."""

    provider: str = key(
        "",
        rules.text("smtp, file, or empty", "(smtp|file)?"),
        "Who sends: smtp is the city's mail server; file is for development and writes each mail to a file instead. "
        "Empty: nobody, and citizens are sent to where their account was opened.",
        "smtp",
    )
    file: Path = key(  # noqa: RUF009 - it declares a field
        Path("var/mails.txt"),
        rules.file_path(),
        "Where provider file writes; the portal's user alone can read it. It holds addresses and codes: for no city.",
    )
    host: str = key(
        "",
        rules.text("a host name or an IP address, or empty", r"[0-9A-Za-z.:-]*"),
        "The mail server (RFC 6409).",
        "mail.city.example",
    )
    port: int = key(587, rules.whole_number(1, 65535), "Its TCP port: 587 with starttls, 465 with tls.")
    security: str = key(
        "starttls",
        rules.choice("starttls", "tls", "none"),
        "starttls begins in the clear and goes on encrypted (RFC 3207), tls is encrypted from the start (RFC 8314), "
        "none is for a server on this machine alone. Nothing is sent where the encryption fails.",
    )
    ca_file: str = key(
        "",
        _FILE,
        "PEM file of the authority that the server's certificate is known by; empty for those the system trusts.",
        "/etc/wifi-manager/mail-ca.pem",
    )
    user: str = key("", rules.text("a name, or empty", r"[^\r\n]*"), "Who signs in to it; empty: nobody.", "wifi")
    password_file: str = key("", _FILE, "File with that user's password.", "/etc/wifi-manager/mail.secret")
    sender: str = key(
        "",
        rules.text("a mail address, or empty", r"([^@\s<>,]+@[^@\s<>,]+)?"),
        "Address that mails come from.",
        "wifi@city.example",
    )
    timeout_seconds: float = key(5.0, rules.number(0.1, 30), "How long each answer of it may take.", unit="s")
    device_a_day: int = key(5, rules.whole_number(1, 1000), "Mails that one device may ask for a day.")
    account_a_day: int = key(3, rules.whole_number(1, 1000), "Mails about one login name a day.")
    city_a_day: int = key(2000, rules.whole_number(0, 10**7), "Mails that the whole city may ask for a day.")

    def contradictions(self) -> list[str]:
        """What shows only when the keys are seen together: a sentence each."""
        return list(self._contradictions()) if self.provider else []

    def _contradictions(self) -> Iterator[str]:
        if not self.sender:
            yield 'sender is needed. Example: sender = "wifi@city.example"'
        if self.provider == "smtp" and not self.host:
            yield 'host is needed with provider smtp. Example: host = "mail.city.example"'
        if bool(self.user) != bool(self.password_file):
            yield "user and password_file go together."
        if self.user and self.security == "none":
            yield "a password is not sent in the clear: use starttls or tls, or no user."
