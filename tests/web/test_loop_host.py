"""An application in a loop: it is asked the same as by any other server, and what is quick waits for nobody."""

import asyncio
import threading

import httpx
import pytest
from flask import Flask, jsonify, request
from werkzeug.test import Client

from wifi_manager import waits
from wifi_manager.web.loop_host import LoopHost, Ready

LONGEST_BODY_BYTES = 100
LONG = 20.0
ASKED = (
    ("GET", "/", {}),
    ("GET", "/a/b?x=1&x=2&y=%ED%95%9C", {}),
    ("GET", "/%ED%95%9C%20%FF//", {}),
    ("GET", "/", {"headers": {"Accept-Language": "ko", "X-Several": "a", "X-Several-Words": "b"}}),
    ("HEAD", "/", {}),
    ("POST", "/", {"data": {"name": "한", "other": "&="}}),
    ("POST", "/", {"data": b"", "headers": {"Content-Type": "text/plain"}}),
    ("POST", "/", {"data": b"x" * (LONGEST_BODY_BYTES + 50), "headers": {"Content-Type": "text/plain"}}),
    ("PUT", "/", {"data": b'{"a": 1}', "headers": {"Content-Type": "application/json"}}),
)


@pytest.fixture
def app():
    made = Flask("echo")
    made.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY_BYTES

    @made.route("/", defaults={"path": ""}, methods=["GET", "POST", "PUT"])
    @made.route("/<path:path>", methods=["GET", "POST", "PUT"])
    def echo(path):
        headers = {name: request.headers.get(name) for name in ("Accept-Language", "X-Several", "X-Several-Words")}
        said = [request.method, path, request.query_string.decode(), request.scheme, request.host, headers]
        return jsonify(said, request.form.to_dict(), request.get_data(as_text=True), request.content_type)

    return made


def asked_of(host, *requests):
    """What it answers to all of these at once."""

    async def run():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(host), base_url="http://wifi.example") as client:
            return await asyncio.gather(*(client.request(*each[:2], **each[2]) for each in requests))

    return asyncio.run(run())


def nothing_is_quick(_environ):
    return None


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: f"{asked[0]} {asked[1]} {sorted(asked[2])}")
def test_the_application_is_asked_the_same_as_by_any_other_server(app, asked):
    method, path, more = asked
    sent = {"content" if isinstance(more.get("data"), bytes) else "data": more.get("data")} if "data" in more else {}
    headers = {"headers": more["headers"]} if "headers" in more else {}
    (found,) = asked_of(LoopHost(nothing_is_quick, app, LONGEST_BODY_BYTES, 2), (method, path, {**sent, **headers}))
    wanted = Client(app).open(path, method=method, base_url="http://wifi.example", **more)
    assert (found.status_code, found.content) == (wanted.status_code, wanted.data)
    assert found.headers["Content-Type"] == wanted.headers["Content-Type"]


def test_a_header_that_comes_twice_is_one_list():
    def shows(environ):
        return Ready("200 OK", [], [environ["HTTP_X_SEVERAL"].encode()])

    (found,) = asked_of(
        LoopHost(shows, nothing_is_quick, 0, 1), ("GET", "/", {"headers": [("X-Several", "a"), ("X-Several", "b")]})
    )
    assert found.text == "a,b"


def test_what_is_quick_is_answered_in_the_loop_and_waits_for_nothing_slow(app):
    slow_began, may_end = threading.Event(), threading.Event()

    def slow(environ, start_response):
        slow_began.set()
        assert may_end.wait(LONG)
        return app(environ, start_response)

    def quick(environ):
        if environ["PATH_INFO"] != "/quick":
            return None
        assert waits.is_guest()
        assert slow_began.wait(LONG)
        waits.pause(0.01)
        may_end.set()
        return Ready("203 FINE", [("X-Own", "yes")], [b"qu", b"ick"])

    slow_one, quick_one = asked_of(
        LoopHost(quick, slow, LONGEST_BODY_BYTES, 1), ("GET", "/slow", {}), ("GET", "/quick", {})
    )
    assert slow_one.status_code == 200
    assert (quick_one.status_code, quick_one.headers["x-own"], quick_one.text) == (203, "yes", "quick")


def test_the_application_sees_what_was_found_before_it():
    def found_before(environ):
        environ["own.word"] = "seen"

    def usual(environ, start_response):
        write = start_response("200 OK", [("Content-Type", "text/plain")])
        write(environ["own.word"].encode())
        return iter([b" and", b" said"])

    (found,) = asked_of(LoopHost(found_before, usual, 0, 1), ("GET", "/", {}))
    assert found.text == "seen and said"


def test_an_answer_that_is_to_be_closed_is_closed():
    closed = []

    class Answer:
        def __iter__(self):
            return iter([b"some"])

        def close(self):
            closed.append("closed")

    def usual(_environ, start_response):
        start_response("200 OK", [])
        return Answer()

    asked_of(LoopHost(nothing_is_quick, usual, 0, 1), ("GET", "/", {}))
    assert closed == ["closed"]


@pytest.mark.parametrize("ends", ["never", "by hanging up"])
def test_a_body_that_is_cut_short_is_answered(app, ends):
    sent = [{"type": "http.request", "body": b"name=", "more_body": True}]
    answers = []

    async def receive():
        if sent:
            return sent.pop()
        if ends == "never":
            await asyncio.sleep(LONG)
        return {"type": "http.disconnect"}

    async def send(event):
        answers.append(event)

    headers = [(b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"50")]
    scope = {"type": "http", "method": "POST", "scheme": "http", "http_version": "1.1", "headers": headers}
    scope |= {"raw_path": b"/", "query_string": b"", "server": ("localhost", 80), "client": ("localhost", 1)}
    asyncio.run(LoopHost(nothing_is_quick, app, LONGEST_BODY_BYTES, 1, body_seconds=0.05)(scope, receive, send))
    assert [event.get("status", 0) for event in answers] == [400, 0]
