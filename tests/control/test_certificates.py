"""A gateway's keeper and a real control: what is asked, what is refused in words, and what is served in the end."""

import asyncio
import shutil
from collections.abc import Iterator

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from prometheus_client import CollectorRegistry

from tests.builders import A_CITY, A_MASTER_KEY
from tests.control.server import ControlProcess, TestGateway, running_control
from tests.fakes.certificate_authority import FakeAuthority, a_request
from wifi_manager.clock import SystemClock
from wifi_manager.domain.errors import Forbidden
from wifi_manager.gateway.certificates.keeper import CertificateKeeper
from wifi_manager.gateway.certificates.own_files import OwnFiles
from wifi_manager.gateway.control_client import ControlClient, control_http
from wifi_manager.gateway.metrics import GatewayMetrics
from wifi_manager.gateway.state import Identity
from wifi_manager.services.certification import Ordering
from wifi_manager.services.enrolment import Enrolment
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault

pytestmark = pytest.mark.slow  # a real server, each with its start

SIGNS, OWN = "wifi.city.example", "gw-1.gw.city.example"
SETTINGS = {
    "CERTIFICATES_DIRECTORY_URL": "https://ca.example/dir",
    "CERTIFICATES_TERMS_AGREED": "true",
    "CERTIFICATES_NAMES": SIGNS,
    "CERTIFICATES_OWN_NAMES_UNDER": "gw.city.example",
    "CERTIFICATES_ZONE": "city.example",
    "CERTIFICATES_DNS_SERVER": "127.0.0.1",
    "CERTIFICATES_TSIG_NAME": "certificates",
}
VAULT = Vault(A_MASTER_KEY, A_CITY.slug)


@pytest.fixture(scope="module")
def city(upgraded_file, tmp_path_factory) -> Iterator[tuple[Store, ControlProcess]]:
    folder = tmp_path_factory.mktemp("control")
    shutil.copy(upgraded_file, folder / "city.db")
    engine = open_engine(f"sqlite:///{folder / 'city.db'}")
    with running_control(folder, f"sqlite:///{folder / 'city.db'}", **SETTINGS) as control:
        yield Store(engine, A_CITY.slug, VAULT), control
    engine.dispose()


def enrolled(city, name):
    store, control = city
    gateway = TestGateway(control)
    assert gateway.enrol(Enrolment(store, VAULT, SystemClock()).add(name, None, "test")).status_code == 200
    return gateway


def with_control(gateway, work):
    """Run a coroutine with the gateway's own client of control."""

    async def run():
        async with control_http(gateway.control.url, None) as http:
            identity = Identity(gateway.name, "haneul", "https://x.example", gateway.control.url, gateway.key, b"")
            return await work(ControlClient(http, identity, SystemClock()))

    return asyncio.run(run())


def test_a_gateway_asks_is_told_its_names_and_serves_what_was_issued(city, tmp_path):
    gateway, clock = enrolled(city, "gw-1"), SystemClock()
    files = OwnFiles(SIGNS, tmp_path / "face.pem", tmp_path / "face.key")
    files.prepare(clock.now())

    def ask(client):
        metrics = GatewayMetrics(CollectorRegistry())
        return CertificateKeeper(SIGNS, files, client, clock, metrics, lambda: 0.0).ask_once()

    with_control(gateway, ask)
    assert files.issued() is None
    ordering = Ordering(city[0], clock, FakeAuthority(clock), "worker", lambda: 0.0)
    while ordering.order_next():  # other tests' gateways as well
        pass
    with_control(gateway, ask)
    found = files.issued().extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(found.get_values_for_type(x509.DNSName)) == {SIGNS, OWN}


def test_what_control_refuses_it_refuses_in_words_that_reach_the_gateways_log(city):
    gateway = enrolled(city, "gw-2")
    with pytest.raises(Forbidden, match=r"no certificate for portal\.city\.example"):
        with_control(gateway, lambda client: client.certificate(a_request("portal.city.example")))
    with pytest.raises(Forbidden, match="not a certificate request"):
        with_control(gateway, lambda client: client.certificate(b"nonsense"))
    stranger = TestGateway(city[1], name="gw-2")
    with pytest.raises(Forbidden, match="still enrolled"):
        with_control(stranger, lambda client: client.certificate(a_request(SIGNS)))


def test_a_gateway_gets_nothing_of_another_gateways_request(city):
    key = ec.generate_private_key(ec.SECP256R1())
    first, second = enrolled(city, "gw-3"), enrolled(city, "gw-4")
    with_control(first, lambda client: client.certificate(a_request(SIGNS, "gw-3.gw.city.example", key=key)))
    with pytest.raises(Forbidden, match=r"gw-3\.gw\.city\.example"):
        with_control(second, lambda client: client.certificate(a_request(SIGNS, "gw-3.gw.city.example", key=key)))
