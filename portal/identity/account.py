"""The account's way in: a name and a password; a one-time code for whoever has none yet, or has forgotten it.

Also what citizens do with their account: another password, and its deletion.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import TypeVar

from flask import Flask, request
from flask.typing import ResponseReturnValue

from portal import device, sign_in
from portal.asked import Answer
from portal.face import Face
from portal.identity import account_mail, way
from portal.identity.account_mail import MINUTES, ForgottenPage
from portal.identity.way import MakeWay
from portal.pages import see
from wifi_manager.domain.accounts import AccountRefused, WeakPassword, fold_name
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.visits import Method
from wifi_manager.services.account_mails import CodesByMail
from wifi_manager.services.accounts import Accounts, Meanwhile, Rules, TooManyDevices
from wifi_manager.services.admission import Prove
from wifi_manager.services.passwords import Passwords
from wifi_manager.services.tries import A_NAME, Tries, Wait
from wifi_manager.settings import Settings
from wifi_manager.wire.tickets import Ticket

_LONGEST_TYPED = 300
_PAGES = ("account", "account_code", "account_own")
T = TypeVar("T")
_Refusals = (Wait, AccountRefused, BadInput)


@dataclass(frozen=True, slots=True)
class AccountWay:
    """Pages and what they send. `tries` keeps guessing slow."""

    face: Face
    accounts: Accounts
    tries: Tries
    mails: CodesByMail | None = None  # None: whoever has forgotten the password goes to where the account was opened

    def install(self, app: Flask) -> None:
        """Add the views."""
        if self.mails is not None:
            ForgottenPage(self.face, self.mails, partial(self._form, "account_code", is_sent=True)).install(app)
        for page in _PAGES:
            path = _path(page)
            app.add_url_rule(path, endpoint=page, view_func=partial(self.page, page))
        for path, view in (
            ("/account", self.enter),
            ("/account/code", self.complete),
            ("/account/password", self.change_password),
            ("/account/delete", self.delete),
        ):
            app.add_url_rule(path, endpoint=f"{path} sent", view_func=view, methods=["POST"])
        for done in ("account_changed", "account_deleted"):
            app.add_url_rule(_path(done), endpoint=done, view_func=partial(self.done, done))

    def page(self, page: str) -> ResponseReturnValue:
        """One of the pages with a form."""
        ticket = device.asking(self.face.admission)
        way.offered(self.face, ticket, Method.ACCOUNT)
        return self._form(page, ticket)

    def done(self, kind: str) -> ResponseReturnValue:
        """Says that it is done."""
        return self.face.pages.show("done", kind=kind)

    def enter(self) -> ResponseReturnValue:
        """Name and password lead online."""
        return self._let_in("account", lambda meanwhile: self.accounts.prove(_name(), _typed("password"), meanwhile))

    def complete(self) -> ResponseReturnValue:
        """Name, one-time code and a password of one's choice lead online."""
        return self._let_in(
            "account_code",
            lambda meanwhile: self.accounts.complete(_name(), _typed("code"), _typed("wanted"), meanwhile),
        )

    def change_password(self) -> ResponseReturnValue:
        """Another password for an account."""
        return self._do(
            "password",
            "account_changed",
            lambda meanwhile: self.accounts.change_password(_name(), _typed("password"), _typed("wanted"), meanwhile),
        )

    def delete(self) -> ResponseReturnValue:
        """The account is deleted and its visits end."""
        return self._do(
            "delete",
            "account_deleted",
            lambda meanwhile: self.accounts.delete(_name(), _typed("password"), meanwhile),
        )

    def _let_in(self, page: str, prove: Callable[[Meanwhile], Prove]) -> ResponseReturnValue:
        started = time.perf_counter()
        self.face.metrics.reached("submitted")
        with self.face.metrics.counting_failures():
            ticket, consent = way.submitted(self.face, Method.ACCOUNT, page)
            try:
                return self._try(
                    ticket, lambda right: sign_in.enter(self.face, ticket, consent, prove(right), started)
                )
            except _Refusals as refused:
                self.face.metrics.failed("refused")
                return self._form(page, ticket, refused)

    def _do(self, deed: str, then: str, work: Callable[[Meanwhile], None]) -> ResponseReturnValue:
        ticket = device.asking(self.face.admission)
        self.face.forms.check(ticket, deed)
        way.offered(self.face, ticket, Method.ACCOUNT)
        try:
            self._try(ticket, work)
        except _Refusals as refused:
            return self._form("account_own", ticket, refused)
        return see(_path(then))

    def _try(self, ticket: Ticket, work: Callable[[Meanwhile], T]) -> T:
        """Count the try, and what comes of it: `work` is handed what gives it back when it was right."""
        attempt = self.tries.begin(ticket, account=fold_name(_name()).encode())
        try:
            return work(partial(self.tries.right, attempt))
        except (TooManyDevices, BadInput):
            self.tries.nothing(attempt)
            raise
        except AccountRefused:
            self.tries.wrong(attempt)
            raise

    def _form(self, page: str, ticket: Ticket, refused: Exception | None = None, *, is_sent: bool = False) -> Answer:
        terms = self.face.terms.get(self.face.terms.current, self.face.pages.say().tag)
        deeds = {"password": (), "delete": (), page: (terms.version, terms.language)}
        answer = self.face.pages.show(
            page,
            terms=terms,
            tokens={deed: self.face.forms.make(ticket, deed, *about) for deed, about in deeds.items()},
            problem="" if refused is None else self._problem(refused),
            wrong="" if refused is None else "wanted" if isinstance(refused, WeakPassword) else "name",
            typed=_name(),
            code=_typed("code"),
            remember_days=self._remember_days,
            mails=self.mails is not None,
            sent_minutes=MINUTES if is_sent else 0,
            ticket=device.ticket_text(),
        )
        if refused is None:
            return answer
        is_early = isinstance(refused, Wait)
        return answer.with_status(HTTPStatus.TOO_MANY_REQUESTS if is_early else HTTPStatus.UNPROCESSABLE_ENTITY)

    @property
    def _remember_days(self) -> int:
        """A device that comes back gets the plan of the place: none is remembered where accounts have another."""
        return self.face.remember_days if self.accounts.rules.plan is None else 0

    def _problem(self, refused: Exception) -> str:
        say = self.face.pages.say()
        if isinstance(refused, Wait):
            return way.wait_said(self.face, Method.ACCOUNT, refused)
        if isinstance(refused, WeakPassword):
            return say(f"account.weak_{refused.why}")
        return say("account.devices" if isinstance(refused, TooManyDevices) else "account.refused")


def maker(settings: Settings) -> MakeWay:
    """Accounts need no settings: a city that has opened none lets nobody in by them."""
    return lambda face: make(settings, face, Passwords())


def make(settings: Settings, face: Face, passwords: Passwords) -> AccountWay:
    """The pages, with a bound on how many passwords are hashed at a time."""
    admission, chosen = face.admission, settings.account
    rules = Rules(chosen.devices_at_a_time, timedelta(days=chosen.code_days), chosen.plan or None)
    accounts = Accounts(admission.store, admission.vault, admission.clock, rules, passwords)
    noticed = partial(face.metrics.tried, Method.ACCOUNT)
    tries = Tries(
        admission.store,
        admission.vault,
        admission.clock,
        Method.ACCOUNT,
        noticed,
        others={"account": A_NAME},
    )
    return AccountWay(face, accounts, tries, account_mail.codes(settings, face))


def _path(page: str) -> str:
    return f"/{page.replace('_', '/')}"


def _name() -> str:
    return _typed("name")


def _typed(name: str) -> str:
    return request.form.get(name, "")[:_LONGEST_TYPED]
