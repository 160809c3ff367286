import asyncio
import contextlib
import ipaddress
import socket
from http import HTTPStatus

import pytest

from wifi_manager.gateway.face.http_door import Reply, open_door, parse

PEER = ipaddress.ip_address("127.0.0.1")


async def hello(question):
    return Reply(HTTPStatus.OK, f"{question.method} {question.path}".encode(), "text/plain", {"X-Own": "yes"})


def talk(request: bytes, *, end: bool = True) -> bytes:
    """What a door with `hello` answers to these bytes on a connection of their own."""

    async def scenario() -> bytes:
        async with await open_door(hello, PEER, 0) as door:
            reader, writer = await asyncio.open_connection(*door.sockets[0].getsockname())
            writer.write(request)
            if end:
                writer.write_eof()
            with contextlib.suppress(ConnectionResetError):
                answer = await asyncio.wait_for(reader.read(), 20)
            writer.close()
            await writer.wait_closed()
            return answer

    return asyncio.run(scenario())


def test_one_question_gets_one_answer_and_the_connection_is_closed():
    answer = talk(b"GET /path?query=1 HTTP/1.1\r\nHost: any\r\n\r\nGET /again HTTP/1.1\r\n\r\n", end=False)

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Connection: close" in head
    assert b"Cache-Control: private, no-store" in head
    assert b"X-Own: yes" in head
    assert body == b"GET /path"


def test_head_is_answered_by_the_same_head_without_a_body():
    head, _, body = talk(b"HEAD / HTTP/1.1\r\n\r\n").partition(b"\r\n\r\n")

    assert b"Content-Length: 6" in head
    assert body == b""


def test_an_answer_survives_a_body_that_nobody_wanted():
    answer = talk(b"POST / HTTP/1.1\r\nContent-Length: 50000\r\n\r\n" + b"x" * 50_000)

    assert answer.endswith(b"POST /")


@pytest.mark.parametrize(
    "nonsense", [b"\x16\x03\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"GET / SPDY/3\r\n\r\n", b"x" * 40_000]
)
def test_nonsense_is_refused_politely(nonsense):
    assert talk(nonsense).startswith(b"HTTP/1.1 400 ")


def test_a_connection_that_ends_before_its_question_harms_nobody():
    assert talk(b"GET / HT") == b""


def test_headers_are_read_whatever_their_case_and_garbage_in_them_is_kept_apart():
    question = parse("GET http://host/x?y HTTP/1.1\r\nACCEPT:  a\r\nbroken\r\nX-É: ü\r\n\r\n".encode(), PEER)

    assert (question.path, question.headers["accept"]) == ("http://host/x", "a")


def test_a_door_that_is_taken_says_so():
    async def scenario() -> None:
        async with await open_door(hello, PEER, taken.getsockname()[1]):
            raise AssertionError

    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        asyncio.run(scenario())
