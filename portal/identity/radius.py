"""The way in `radius`: a name and a password that an organisation's own RADIUS servers check."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from flask import Flask, request
from flask.typing import ResponseReturnValue

from portal import device, relief, sign_in
from portal.asked import Answer
from portal.face import Face
from portal.identity import way
from portal.identity.radius_wire.servers import Lines, Servers
from portal.identity.way import MakeWay
from wifi_manager.domain.visits import Consent, Method
from wifi_manager.services.radius import (
    LONGEST_NAME,
    Directory,
    NameRefused,
    ServersFailed,
    credentials,
    proof_of,
)
from wifi_manager.services.tries import A_NAME, Tries, Wait
from wifi_manager.settings import Settings
from wifi_manager.settings.radius import Radius
from wifi_manager.settings.secret_texts import secret_text
from wifi_manager.wire.tickets import Ticket

_SHARE_OF_THREADS = 2  # servers that hang take this part of the portal's, and leave the others to other ways


@dataclass(frozen=True, slots=True)
class RadiusWay:
    """The page, and what it sends. `tries` keeps guessing slow."""

    face: Face
    directory: Directory
    tries: Tries
    realm: str
    plans: Mapping[str, str]

    def install(self, app: Flask) -> None:
        """Add the views."""
        app.add_url_rule("/radius", view_func=self.page, endpoint="radius")
        app.add_url_rule("/radius", view_func=self.enter, endpoint="radius_enter", methods=["POST"])

    def page(self) -> ResponseReturnValue:
        """Where name and password are typed."""
        ticket = device.asking(self.face.admission)
        way.offered(self.face, ticket, Method.RADIUS)
        return self._form(ticket)

    def enter(self) -> ResponseReturnValue:
        """Name and password: right ones lead online; while no server answers there are other ways."""
        started = time.perf_counter()
        self.face.metrics.reached("submitted")
        with self.face.metrics.counting_failures():
            ticket, consent = way.submitted(self.face, Method.RADIUS, "radius")
            try:
                return self._let_in(ticket, consent, started)
            except ServersFailed:
                return relief.page(self.face, ticket, Method.RADIUS)
            except (Wait, NameRefused) as refused:
                self.face.metrics.failed("refused")
                return self._refuse(ticket, refused)

    def _let_in(self, ticket: Ticket, consent: Consent, started: float) -> ResponseReturnValue:
        """The servers are asked before the database is written to, so that nothing waits for them but this."""
        typed = credentials(request.form.get("name", ""), request.form.get("password", ""), self.realm)
        attempt = self.tries.begin(ticket, account=typed.who)
        try:
            accepted = self.directory.ask(typed)
        except ServersFailed:
            self.tries.nothing(attempt)
            raise
        except NameRefused:
            self.tries.wrong(attempt)
            raise
        right = partial(self.tries.right, attempt)
        prove = proof_of(self.face.admission.vault, typed, accepted, self.plans, right)
        return sign_in.enter(self.face, ticket, consent, prove, started)

    def _refuse(self, ticket: Ticket, refused: Wait | NameRefused) -> Answer:
        """The same page with the name, and what to do."""
        if isinstance(refused, Wait):
            page = self._form(ticket, way.wait_said(self.face, Method.RADIUS, refused))
            return page.with_status(HTTPStatus.TOO_MANY_REQUESTS)
        page = self._form(ticket, self.face.pages.say()("radius.refused"), is_wrong=True)
        return page.with_status(HTTPStatus.UNPROCESSABLE_ENTITY)

    def _form(self, ticket: Ticket, problem: str = "", *, is_wrong: bool = False) -> Answer:
        terms = self.face.terms.get(self.face.terms.current, self.face.pages.say().tag)
        return self.face.pages.show(
            "radius",
            terms=terms,
            token=self.face.forms.make(ticket, "radius", terms.version, terms.language),
            problem=problem,
            wrong=is_wrong,
            typed=request.form.get("name", "")[:LONGEST_NAME],
            ticket=device.ticket_text(),
        )


def maker(settings: Settings) -> MakeWay | None:
    """The way as the settings describe it, or None without servers. Raises SettingsError for a missing secret."""
    chosen = settings.radius
    if not chosen.servers:
        return None
    secret = secret_text(chosen.secret_file).encode()
    lines = Lines(max(1, settings.portal.threads // _SHARE_OF_THREADS))
    return partial(make, chosen, secret, lines)


def make(chosen: Radius, secret: bytes, lines: Lines, face: Face) -> RadiusWay:
    """The pages, in front of these servers."""
    admission, noticed = face.admission, partial(face.metrics.tried, Method.RADIUS)
    others = {"account": A_NAME}
    tries = Tries(admission.store, admission.vault, admission.clock, Method.RADIUS, noticed, others=others)
    servers = Servers(
        chosen.addresses,
        secret,
        chosen.nas_identifier,
        chosen.timeout_seconds,
        chosen.retries + 1,
        lines,
        face.metrics.radius.noticed,
    )
    return RadiusWay(face, servers, tries, chosen.realm, chosen.plans)
