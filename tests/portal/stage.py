"""Where each page of the portal is set up for the gallery: one application with every way in, and who stands before it."""

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from flask import Flask, request
from flask.typing import ResponseReturnValue

from portal import device, relief
from portal.app import create_app
from portal.face import Face
from portal.identity import configured, radius
from portal.identity.eid import EidWay
from portal.identity.radius_wire.servers import Lines
from tests.builders import A_CITY, a_plan, a_site
from tests.fakes.clock import FrozenClock
from tests.fakes.gateway import SimulatedGateway
from tests.portal.conftest import Phone
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.domain.visits import Method
from wifi_manager.services.eid import EidSignIns, NotAccepted, Person, ProviderFailed
from wifi_manager.services.places import Places
from wifi_manager.settings import City, Settings
from wifi_manager.settings.mail import Mail
from wifi_manager.settings.radius import Radius
from wifi_manager.settings.sms import Sms

EID_HOST = "login.nation.example"  # the browser must be told that it is this machine
NOBODYS_SERVER = Radius(servers=("127.0.0.1:9",))  # the port of RFC 863, where no test listens
RELIEF = "/test/relief/<way>"  # what whoever chose this way reads while it does not work
STAY = "/test/stay"  # 204: the browser stays on the page that leads there


@dataclass(slots=True)
class NationEid:
    """An OpenID provider of which the pages alone are looked at: nobody gets in by it."""

    is_away: bool = False

    def check(self) -> None:
        if self.is_away:
            raise ProviderFailed("The eID is away.")

    def leave_url(self, _state: str, _nonce: str, _verifier: str, _language: str) -> str:
        return f"http://{EID_HOST}:{urlsplit(request.host_url).port}{STAY}"

    def person(self, _code: str, _verifier: str, _nonce: str) -> Person:
        raise NotAccepted("It is not sure enough who this is.")


@dataclass(frozen=True, slots=True)
class Outside:
    """What the portal asks: the eID, and files instead of a provider of text messages and a mail server."""

    folder: Path
    eid: NationEid = field(default_factory=NationEid)

    @property
    def settings(self) -> Settings:
        sms = Sms(provider="file", file=self.messages, countries=("KR 대한민국", "PH Pilipinas"))
        mail = Mail(provider="file", file=self.mails, sender="wifi@city.example")
        return Settings(city=City(slug=A_CITY.slug), sms=sms, mail=mail)

    @property
    def mails(self) -> Path:
        return self.folder / "mails.txt"

    @property
    def messages(self) -> Path:
        return self.folder / "messages.txt"

    def lose_mails(self) -> None:
        """From now on no mail can be written."""
        if not self.mails.is_dir():
            self.mails.unlink(missing_ok=True)
            self.mails.mkdir()

    def mend(self) -> None:
        """All that is outside works again."""
        self.eid.is_away = False
        if self.mails.is_dir():
            self.mails.rmdir()

    def newest_text(self) -> str:
        """The newest message."""
        _, _, quoted = self.messages.read_text(encoding="utf-8").splitlines()[-1].partition(" ")
        return str(json.loads(quoted))


@dataclass(frozen=True, slots=True)
class Stage:
    """The portal before one device that nobody has seen yet."""

    app: Flask
    face: Face
    gateway: SimulatedGateway
    clock: FrozenClock
    outside: Outside
    number: int = 1

    @property
    def device(self) -> MacAddress:
        return MacAddress.parse(f"02:00:5e:20:{self.number >> 8:02x}:{self.number & 255:02x}")

    def ticket(self) -> str:
        return self.gateway.ticket(self.clock.now(), device=self.device, address=f"10.1.9.{self.number % 250 + 1}")

    def at(self, path: str, **query: object) -> str:
        """The address of a page of ours, with a fresh ticket."""
        return f"{path}?{urlencode({'s': self.ticket(), **query})}"

    def phone(self) -> Phone:
        return Phone(self.app.test_client(use_cookies=False), self.gateway, self.clock)

    def send(self, page: str, form: str, **typed: str) -> None:
        """Fill in a page's form and send it."""
        phone = self.phone()
        phone.submit(phone.open(page, self.ticket()), form, **typed)

    def go_online(self) -> None:
        self.send("/", "/connect")

    def offer(self, *ways: Method) -> None:
        """What everybody at this site is offered from now on."""
        Places(self.face.admission.store, self.clock).offer(a_site().key, ways, "somebody")


def stage_of(face: Face, gateway: SimulatedGateway, clock: FrozenClock, folder: Path) -> Stage:
    """A stage of its own, on the face's store."""
    outside = Outside(folder)
    with face.admission.store.begin() as tx:
        tx.plans.save(a_plan(name="relief", lifetime=timedelta(minutes=15)))
    return Stage(whole_app(face, outside), face, gateway, clock, outside)


def whole_app(face: Face, outside: Outside) -> Flask:
    """The application with every way in, waiting for no gateway, and with pages of what fails."""
    patient = replace(face.admission, patience_seconds=0.0)
    relieving = replace(face, admission=patient, relief=replace(face.relief, admission=patient, plan="relief"))
    app = create_app(
        relieving,
        {
            **configured.ways(outside.settings),
            Method.EID: lambda given: EidWay(given, EidSignIns(given.admission), outside.eid),
            Method.RADIUS: partial(radius.make, NOBODYS_SERVER, b"a secret", Lines(2)),
        },
    )
    app.add_url_rule("/test/busy", view_func=_busy)
    app.add_url_rule("/test/broken", view_func=_broken)
    app.add_url_rule(STAY, view_func=_stay)
    app.add_url_rule(RELIEF, "test_relief", lambda way: _relief(relieving, Method(way)))
    return app


def _busy() -> str:
    raise OutsideFailure("The database is away.")


def _broken() -> str:
    raise RuntimeError(f"A mistake in {A_CITY.slug}.")


def _relief(face: Face, failed: Method) -> ResponseReturnValue:
    return relief.page(face, device.asking(face.admission), failed)


def _stay() -> tuple[str, int]:
    return "", 204
