"""Who carries mails: the city's mail server over SMTP, or a file for development."""

import os
import smtplib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path

from wifi_manager.clock import Clock
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.domain.mails import Mail
from wifi_manager.settings.mail import Mail as Settings

_TURN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class SmtpLine:
    """A server that has let us in."""

    server: smtplib.SMTP
    sender: str
    clock: Clock

    def send(self, mail: Mail) -> None:
        """Hand it over. Raises OutsideFailure, which names nobody."""
        with _failures_told():
            self.server.send_message(written(mail, self.sender, self.clock))


@dataclass(frozen=True, slots=True)
class SmtpCarrier:
    """Calls a mail server. A hung one takes no more than `turns` of the portal's threads."""

    settings: Settings
    password: str = field(repr=False)
    trusted: ssl.SSLContext
    turns: threading.BoundedSemaphore
    clock: Clock

    @contextmanager
    def open(self) -> Iterator[SmtpLine]:
        """A line on which the server has let us in. Raises OutsideFailure."""
        if not self.turns.acquire(timeout=_TURN_SECONDS):
            raise OutsideFailure("The mail server is too slow: others still wait for it.")
        try:
            server = self._connected()
            try:
                yield SmtpLine(server, self.settings.sender, self.clock)
            finally:
                _hang_up(server)
        finally:
            self.turns.release()

    def _connected(self) -> smtplib.SMTP:
        chosen = self.settings
        with _failures_told():
            if chosen.security == "tls":
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    chosen.host, chosen.port, timeout=chosen.timeout_seconds, context=self.trusted
                )
            else:
                server = smtplib.SMTP(chosen.host, chosen.port, timeout=chosen.timeout_seconds)
            try:
                self._introduce(server)
            except BaseException:  # raised again: whatever it is, no connection is left open
                server.close()
                raise
            return server

    def _introduce(self, server: smtplib.SMTP) -> None:
        """Encrypted before anything is said: `starttls` fails where the server offers none."""
        if self.settings.security == "starttls":
            server.starttls(context=self.trusted)
        if self.settings.user:
            server.login(self.settings.user, self.password)
        else:
            server.ehlo_or_helo_if_needed()


@dataclass(frozen=True, slots=True)
class FileCarrier:
    """For development: writes each mail to a file that its owner alone can read."""

    path: Path
    sender: str
    clock: Clock
    turn: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def open(self) -> Iterator["FileCarrier"]:
        """The file. Raises OutsideFailure when it cannot be written."""
        self._add(b"")
        yield self

    def send(self, mail: Mail) -> None:
        """Add it to the file. Raises OutsideFailure."""
        self._add(written(mail, self.sender, self.clock).as_bytes() + b"\r\n")

    def _add(self, content: bytes) -> None:
        try:
            with self.turn:
                descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
        except OSError as refused:
            raise OutsideFailure(f"[mail] file cannot be written: {refused.strerror}.") from refused


def written(mail: Mail, sender: str, clock: Clock) -> EmailMessage:
    """The mail as it goes over the wire. No machine answers it (RFC 3834)."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender, mail.to, mail.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message["Content-Language"] = mail.language
    return message


@contextmanager
def _failures_told() -> Iterator[None]:
    try:
        yield
    except (OSError, smtplib.SMTPException) as failure:
        raise OutsideFailure(
            f"The mail server takes no mail: {type(failure).__name__}. Check [mail] host, port, security, user."
        ) from None  # what it said may name the address


def _hang_up(server: smtplib.SMTP) -> None:
    with suppress(OSError, smtplib.SMTPException):
        server.quit()
    server.close()
