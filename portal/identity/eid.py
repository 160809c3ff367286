"""The way in `eid`: signing in with the city's or nation's eID by OpenID Connect, without a cookie.

/eid tells what will happen, a tap opens the provider for this phone (/eid/leave leads there), the provider sends the
browser to /eid/back, that goes by way of the gateway's own name, and /eid/finish has a fresh ticket of that phone.
"""

import ssl
import time
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

import httpx
from flask import Flask, request
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from portal import device, relief
from portal.face import Face
from portal.identity.openid.client import OpenIdProvider, Registration
from portal.identity.openid.published import Published
from portal.identity.openid.web import Web
from portal.identity.way import MakeWay
from portal.pages import LANGUAGE, see
from portal.sign_in import GIVE_UP_SECONDS, REFRESH_SECONDS, enter, given_consent
from wifi_manager import assembly
from wifi_manager.clock import Clock, SystemClock
from wifi_manager.domain.blocks import Blocked
from wifi_manager.domain.errors import Forbidden
from wifi_manager.domain.visits import Method
from wifi_manager.services.eid import EidSignIns, NotAccepted, Provider, ProviderFailed
from wifi_manager.settings import Settings
from wifi_manager.settings.eid import Eid
from wifi_manager.settings.secret_texts import secret_text

BACK_PATH = "/eid/back"
_GLANCE_SECONDS = 0.5
_LAST_TRY = GIVE_UP_SECONDS // REFRESH_SECONDS


@dataclass(frozen=True, slots=True)
class EidWay:
    """Its pages. Nothing is kept between them but in the database, by device."""

    face: Face
    sign_ins: EidSignIns
    provider: Provider

    def install(self, app: Flask) -> None:
        """Add the views."""
        app.add_url_rule("/eid", view_func=self.first, endpoint="eid")
        app.add_url_rule("/eid", view_func=self.begin, endpoint="eid_begin", methods=["POST"])
        app.add_url_rule("/eid/leave", view_func=self.leave, endpoint="eid_leave")
        app.add_url_rule(BACK_PATH, view_func=self.back, endpoint="eid_back")
        app.add_url_rule("/eid/finish", view_func=self.finish, endpoint="eid_finish")

    def first(self) -> ResponseReturnValue:
        """What will happen, and the terms; or other ways while the provider does not answer."""
        ticket = device.asking(self.face.admission)
        if Method.EID not in self.face.admission.offered(ticket):
            return see("/", device.ticket_text())
        try:
            self.provider.check()
        except ProviderFailed:
            return relief.page(self.face, ticket, Method.EID)
        self.face.metrics.reached("page")
        terms = self.face.terms.get(self.face.terms.current, self.face.pages.say().tag)
        token = self.face.forms.make(ticket, "eid", terms.version, terms.language)
        return self.face.pages.show("eid", terms=terms, token=token)

    def begin(self) -> ResponseReturnValue:
        """The tap: the gateway opens the provider for this phone."""
        self.face.metrics.reached("submitted")
        with self.face.metrics.counting_failures():
            ticket = device.asking(self.face.admission)
            consent = given_consent(self.face, ticket, "eid")
            if self.face.admission.present(ticket) is not None:
                return see("/", device.ticket_text())
            try:
                self.sign_ins.begin(ticket, consent)
            except Blocked:
                return see("/", device.ticket_text())  # which says so, and whom to ask
        return see("/eid/leave", device.ticket_text())

    def leave(self) -> ResponseReturnValue:
        """Leads on to the provider once the gateway lets the phone reach it.

        A page and no redirect: browsers hold what a form leads to against its page's policy for forms.
        """
        ticket = device.asking(self.face.admission)
        found = self.sign_ins.under_way(ticket)
        if found is None:
            return see("/eid", device.ticket_text())
        tries = max(request.args.get("n", default=0, type=int), 0)
        if not self.sign_ins.is_open(found, _GLANCE_SECONDS if tries else REFRESH_SECONDS):
            return self._wait(tries)
        try:
            language = found.consent.language
            url = self.provider.leave_url(
                found.secrets["state"], found.secrets["nonce"], found.secrets["verifier"], language
            )
        except ProviderFailed:
            return relief.page(self.face, ticket, Method.EID)
        return self.face.pages.show("eid_leave", url=url, host=urlsplit(url).hostname)

    def back(self) -> ResponseReturnValue:
        """From the provider. Whose browser this is will be seen by the ticket that its gateway gives it."""
        state, code = request.args.get("state", ""), request.args.get("code", "")
        try:
            if not code:
                self.sign_ins.give_up(state)
                return self._problem("given_up", HTTPStatus.OK)
            word, language = self.sign_ins.come_back(state, code)
        except Forbidden:
            return self._problem("over")
        carried = urlencode({"r": word, LANGUAGE: language})
        return redirect(f"{self.face.pages.fresh_ticket_url}/eid?{carried}", HTTPStatus.SEE_OTHER)

    def finish(self) -> ResponseReturnValue:
        """The same phone is back: who has signed in, and then the network."""
        started = time.perf_counter()
        ticket = device.asking(self.face.admission)
        if self.face.admission.present(ticket) is not None:
            return see("/", device.ticket_text())  # a reload, or the back button
        with self.face.metrics.counting_failures():
            try:
                returned = self.sign_ins.take(ticket, request.args.get("r", ""))
                person = self.provider.person(returned.code, returned.verifier, returned.nonce)
            except NotAccepted:
                return self._problem("refused")
            except Forbidden:
                return self._problem("over")
            except ProviderFailed:
                return relief.page(self.face, ticket, Method.EID)
            return enter(self.face, ticket, returned.consent, self.sign_ins.proof_of(person), started)

    def _wait(self, tries: int) -> ResponseReturnValue:
        if tries >= _LAST_TRY:
            self.face.metrics.failed("gateway")
            return self.face.pages.show("late")
        return self.face.pages.show("eid_wait", next_try=tries + 1, seconds=REFRESH_SECONDS)

    def _problem(self, kind: str, status: HTTPStatus = HTTPStatus.FORBIDDEN) -> ResponseReturnValue:
        if status is HTTPStatus.FORBIDDEN:
            self.face.metrics.failed("refused")
        return self.face.pages.show("eid_problem", kind=kind).with_status(status)


def maker(settings: Settings) -> MakeWay | None:
    """The way as the settings describe it, or None without a provider. Raises SettingsError."""
    eid = settings.eid
    if not eid.is_on:
        return None
    assembly.eid_hosts(settings)
    provider = _provider(eid, settings.portal.public_url, SystemClock())
    return lambda face: EidWay(face, EidSignIns(face.admission), provider)


def _provider(eid: Eid, public_url: str, clock: Clock) -> OpenIdProvider:
    about = Registration(
        issuer=eid.issuer,
        client_id=eid.client_id,
        client_secret=secret_text(eid.client_secret_file),
        redirect_uri=f"{public_url}{BACK_PATH}",
        scopes=eid.scopes,
        acr_values=eid.acr_values,
        required_claims=tuple(
            (name, value) for name, _, value in (each.partition("=") for each in eid.required_claims)
        ),
    )
    trusted = ssl.create_default_context(cafile=eid.ca_file or None)
    web = Web(httpx.Client(verify=trusted, follow_redirects=False), eid.timeout_seconds)
    return OpenIdProvider(about, web, Published(eid.issuer, eid.all_hosts, web), clock)
