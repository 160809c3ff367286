"""A portal of the example city on a real store, with a simulated gateway that acknowledges."""

import io
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry
from werkzeug.test import TestResponse

from portal.app import build_face, create_app
from portal.face import Face
from tests.builders import A_CITY, A_MASTER_KEY, NOON, a_plan, a_site
from tests.fakes.clock import FrozenClock
from tests.fakes.gateway import SimulatedGateway
from wifi_manager import log, shipped
from wifi_manager.services.admission import Admission
from wifi_manager.services.open_data import OpenData
from wifi_manager.services.opening import Opening, Usual
from wifi_manager.services.returning import Returning
from wifi_manager.services.terms_in_force import NEWEST, in_force
from wifi_manager.settings import City, Portal
from wifi_manager.settings.open_data import OpenDataSettings
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault

CITY = City(slug=A_CITY.slug, name="Haneul Public WiFi")
PORTAL = Portal(public_url="https://wifi.example")
TOLD = OpenDataSettings(licence="CC BY 4.0", tells_available=True)
RETURNING = Returning(Opening(Usual()), timedelta(days=30), in_force(shipped.configs() / "terms", NEWEST))


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOON)


@pytest.fixture
def vault() -> Vault:
    return Vault(A_MASTER_KEY, A_CITY.slug)


@pytest.fixture
def sqlite_store(upgraded_file: Path, tmp_path: Path, vault: Vault) -> Iterator[Store]:
    """For tests of pages alone: the database behind them does not matter."""
    shutil.copy(upgraded_file, tmp_path / "portal.db")
    store = Store(open_engine(f"sqlite:///{tmp_path / 'portal.db'}"), A_CITY.slug, vault)
    yield store
    store.dispose()


@pytest.fixture
def portal_store(request: pytest.FixtureRequest) -> Store:
    """SQLite unless the test or its module asks for both by `@pytest.mark.usefixtures("store")`."""
    wanted = "store" if "store" in request.fixturenames else "sqlite_store"
    found: Store = request.getfixturevalue(wanted)
    return found


@pytest.fixture
def gateway(portal_store: Store, vault: Vault) -> SimulatedGateway:
    with portal_store.begin() as tx:
        tx.sites.save([a_site()])
        tx.plans.save(a_plan())
        number = tx.sites.numbers()[a_site().key]
    made = SimulatedGateway(portal_store)
    made.enrol(vault, number)
    return made


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def face(portal_store: Store, vault: Vault, clock: FrozenClock, registry: CollectorRegistry) -> Face:
    admission = Admission(portal_store, vault, clock, returning=RETURNING)
    told = OpenData(portal_store, clock, time.monotonic, TOLD, CITY.slug)
    return build_face(CITY, PORTAL, admission, shipped.configs(), registry, open_data=told)


@pytest.fixture
def app(face: Face) -> Flask:
    return create_app(face)


@pytest.fixture
def logged() -> io.StringIO:
    stream = io.StringIO()
    log.configure("DEBUG", "json", stream)
    return stream


@pytest.fixture
def impatient_app(face: Face) -> Flask:
    """Waits for no gateway."""
    return create_app(replace(face, admission=replace(face.admission, patience_seconds=0.0)))


@pytest.fixture
def phone(app: Flask, gateway: SimulatedGateway, clock: FrozenClock) -> "Iterator[Phone]":
    """A phone at a gateway that answers."""
    with gateway.acknowledging():
        yield Phone(app.test_client(use_cookies=False), gateway, clock)


@pytest.fixture
def waiting_phone(impatient_app: Flask, gateway: SimulatedGateway, clock: FrozenClock) -> "Phone":
    """A phone at a gateway that does not answer."""
    return Phone(impatient_app.test_client(use_cookies=False), gateway, clock)


@dataclass(frozen=True, slots=True)
class Phone:
    """A browser without script and cookies: it opens links and submits the forms it sees."""

    client: FlaskClient
    gateway: SimulatedGateway
    clock: FrozenClock
    language: str = "en"

    def ticket(self, **given: object) -> str:
        return self.gateway.ticket(self.clock.now(), **given)

    def open(self, path: str, ticket: str = "", **query: object) -> TestResponse:
        given = {**({"s": ticket} if ticket else {}), **query}
        return self.client.get(path, query_string=given, headers={"Accept-Language": self.language})

    def follow(self, answer: TestResponse) -> TestResponse:
        """The page that a 303 leads to."""
        assert answer.status_code == 303, answer.text
        return self.client.get(answer.headers["Location"], headers={"Accept-Language": self.language})

    def submit(
        self, page: TestResponse, action: str, headers: dict[str, str] | None = None, **other: str
    ) -> TestResponse:
        """Send the form with this action as the page has it, with some fields changed."""
        target, fields = form_of(page, action)
        return self.client.post(
            target, data={**fields, **other}, headers={"Accept-Language": self.language, **(headers or {})}
        )

    def go_online(self, ticket: str) -> TestResponse:
        """Open the page, tap, and arrive."""
        return self.follow(self.submit(self.open("/", ticket), "/connect"))


def form_of(page: TestResponse, action: str) -> tuple[str, dict[str, str]]:
    for target, inside in re.findall(r'<form method="post" action="([^"]+)">(.*?)</form>', page.text, re.DOTALL):
        if unescape(target).partition("?")[0] == action:
            fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', inside)
            return unescape(target), {name: unescape(value) for name, value in fields}
    raise AssertionError(f"no form {action} in {page.text}")
