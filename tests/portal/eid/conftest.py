"""A phone without cookies, a portal on a real store, and a real provider over TLS on loopback."""

import html
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from portal.app import build_face, create_app
from portal.face import Face
from portal.identity.eid import BACK_PATH, EidWay
from portal.identity.openid.client import OpenIdProvider, Registration
from portal.identity.openid.published import Published
from portal.identity.openid.web import Web
from tests.fakes.gateway import PHONE
from tests.lab.authority import Authority
from tests.lab.openid_provider import CLIENT_ID, CLIENT_SECRET, USERS, Provider, serving
from tests.portal.conftest import CITY, PORTAL, Phone
from wifi_manager import shipped
from wifi_manager.clock import SystemClock
from wifi_manager.domain.visits import Method
from wifi_manager.services.admission import Admission
from wifi_manager.services.eid import EidSignIns

WAYS = (Method.EID, Method.CLICK_THROUGH)
SECONDS = 3.0  # the provider has for an answer


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("eid"))


@pytest.fixture(scope="module")
def certificate(authority):
    return authority.certificate("localhost")


@pytest.fixture
def provider(certificate) -> Iterator[Provider]:
    with serving(certificate.chain, certificate.key, f"{PORTAL.public_url}{BACK_PATH}") as made:
        yield made


@dataclass
class Timer:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def timer() -> Timer:
    return Timer()


@pytest.fixture
def trusted(authority) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority.root))


@pytest.fixture
def face(portal_store, vault, clock, registry) -> Face:
    admission = Admission(portal_store, vault, clock, ways=WAYS)
    return build_face(CITY, PORTAL, admission, shipped.configs(), registry)


@pytest.fixture
def about(provider) -> Registration:
    return Registration(provider.issuer, CLIENT_ID, CLIENT_SECRET, provider.redirect_uri)


@pytest.fixture
def openid(about, trusted, timer) -> Iterator[OpenIdProvider]:
    with httpx.Client(verify=trusted, follow_redirects=False) as http:
        web = Web(http, SECONDS, timer)
        yield OpenIdProvider(about, web, Published(about.issuer, ("localhost",), web, timer), SystemClock())


@pytest.fixture
def app(face, openid):
    return create_app(face, {Method.EID: lambda face: EidWay(face, EidSignIns(face.admission), openid)})


@dataclass(frozen=True)
class Citizen:
    """A phone that also reaches the provider."""

    phone: Phone
    web: httpx.Client

    def begin(self, ticket: str = "") -> str:
        """Tap on the first page; where the page that follows leads to."""
        ticket = ticket or self.phone.ticket()
        page = self.phone.follow(self.phone.submit(self.phone.open("/eid", ticket), "/eid"))
        assert page.status_code == 200, page.text
        return html.unescape(re.findall(r'http-equiv="refresh" content="0;url=([^"]+)"', page.text)[0])

    def sign_in(self, url: str, name: str = "mina", password: str | None = None) -> str:
        """Sign in at the provider; where it sends the browser."""
        assert self.web.get(url).status_code == 200
        given = {"username": name, "password": USERS[name][0] if password is None else password}
        answer = self.web.post(url, data=given)
        assert answer.status_code == 302, answer.text
        return str(answer.headers["Location"])

    def come_back(self, url: str):
        """Open where the provider has sent the browser."""
        assert url.startswith(f"{PORTAL.public_url}{BACK_PATH}?")
        return self.phone.client.get(url.removeprefix(PORTAL.public_url), headers={"Accept-Language": "en"})

    def by_the_gateway(self, answer, device=PHONE):
        """Follow to the gateway's own name, which adds a fresh ticket of the device that asks."""
        assert answer.status_code == 303, answer.text
        url = answer.headers["Location"]
        assert url.startswith(f"{PORTAL.fresh_ticket_url}/eid?r=")
        more = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        return self.phone.open("/eid/finish", self.phone.ticket(device=device), **more)

    def go_online(self):
        return self.by_the_gateway(self.come_back(self.sign_in(self.begin())))


@pytest.fixture
def citizen(phone, trusted) -> Iterator[Citizen]:
    with httpx.Client(verify=trusted, follow_redirects=False) as web:
        yield Citizen(phone, web)


def visits(portal_store, clock, device=PHONE):
    with portal_store.read() as tx:
        return tx.visits.running_of(device, clock.now())


def is_refused(answer, portal_store, clock, said="This sign-in is") -> bool:
    return answer.status_code == 403 and said in answer.text and visits(portal_store, clock) is None
