"""A console over a real store, with an operator of each role who has signed in with a real password."""

import shutil
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient

from tests.builders import A_CITY, A_MASTER_KEY, a_site, an_access_point
from wifi_manager.console.app import create_app
from wifi_manager.console.parts import Parts
from wifi_manager.domain.operators import Role
from wifi_manager.domain.sites import SiteKind
from wifi_manager.services.accounts import Accounts
from wifi_manager.services.passwords import Passwords
from wifi_manager.services.staffing import Staffing
from wifi_manager.services.vouchers import Vouchers
from wifi_manager.storage.vault import Vault
from wifi_manager.web.cards import Design

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
KEY = b"console key of the tests, 32 byte"


@dataclass(frozen=True, slots=True)
class Browser:
    """A test client that reads the form's token before it posts, as a browser does."""

    client: FlaskClient

    def get(self, path, **given):
        return self.client.get(path, **given)

    def post(self, path, fields=None, *, page="/account", **given):
        token = self.token(page)
        return self.client.post(path, data={"csrf_token": token, **(fields or {})}, **given)

    def token(self, page):
        text = self.client.get(page, follow_redirects=True).text
        return text.split('name="csrf_token" value="')[1].split('"')[0] if 'name="csrf_token"' in text else ""

    def sign_in(self, name, password, **fields):
        return self.post("/sign-in", {"name": name, "password": password, **fields}, page="/sign-in")


@pytest.fixture
def upgraded_url(upgraded_file, tmp_path):
    """SQLite alone: what differs between databases is proved in tests/storage and tests/services."""
    path = tmp_path / "console.db"
    shutil.copy(upgraded_file, path)
    return f"sqlite:///{path}"


@pytest.fixture
def console_parts(store, clock):
    staffing = Staffing(store, clock, KEY, QUICK)
    zone = ZoneInfo("Asia/Seoul")
    vault = Vault(A_MASTER_KEY, A_CITY.slug)
    vouchers = Vouchers(store, vault, clock, timedelta(days=90))
    accounts = Accounts(store, vault, clock, passwords=Passwords(QUICK))
    look = Design("Haneul Public WiFi", "City WiFi", "http://wifi.home.arpa", zone)
    name, own = "Haneul Public WiFi", "http://127.0.0.1:8001"
    return Parts(store, staffing, clock, name, zone, own, KEY, vouchers, accounts, look, vaulted=store)


@pytest.fixture
def app(console_parts):
    return create_app(console_parts)


@pytest.fixture
def anonymous(app):
    return Browser(app.test_client())


@pytest.fixture
def passwords(console_parts):
    """Password of an operator of each role, who is called like the role."""
    return {role.value: console_parts.staffing.add(role.value, role, "command line") for role in Role}


@pytest.fixture
def signed_in(app, passwords):
    """A function that gives a browser in which this role has signed in."""

    def as_role(role):
        browser = Browser(app.test_client())
        assert browser.sign_in(role, passwords[role]).status_code == 303
        return browser

    return as_role


@pytest.fixture
def fleet(store):
    """Sixty access points in a park, and one bus in another district."""
    park = a_site(name="한강공원 광나루", district="강동구", address="선사로 83-106")
    bus = a_site(name="Bus 143", district="성북구", kind=SiteKind.BUS, address="")
    points = [an_access_point(f"HAN{number:05}", site=park) for number in range(1, 61)]
    points.append(an_access_point("BUS-0143/1", site=bus, place="", position=None, radios=(), indoor=True))
    with store.begin() as tx:
        tx.sites.save([park, bus])
        tx.access_points.save(points, tx.sites.numbers())
    return points
