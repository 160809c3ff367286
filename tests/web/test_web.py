"""What both faces share, on a small application of its own."""

import io
import json
import logging
import unicodedata

import pytest
from flask import Flask

from wifi_manager import log
from wifi_manager.domain.errors import BadInput, Conflict, Forbidden, NotFound, OutsideFailure, TooManyTries
from wifi_manager.web import access_log, assets, forms, problems
from wifi_manager.web.headers import Headers
from wifi_manager.web.serve import Listen

ERRORS = {
    "bad": BadInput,
    "gone": NotFound,
    "taken": Conflict,
    "no": Forbidden,
    "often": TooManyTries,
    "down": OutsideFailure,
}


@pytest.fixture
def stream():
    """What this process logs, line by line."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(log.JsonLines())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel("INFO")
    yield written
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.fixture
def client(stream):
    app = Flask("example")
    access_log.install(app, log.get("example"))
    Headers(https=True).install(app)
    problems.install(app)
    assets.install(app, [assets.TOKENS, assets.COMPONENTS])

    @app.route("/refuse/<which>", methods=["GET", "POST"])
    def refuse(which):
        raise ERRORS[which]("Say what to do next.")

    @app.get("/break")
    def break_():
        raise RuntimeError("password=hunter2")

    @app.get("/echo")
    def echo():
        return {"q": forms.query("q", 20), "page": forms.number("page", 1)}

    return app.test_client()


@pytest.mark.parametrize(
    ("which", "status"), [("bad", 422), ("gone", 404), ("taken", 409), ("no", 403), ("often", 429), ("down", 503)]
)
def test_each_family_of_errors_has_its_status_and_says_its_sentence(client, which, status):
    answer = client.get(f"/refuse/{which}")
    assert answer.status_code == status
    assert "Say what to do next." in answer.text


def test_a_program_gets_problem_details(client):
    answer = client.get("/refuse/gone", headers={"Accept": "application/json"})
    assert answer.mimetype == "application/problem+json"
    assert json.loads(answer.data) == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "Say what to do next.",
    }


def test_a_database_that_is_away_asks_for_another_try(client):
    assert client.get("/refuse/down").headers["Retry-After"] == "5"


def test_an_unknown_error_shows_only_a_number_that_the_log_has_too(client, stream):
    answer = client.get("/break")
    assert answer.status_code == 500
    failed = next(line for line in map(json.loads, stream.getvalue().splitlines()) if line["level"] == "ERROR")
    assert failed["incident"] in answer.text
    assert "hunter2" not in answer.text + stream.getvalue()


def test_http_errors_keep_their_status_and_headers(client):
    assert client.get("/nowhere").status_code == 404
    wrong = client.post("/break")
    assert (wrong.status_code, "GET" in wrong.headers["Allow"]) == (405, True)


@pytest.mark.parametrize("path", ["/echo", "/nowhere", "/break", "/refuse/no"])
def test_every_answer_is_closed_to_other_sites_and_forgotten_by_caches(client, path):
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Strict-Transport-Security"].startswith("max-age=")


def test_the_style_sheet_is_kept_since_its_address_names_its_content(client):
    page = client.get("/nowhere").text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/css")
    assert "immutable" in answer.headers["Cache-Control"]
    assert len(answer.data) < 7000
    assert "/*" not in answer.text


def test_the_access_log_knows_the_route_and_nobody(client, stream):
    client.get("/refuse/gone?q=0212345678", headers={"User-Agent": "somebody"})
    line = json.loads(stream.getvalue().splitlines()[-1])
    assert (line["method"], line["route"], line["status"]) == ("GET", "/refuse/<which>", 404)
    assert line["seconds"] >= 0
    assert not {"127.0.0.1", "somebody"} & set(map(str, line.values()))
    assert "0212345678" not in stream.getvalue()


def test_korean_typed_as_single_letters_is_put_together(client):
    assert (
        client.get("/echo", query_string={"q": unicodedata.normalize("NFD", "  한강  공원 ")}).json["q"]
        == "한강 공원"
    )


@pytest.mark.parametrize(
    "query", [{"q": "x" * 21}, {"q": "a\x00b"}, {"page": "0"}, {"page": "-1"}, {"page": "²"}, {"page": "9" * 30}]
)
def test_what_does_not_fit_is_refused_with_a_sentence(client, query):
    assert client.get("/echo", query_string=query).status_code == 422


def test_an_ipv6_address_stands_in_brackets():
    assert Listen("::1", 8001).address == "[::1]:8001"
