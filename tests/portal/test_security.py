"""What must not be possible from outside, whatever a request claims."""

from datetime import timedelta

import pytest

from tests.fakes.gateway import ANOTHER_ADDRESS, OTHER_PHONE
from tests.portal.conftest import form_of
from wifi_manager.wire.tickets import TICKET_LIFETIME

pytestmark = pytest.mark.slow

REDIRECT_PARAMETERS = ("url", "userurl", "continue", "next", "redirect", "return", "origurl", "l", "n", "v")
FOREIGN = ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "%2f%2fevil.example")


@pytest.mark.parametrize("target", FOREIGN)
def test_s1_no_parameter_leads_away_from_the_portal(phone, target):
    ticket = phone.ticket()
    wrong = dict.fromkeys(REDIRECT_PARAMETERS, target)
    page = phone.open("/", ticket, **wrong)
    _, fields = form_of(page, "/connect")
    answers = [
        phone.client.post("/connect", data={**fields, **wrong}, query_string=wrong),
        *(phone.open(path, ticket, **wrong) for path in ("/", "/connecting", "/connected")),
    ]
    for answer in answers:
        location = answer.headers.get("Location", "/")
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\"))
        assert "evil" not in location
    assert 'href="https://evil' not in page.text
    assert "javascript:" not in page.text


@pytest.mark.parametrize(
    "path",
    ["", "//", "//evil.example", "//evil.example/..", "/\\evil.example", "/connected//", "/status/", "/terms/"],
)
def test_s1_s9_a_strange_path_is_not_redirected(phone, path):
    claim = {"Host": "evil.example"}
    answer = phone.client.get("/", headers=claim, environ_overrides={"PATH_INFO": path})
    assert answer.status_code in {200, 403, 404}
    assert "Location" not in answer.headers
    assert "evil" not in answer.text


@pytest.mark.parametrize("does", ["/connect", "/sign-out", "/erase"])
@pytest.mark.parametrize("token", ["", "0" * 32, "é", "x" * 500])
def test_s3_a_forged_form_is_refused(phone, does, token):
    ticket = phone.ticket()
    page = (
        phone.open("/", ticket) if does == "/connect" else phone.open("/status", phone.go_online(ticket) and ticket)
    )
    target, fields = form_of(page, does)
    answer = phone.client.post(target, data={**fields, "token": token})
    assert answer.status_code == 403


def test_s3_a_form_of_one_device_is_worth_nothing_for_another(phone):
    _, mine = form_of(phone.open("/", phone.ticket()), "/connect")
    other = phone.ticket(device=OTHER_PHONE, address=ANOTHER_ADDRESS)
    assert phone.client.post("/connect", data={**mine, "s": other}).status_code == 403


def test_s3_a_form_is_worth_nothing_for_another_deed_or_other_terms(phone):
    ticket = phone.ticket()
    page = phone.open("/", ticket)
    _, fields = form_of(page, "/connect")
    assert phone.client.post("/erase", data=fields).status_code == 403
    assert phone.submit(page, "/connect", terms="2020-01").status_code == 403
    assert phone.submit(page, "/connect", language="ko").status_code == 403


def test_s3_a_form_that_waited_too_long_is_refused(phone):
    page = phone.open("/", phone.ticket())
    phone.clock.advance(TICKET_LIFETIME + timedelta(seconds=1))
    answer = phone.submit(page, "/connect")
    assert answer.status_code == 403
    assert "This link is no longer good" in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://wifi.example"}, 303),
        ({"Origin": "null"}, 303),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "https://wifi.example.evil.example"}, 403),
        ({"Origin": "http://wifi.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
    ],
)
def test_s3_another_site_cannot_send_our_form(phone, headers, status):
    assert phone.submit(phone.open("/", phone.ticket()), "/connect", headers).status_code == status


@pytest.mark.parametrize("path", ["/connect", "/sign-out", "/erase"])
def test_nothing_is_changed_by_opening_an_address(phone, path):
    assert phone.open(path, phone.ticket()).status_code == 405


def test_s5_who_asks_is_never_read_from_headers_or_parameters(phone, portal_store):
    claims = {"X-Forwarded-For": "10.9.9.9", "Forwarded": "for=10.9.9.9", "X-Real-IP": "10.9.9.9", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}  # fmt: skip
    page = phone.open("/", phone.ticket(), mac="02:00:5e:99:99:99", ip="10.9.9.9")
    answer = phone.submit(page, "/connect", claims, mac="02:00:5e:99:99:99", ip="10.9.9.9")
    assert answer.status_code == 303
    assert "evil" not in answer.headers["Location"]
    with portal_store.read() as tx:
        (grant,) = tx.visits.grants("gw-1", phone.clock.now())
    assert (grant.device.full(), str(grant.address)) == ("02:00:5e:10:00:01", "10.1.0.7")


POLICY = ("default-src 'none'", "img-src data:", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'")


def walk(phone):
    """Every page and every sort of error."""
    ticket = phone.ticket()
    first = phone.open("/", ticket)
    yield first
    yield phone.open("/")
    yield phone.open("/terms", ticket)
    yield phone.submit(first, "/connect")
    for path in ("/connected", "/status", "/signed-out", "/erased", "/nowhere", "/connect", "/healthz"):
        yield phone.open(path, ticket)
    yield phone.open("/", "broken")
    yield phone.client.post("/connect", data={"s": "x" * 10_000})


def test_s7_every_answer_has_the_strict_headers(phone):
    for answer in walk(phone):
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        if answer.mimetype == "text/html" and answer.status_code != 303:
            assert all(part in policy for part in POLICY)
            nonce = policy.split("'nonce-")[1].split("'")[0]
            assert f'<style nonce="{nonce}">' in answer.text
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
        assert "Set-Cookie" not in answer.headers


def test_s7_each_page_has_a_nonce_of_its_own(phone):
    policies = {phone.open("/").headers["Content-Security-Policy"] for _ in range(5)}
    assert len(policies) == 5


def test_s9_no_answer_repeats_the_host_that_a_request_claims(phone):
    ticket = phone.ticket()
    evil = {"Host": "evil.example"}
    target, fields = form_of(phone.open("/", ticket), "/connect")
    answers = [
        phone.client.post(target, data=fields, headers=evil),
        *(
            phone.client.get(path, query_string={"s": ticket}, headers=evil)
            for path in ("/", "/status", "/nowhere", "/terms")
        ),
    ]
    for answer in answers:
        assert "evil" not in answer.text + str(answer.headers)


def test_what_somebody_puts_into_the_address_is_text_and_nothing_else(phone):
    hostile = '"><script>alert(1)</script>'
    for answer in (
        phone.open("/", hostile),
        phone.open("/terms", hostile, v=hostile),
        phone.open("/", phone.ticket(), l=hostile),
    ):
        assert "<script" not in answer.text


def test_a_form_that_is_too_large_is_refused_in_words(phone):
    answer = phone.client.post("/connect?l=en", data={"s": "x" * 20_000})
    assert answer.status_code == 413
    assert "Start again" in answer.text
