"""What of a query the gateway's own name hands on to the portal: one word of a sign-in with an eID, and a language."""

import asyncio
import ipaddress
from urllib.parse import parse_qs, urlsplit

import prometheus_client
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.fakes.clock import FrozenClock
from tests.gateway.conftest import NOW, device
from wifi_manager.gateway.face.face import Face
from wifi_manager.gateway.face.http_door import parse
from wifi_manager.gateway.face.neighbours import Neighbour
from wifi_manager.gateway.metrics import GatewayMetrics
from wifi_manager.gateway.state import Identity

PEER = ipaddress.ip_address("10.99.0.7")
PORTAL = "https://portal.example"


class OneNeighbour:
    async def find(self, address):
        return Neighbour(device(1), "visitors") if address == PEER else None


@pytest.fixture
def face():
    key = Ed25519PrivateKey.generate()
    identity = Identity("gw-1", "city", PORTAL, "https://control.example", key, bytes(32))
    metrics = GatewayMetrics(prometheus_client.CollectorRegistry())
    nobody, never = (lambda _: None), (lambda _: False)
    return Face(identity, "https://wifi.example", OneNeighbour(), nobody, never, FrozenClock(NOW), metrics)


def led_to(face, target, peer=PEER):
    question = parse(f"GET {target} HTTP/1.1\r\nHost: evil.example\r\n".encode(), peer)
    return asyncio.run(face.own_secure_page(question)).headers["Location"]


@pytest.mark.parametrize("carried", ["r=abc_-9", f"r={'x' * 64}&l=zh-Hant"])
def test_who_comes_back_from_an_eid_has_a_fresh_ticket_and_the_word_of_the_portal(face, carried):
    url = urlsplit(led_to(face, f"/eid?{carried}"))
    given = parse_qs(url.query)

    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{PORTAL}/eid/finish"
    assert given.pop("s")
    assert given == parse_qs(carried)


@pytest.mark.parametrize(
    "target",
    [
        "/eid",
        "/eid?r=",
        f"/eid?r={'x' * 65}",
        "/eid?r=a%0d%0aX:y",
        "/eid?r=a&s=b",
        "/eid?s=b&r=a",
        "/eid?r=a&l=https://evil.example",
        "/?r=abc&l=ko",
    ],
)
def test_s1_nothing_else_of_a_query_is_handed_on(face, target):
    url = urlsplit(led_to(face, target))

    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{PORTAL}/"
    assert parse_qs(url.query).keys() == {"s"}


def test_who_is_not_known_is_led_to_the_portal_that_explains(face):
    assert led_to(face, "/eid?r=abc", ipaddress.ip_address("10.99.0.8")) == f"{PORTAL}/"
