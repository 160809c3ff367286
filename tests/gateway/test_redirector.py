"""The redirector on loopback, asked by thousands of made-up requests: it is never led to another place than ours."""

import asyncio
import ipaddress
import random
from dataclasses import replace
from http import HTTPStatus

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from prometheus_client import CollectorRegistry

from tests.builders import NOON
from tests.fakes.clock import FrozenClock
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.gateway.face.face import Face
from wifi_manager.gateway.face.http_door import Question, open_door
from wifi_manager.gateway.face.neighbours import Neighbour
from wifi_manager.gateway.metrics import GatewayMetrics
from wifi_manager.gateway.state import Identity
from wifi_manager.wire.tickets import unseal

PORTAL = "https://portal.example"
PHONE = Neighbour(MacAddress.parse("02:00:5e:10:00:01"), "visitors")
LOOPBACK = ipaddress.ip_address("127.0.0.1")
KEY = bytes(range(32))
TOGETHER = 50
_HOSTILE = (
    "//evil.example",
    "/\\evil.example",
    "%2f%2fevil",
    "https://evil.example",
    "@evil",
    "%0d%0aX-Evil:1",
    "é\0",
    "..",
)
_LETTERS = "abcz0189-._~:/?#[]@!$&'()*+,;=%\\\"<>{}|^`\t\x7fé"


class Neighbourhood:
    """Knows one phone, at whatever address, or nobody."""

    def __init__(self, neighbour: Neighbour | None) -> None:
        self._neighbour = neighbour

    async def find(self, _address):
        return self._neighbour


def face(neighbour=PHONE):
    who = Identity("gw-1", "haneul", PORTAL, "https://control.example", Ed25519PrivateKey.generate(), KEY)
    metrics = GatewayMetrics(CollectorRegistry())
    return Face(
        identity=who,
        own_url="https://wifi.example",
        neighbours=Neighbourhood(neighbour),
        find_passage=lambda _device: None,
        may_extend=lambda _number: False,
        clock=FrozenClock(NOON),
        metrics=metrics,
    )


def made_up(chance: random.Random) -> bytes:
    """A request for anything from anybody, that still is one."""

    def word() -> str:
        letters = "".join(chance.choices(_LETTERS, k=chance.randrange(30)))
        return letters + chance.choice(["", *_HOSTILE])

    target = chance.choice(["/", "http://evil.example/", "*", "//evil.example/", "/generate_204", ""]) + word()
    target = target.replace(" ", "").replace("\t", "") or "/"
    headers = [f"Host: {word()}"] * chance.randrange(3)
    headers += [
        f"{name}: {word()}" for name in ("X-Forwarded-Host", "Forwarded", "Referer", "X-Original-URL", "Accept")
    ]
    chance.shuffle(headers)
    method = chance.choice(["GET", "HEAD"])
    return "\r\n".join([f"{method} {target} HTTP/1.{chance.choice('01')}", *headers, "", ""]).encode(
        "latin-1", "replace"
    )


async def answer_to(request: bytes, port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    said = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    await writer.wait_closed()
    return said


async def answers_to(requests: list[bytes]) -> list[tuple[bytes, bytes]]:
    async with await open_door(face().redirect, LOOPBACK, 0) as door:
        port, waiting = door.sockets[0].getsockname()[1], iter(requests)

        async def one_after_the_other() -> list[tuple[bytes, bytes]]:
            return [(each, await answer_to(each, port)) for each in waiting]

        found = await asyncio.gather(*(one_after_the_other() for _ in range(TOGETHER)))
    return [pair for pairs in found for pair in pairs]


@pytest.mark.slow
@pytest.mark.parametrize("requests", [2000, pytest.param(10_000, marks=pytest.mark.soak)])
def test_p3_s1_s9_made_up_hosts_paths_and_queries_are_all_led_to_our_own_portal(requests):
    chance = random.Random(8910)
    found = asyncio.run(answers_to([made_up(chance) for _ in range(requests)]))

    assert len(found) == requests
    for request, answer in found:
        head, _, body = answer.decode("latin-1").partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        assert first == "HTTP/1.1 302 Found", request
        names = [line.partition(":")[0].lower() for line in lines]
        assert names.count("location") == 1
        location = lines[names.index("location")].partition(": ")[2]
        link, _, ticket = location.partition("?s=")
        assert link == f"{PORTAL}/"
        assert unseal(KEY, ticket, NOON).device == PHONE.device
        assert "evil.example" not in answer.decode("latin-1").lower()
        assert "x-evil" not in names
        assert (body == "") == request.startswith(b"HEAD")


def test_l8_no_answer_speaks_wispr_which_would_ask_windows_users_for_a_password():
    question = Question(
        "GET", "/hotspot-detect.html", {"user-agent": "CaptiveNetworkSupport-481.0.1 wispr"}, LOOPBACK
    )

    answer = asyncio.run(face().redirect(question)).encode(with_body=True)

    assert b"wispaccessgateway" not in answer.lower()


def test_a7_a_client_that_no_network_knows_is_captive_and_never_an_error():
    question = Question("GET", "/captive-portal/api", {"accept": "application/captive+json"}, LOOPBACK)

    reply = asyncio.run(face(None).own_secure_page(question))

    assert reply.status == HTTPStatus.OK
    assert b'"captive": true' in reply.body


@pytest.mark.parametrize("claim", ["x-forwarded-for", "x-real-ip", "forwarded", "host"])
def test_a6_s5_the_api_speaks_of_who_asks_and_of_nobody_they_claim_to_be(claim):
    asked: list[object] = []

    class Listening(Neighbourhood):
        async def find(self, address):
            asked.append(address)
            return PHONE

    listening = replace(face(), neighbours=Listening(PHONE))
    question = Question("GET", "/captive-portal/api", {"accept": "*/*", claim: "10.99.1.1"}, LOOPBACK)

    reply = asyncio.run(listening.own_secure_page(question))

    assert asked == [LOOPBACK]
    assert b"10.99.1.1" not in reply.body


def test_a1_the_api_is_not_told_over_plain_http():
    question = Question("GET", "/captive-portal/api", {"accept": "application/captive+json"}, LOOPBACK)

    reply = asyncio.run(face().own_page(question))

    assert (reply.status, reply.media_type) == (HTTPStatus.SEE_OTHER, "text/html; charset=utf-8")
    assert b"captive" not in reply.body.replace(b"captive-portal", b"")
