"""A code by mail for whoever has forgotten the password: one page, and the same answer to everybody."""

import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from zoneinfo import ZoneInfo

from flask import Flask, request
from flask.typing import ResponseReturnValue

from portal import device
from portal.asked import Answer
from portal.catalogue import Catalogue
from portal.face import Face
from portal.identity import way
from portal.identity.mail_carrier import FileCarrier, SmtpCarrier
from portal.identity.sms_making import secret_text
from wifi_manager import log
from wifi_manager.clock import Clock
from wifi_manager.domain.mails import VALID_FOR, Carrier, Mail
from wifi_manager.domain.text_codes import DeviceBudgetUsed
from wifi_manager.domain.visits import Method
from wifi_manager.domain.vouchers import show_code
from wifi_manager.services.account_mails import CodesByMail, MailBudgets, MailClosed
from wifi_manager.settings import Settings, SettingsError
from wifi_manager.settings import mail as settings_of_mail
from wifi_manager.wire.tickets import Ticket

_LOG = log.get(__name__)
_DEED, _PATH = "account mail", "/account/forgotten"
_SHARE_OF_THREADS = 4  # a mail server that hangs takes this part of the portal's, and leaves the others to other ways
_LONGEST_TYPED = 300
MINUTES = VALID_FOR.seconds // 60


@dataclass(frozen=True, slots=True)
class ForgottenPage:
    """The page, and what it sends. `show_code` is the page on which the code is typed."""

    face: Face
    codes: CodesByMail
    show_code: Callable[[Ticket], Answer]

    def install(self, app: Flask) -> None:
        """Add the views."""
        app.add_url_rule(_PATH, endpoint="account_forgotten", view_func=self.page)
        app.add_url_rule(_PATH, endpoint=f"{_PATH} sent", view_func=self.send, methods=["POST"])

    def page(self) -> ResponseReturnValue:
        """Where the login name is typed, or what else there is while no mail can be sent."""
        ticket = self._asking()
        try:
            self.codes.check_open()
        except MailClosed:
            return self._show(ticket, "down").with_status(HTTPStatus.SERVICE_UNAVAILABLE)
        return self._show(ticket)

    def send(self) -> ResponseReturnValue:
        """On to the field for the code, whoever asks for whatever name: nothing in an address, all in one form."""
        ticket = self._asking()
        self.face.forms.check(ticket, _DEED)
        say, city = self.face.pages.say(), self.face.pages.looks.city
        try:
            self.codes.ask(ticket, request.form.get("name", "")[:_LONGEST_TYPED], partial(_mail, say, city))
        except DeviceBudgetUsed:
            return self._show(ticket, "enough").with_status(HTTPStatus.TOO_MANY_REQUESTS)
        except MailClosed:
            return self._show(ticket, "down").with_status(HTTPStatus.SERVICE_UNAVAILABLE)
        return self.show_code(ticket)

    def _asking(self) -> Ticket:
        ticket = device.asking(self.face.admission)
        way.offered(self.face, ticket, Method.ACCOUNT)
        return ticket

    def _show(self, ticket: Ticket, problem: str = "") -> Answer:
        return self.face.pages.show(
            "account_forgotten",
            problem=problem,
            minutes=MINUTES,
            token=self.face.forms.make(ticket, _DEED),
            others=len(self.face.admission.offered(ticket)) > 1,
            ticket=device.ticket_text(),
        )


@dataclass(frozen=True, slots=True)
class Background:
    """Does things after the answer, a few at a time; what waits is bounded by the carrier's turns."""

    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, "mail"))

    def __call__(self, work: Callable[[], None]) -> None:
        """Do it on a thread of its own."""
        self.pool.submit(_outermost, work)


def codes(settings: Settings, face: Face) -> CodesByMail | None:
    """What sends codes, or None without a provider. Raises SettingsError for what does not fit or open."""
    chosen, admission = settings.mail, face.admission
    if not chosen.provider:
        return None
    if contradictions := chosen.contradictions():
        raise SettingsError([f"[mail] {each}" for each in contradictions])
    budgets = MailBudgets(admission.vault, ZoneInfo(settings.city.time_zone), chosen)
    carried_by = carrier(chosen, settings.portal.threads, admission.clock)
    return CodesByMail(admission.store, admission.vault, admission.clock, budgets, carried_by, Background())


def carrier(chosen: settings_of_mail.Mail, threads: int, clock: Clock) -> Carrier:
    """Who carries mails. Raises SettingsError when one of its files cannot be used."""
    if chosen.provider == "file":
        return FileCarrier(chosen.file, chosen.sender, clock)
    turns = threading.BoundedSemaphore(max(1, threads // _SHARE_OF_THREADS))
    try:
        trusted = ssl.create_default_context(cafile=chosen.ca_file or None)
    except (OSError, ssl.SSLError) as refused:
        raise SettingsError(
            [f"[mail] ca_file: {chosen.ca_file} is no PEM file of certificates ({refused})."]
        ) from refused
    return SmtpCarrier(chosen, secret_text("mail", chosen.password_file), trusted, turns, clock)


def _mail(say: Catalogue, city: str, address: str, code: str) -> Mail:
    """In the language of whoever asked."""
    text = say("account_mail.text", city=city, code=show_code(code), minutes=MINUTES)
    return Mail(address, say("account_mail.subject", city=city), text, say.tag)


def _outermost(work: Callable[[], None]) -> None:
    try:
        work()
    except Exception:  # noqa: BLE001 - nobody waits who could be told
        _LOG.exception("a mail was given up")
