"""In and out of the console, and what its cookie is good for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import A_CITY
from tests.console.conftest import Browser
from wifi_manager.console.app import create_app
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.store import Store

pytestmark = pytest.mark.slow


def test_the_right_password_opens_the_page_that_was_wanted(anonymous, passwords):
    assert anonymous.get("/audit?noun=operator").headers["Location"] == "/sign-in?next=/audit?noun%3Doperator"
    answer = anonymous.sign_in("Viewer", passwords["viewer"], next="/audit?noun=operator")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/audit?noun=operator")
    assert "Audit" in anonymous.get("/audit").text


def test_nobody_is_sent_to_another_site_after_signing_in(anonymous, passwords):
    for wanted in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "evil"):
        answer = anonymous.sign_in("viewer", passwords["viewer"], next=wanted)
        assert answer.headers["Location"] == "/"
        anonymous.post("/sign-out")


def test_a_wrong_password_is_told_on_the_page_and_too_many_close_the_door(anonymous, passwords):
    answers = [anonymous.sign_in("viewer", "wrong") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [403] * 5 + [429]
    assert 'role="alert"' in answers[0].text
    assert "15 minutes" in answers[5].text
    assert 'value="viewer"' in answers[0].text
    assert "wrong" not in answers[0].text.replace("wrongly", "")


def test_signing_out_closes_the_console(signed_in):
    viewer = signed_in("viewer")
    viewer.post("/sign-out")
    assert viewer.get("/").status_code == 303


def test_a_cookie_ends_after_twelve_hours(signed_in, clock):
    viewer = signed_in("viewer")
    clock.advance(timedelta(hours=11, minutes=59))
    assert viewer.get("/").status_code == 200
    clock.advance(timedelta(minutes=2))
    assert viewer.get("/").status_code == 303


def test_a_disabled_operator_is_out_with_the_next_click(signed_in, console_parts):
    viewer = signed_in("viewer")
    console_parts.staffing.disable("viewer", "admin")
    assert viewer.get("/").status_code == 303


def test_another_role_counts_with_the_next_click(signed_in, console_parts):
    viewer = signed_in("viewer")
    console_parts.staffing.set_role("viewer", console_parts.staffing.all()[0].role, "admin")
    assert viewer.get("/operators").status_code == 200


def test_a_changed_cookie_is_worth_nothing(signed_in, app):
    cookie = signed_in("admin").client.get_cookie("console").value
    thief = Browser(app.test_client())
    thief.client.set_cookie("console", cookie[:-2] + ("AA" if cookie[-2:] != "AA" else "BB"))
    assert thief.get("/").status_code == 303


@pytest.mark.parametrize("cookie", ["", ".", "x.y.viewer", "99999999999999999999.y.viewer", "1.2"])
def test_a_cookie_of_another_shape_is_nobody(app, cookie):
    client = app.test_client()
    with client.session_transaction() as kept:
        kept["_user_id"] = cookie
    assert client.get("/").status_code == 303


def test_the_cookie_is_closed_to_scripts_and_over_https_to_everything_else(console_parts, passwords):
    plain = Browser(create_app(console_parts).test_client()).sign_in("viewer", passwords["viewer"])
    assert "HttpOnly" in plain.headers["Set-Cookie"]
    assert "SameSite=Lax" in plain.headers["Set-Cookie"]
    over_https = create_app(replace(console_parts, public_url="https://console.example"))
    client = over_https.test_client()
    page = client.get("/sign-in", base_url="https://console.example")
    cookie = page.headers["Set-Cookie"]
    assert cookie.startswith("__Host-console=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "Strict-Transport-Security" in page.headers


def test_while_the_database_is_away_every_page_says_so_and_the_cookie_stays(console_parts, tmp_path, signed_in):
    cookie = signed_in("viewer").client.get_cookie("console").value
    nowhere = Store(open_engine(f"sqlite:///{tmp_path}"), A_CITY.slug)  # a folder is no database
    away = replace(console_parts, store=nowhere, staffing=replace(console_parts.staffing, store=nowhere))
    client = create_app(away).test_client()
    client.set_cookie("console", cookie)
    for page in ("/", "/access-points", "/healthz", "/sign-in"):
        answer = client.get(page)
        assert answer.status_code == 503
        assert "Please try again" in answer.text
        assert "Retry-After" in answer.headers
        assert "Set-Cookie" not in answer.headers
