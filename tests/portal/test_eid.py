"""Signing in with an eID: a phone without cookies, a portal on a real store, a real provider over TLS on loopback."""

import html
import re
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from flask import Response

from portal.app import build_face, create_app
from portal.face import Face
from portal.identity.eid import BACK_PATH, EidWay
from portal.identity.openid.client import OpenIdProvider, Registration
from portal.identity.openid.published import Published
from portal.identity.openid.web import Web
from tests.fakes.gateway import OTHER_PHONE, PHONE
from tests.lab.authority import Authority
from tests.lab.openid_provider import CLIENT_ID, CLIENT_SECRET, USERS, Provider, serving
from tests.portal.conftest import CITY, PORTAL, Phone
from wifi_manager import shipped
from wifi_manager.clock import SystemClock
from wifi_manager.domain.visits import Method
from wifi_manager.services.admission import Admission
from wifi_manager.services.eid import EidSignIns
from wifi_manager.services.granting import Granting

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


@pytest.mark.usefixtures("store")
def test_a_citizen_signs_in_at_the_provider_and_is_online(citizen, portal_store, clock):
    answer = citizen.go_online()

    assert answer.headers["Location"].startswith("/connected?")
    visit = visits(portal_store, clock)
    assert visit.method is Method.EID
    assert len(visit.holder) == 32
    assert visit.consent.language == "en"


def test_visits_of_one_person_share_a_holder_and_those_of_two_do_not(citizen, portal_store, clock):
    holders = []
    for name in ("mina", "mina", "juno"):
        url = citizen.sign_in(citizen.begin(), name)
        citizen.by_the_gateway(citizen.come_back(url))
        holders.append(visits(portal_store, clock).holder)
        citizen.phone.submit(citizen.phone.open("/status", citizen.phone.ticket()), "/sign-out")

    assert holders[0] == holders[1] != holders[2]


def test_nothing_of_the_person_is_kept_or_written_down(citizen, tmp_path, logged):
    citizen.go_online()

    kept = b"".join(each.read_bytes() for each in tmp_path.glob("portal.db*"))
    for secret in (b"subject-1", b"Never To Be Kept", b"never@kept.example"):
        assert secret not in kept
        assert secret.decode() not in logged.getvalue()


def test_the_way_to_the_provider_asks_for_no_more_than_who_it_is_with_pkce_state_and_nonce(citizen, provider):
    given = {name: values[0] for name, values in parse_qs(urlsplit(citizen.begin()).query).items()}

    assert (given["scope"], given["response_type"], given["code_challenge_method"]) == ("openid", "code", "S256")
    assert given["redirect_uri"] == provider.redirect_uri
    assert min(len(given[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    assert len({given["state"], given["nonce"], given["code_challenge"]}) == 3


def test_the_gateway_opens_the_provider_for_this_device_alone_before_the_phone_is_sent_there(
    citizen, portal_store, clock
):
    granting = Granting(portal_store, clock, eid_hosts=("id.example",))
    base = granting.revision("gw-1")
    citizen.begin()

    told = granting.answer("gw-1", base)
    assert [(each.device, each.until - clock.now()) for each in told.openings] == [(PHONE, timedelta(minutes=10))]
    assert told.eid_hosts == ("id.example",)
    assert granting.answer("gw-1", 0).openings == told.openings
    with portal_store.read() as tx:
        assert tx.gateways.acknowledged(["gw-1"])["gw-1"] >= told.revision


def test_the_gateway_closes_the_provider_as_soon_as_the_browser_is_back(citizen, portal_store, clock):
    granting = Granting(portal_store, clock, eid_hosts=("id.example",))
    url = citizen.sign_in(citizen.begin())
    base = granting.revision("gw-1")
    citizen.come_back(url)

    told = granting.answer("gw-1", base)
    assert [each.holds(clock.now()) for each in told.openings] == [False]
    assert granting.answer("gw-1", 0).openings == ()


def test_a_sign_in_that_goes_on_at_another_gateway_is_closed_at_the_first(citizen, portal_store, clock, vault):
    other = replace(citizen.phone.gateway, name="gw-2", ticket_key=bytes(32))
    other.enrol(vault)
    granting = Granting(portal_store, clock, eid_hosts=("id.example",))
    citizen.begin()
    base = granting.revision("gw-1")
    with other.acknowledging():
        citizen.begin(other.ticket(clock.now()))

    assert [each.holds(clock.now()) for each in granting.answer("gw-1", base).openings] == [False]
    assert [each.device for each in granting.answer("gw-2", 0).openings] == [PHONE]


def test_while_the_gateway_has_not_opened_the_provider_the_phone_waits_and_gives_up_politely(
    face, gateway, clock, openid
):
    slow = replace(face, admission=replace(face.admission, patience_seconds=0.0))
    way = {Method.EID: lambda face: EidWay(face, EidSignIns(face.admission), openid)}
    phone = Phone(create_app(slow, way).test_client(use_cookies=False), gateway, clock)

    page = phone.follow(phone.submit(phone.open("/eid", phone.ticket()), "/eid"))
    assert 'http-equiv="refresh" content="2;url=/eid/leave' in page.text
    late = phone.open("/eid/leave", phone.ticket(), n=10)
    assert "does not answer" in late.text
    assert "http-equiv" not in late.text


def test_a_second_tap_with_the_same_ticket_goes_on_with_the_same_sign_in(citizen):
    ticket = citizen.phone.ticket()
    assert citizen.begin(ticket) == citizen.begin(ticket)


def test_a_reload_of_the_last_page_finds_the_visit(citizen, portal_store, clock):
    url = citizen.come_back(citizen.sign_in(citizen.begin()))
    citizen.by_the_gateway(url)

    again = citizen.by_the_gateway(url)
    assert again.status_code == 303
    assert again.headers["Location"].startswith("/?")


def test_s4_a_state_that_was_used_or_that_nobody_has_opens_nothing(citizen, portal_store, clock):
    url = citizen.sign_in(citizen.begin())
    citizen.come_back(url)

    for replayed in (
        url,
        f"{PORTAL.public_url}{BACK_PATH}?state={'x' * 43}&code=y",
        f"{PORTAL.public_url}{BACK_PATH}?",
    ):
        assert is_refused(citizen.come_back(replayed), portal_store, clock, "This sign-in is over")


def test_s4_the_word_that_comes_back_is_good_once(citizen, portal_store, clock):
    answer = citizen.come_back(citizen.sign_in(citizen.begin()))
    citizen.by_the_gateway(answer)
    citizen.phone.submit(citizen.phone.open("/status", citizen.phone.ticket()), "/sign-out")

    assert is_refused(citizen.by_the_gateway(answer), portal_store, clock, "This sign-in is over")


def test_s3_a_sign_in_that_somebody_else_was_talked_into_opens_nobodys_device(citizen, portal_store, clock):
    """The link of one device's sign-in, opened by a victim: their browser is at another device."""
    answer = citizen.come_back(citizen.sign_in(citizen.begin(), "juno"))

    assert is_refused(citizen.by_the_gateway(answer, device=OTHER_PHONE), portal_store, clock, "another device")
    assert visits(portal_store, clock, OTHER_PHONE) is None
    assert is_refused(citizen.by_the_gateway(answer), portal_store, clock, "This sign-in is over")


def test_s3_the_tap_needs_this_devices_own_form(citizen, portal_store):
    page = citizen.phone.open("/eid", citizen.phone.ticket())
    answer = citizen.phone.submit(page, "/eid", s=citizen.phone.ticket(device=OTHER_PHONE))

    assert answer.status_code == 403
    assert citizen.phone.submit(page, "/eid", headers={"Origin": "https://evil.example"}).status_code == 403


def test_a_sign_in_ends_after_ten_minutes_at_the_provider(citizen, portal_store, clock):
    url = citizen.sign_in(citizen.begin())
    clock.moment += timedelta(minutes=10)
    assert is_refused(citizen.come_back(url), portal_store, clock, "This sign-in is over")


def test_the_way_back_by_the_gateway_may_take_two_minutes(citizen, portal_store, clock):
    answer = citizen.come_back(citizen.sign_in(citizen.begin()))
    clock.moment += timedelta(minutes=2)
    assert is_refused(citizen.by_the_gateway(answer), portal_store, clock, "This sign-in is over")


def test_who_stops_at_the_provider_is_told_so_and_can_start_again(citizen, portal_store, clock):
    answer = citizen.come_back(citizen.sign_in(citizen.begin(), password=""))

    assert (answer.status_code, visits(portal_store, clock)) == (200, None)
    assert "You did not sign in" in answer.text
    assert citizen.go_online().status_code == 303


WRONG = {
    "another nonce": lambda claims: {**claims, "nonce": "x" * 43},
    "no nonce": lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
    "another audience": lambda claims: {**claims, "aud": ["somebody-else"]},
    "another party": lambda claims: {**claims, "aud": [CLIENT_ID, "other"], "azp": "other"},
    "another issuer": lambda claims: {**claims, "iss": "https://other.example"},
    "over": lambda claims: {**claims, "exp": int(time.time()) - 3600},
    "from the future": lambda claims: {**claims, "iat": int(time.time()) + 3600},
    "no subject": lambda claims: {**claims, "sub": ""},
    "an odd subject": lambda claims: {**claims, "sub": "x" * 256},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_an_answer_that_is_not_for_this_sign_in_lets_nobody_in(citizen, provider, portal_store, clock, wrong):
    provider.claims = WRONG[wrong]
    assert is_refused(citizen.go_online(), portal_store, clock, "is not accepted")


@pytest.mark.parametrize(
    ("wanted", "claims", "is_in"),
    [
        ({"acr_values": ("level-2",)}, {}, True),
        ({"acr_values": ("level-2",)}, {"acr": "level-1"}, False),
        ({"required_claims": (("resident", "true"),)}, {"resident": True}, True),
        ({"required_claims": (("resident", "true"),)}, {"resident": False}, False),
        ({"required_claims": (("resident", "true"),)}, {}, False),
    ],
)
def test_what_the_city_asks_for_must_stand_in_the_answer(
    face, openid, provider, citizen, portal_store, clock, wanted, claims, is_in
):
    provider.claims = lambda given: {**given, **claims}
    strict = replace(openid, registration=replace(openid.registration, **wanted))
    way = {Method.EID: lambda face: EidWay(face, EidSignIns(face.admission), strict)}
    phone = replace(citizen.phone, client=create_app(face, way).test_client(use_cookies=False))

    answer = replace(citizen, phone=phone).go_online()
    assert (answer.status_code == 303, visits(portal_store, clock) is not None) == (is_in, is_in)


def test_a_provider_that_changes_its_keys_is_believed_at_once(citizen, provider, portal_store, clock, timer):
    citizen.go_online()
    citizen.phone.submit(citizen.phone.open("/status", citizen.phone.ticket()), "/sign-out")
    provider.change_key()
    timer.now += 11

    assert citizen.go_online().status_code == 303
    assert visits(portal_store, clock) is not None
    assert provider.asked.count("/jwks") == 2


def test_an_answer_signed_by_anybody_else_lets_nobody_in(citizen, provider, portal_store, clock):
    published = provider.published
    provider.change_key()
    provider.published = published

    assert is_refused(citizen.go_online(), portal_store, clock, "is not accepted")


def test_the_provider_may_want_the_secret_in_the_form(citizen, provider, portal_store, clock):
    provider.auth_methods = ("client_secret_post",)
    citizen.go_online()
    assert visits(portal_store, clock) is not None


def says_that_it_fails(answer) -> bool:
    others = "Other ways in" in answer.text and "/connect" in answer.text
    return answer.status_code == 503 and "The eID does not answer right now." in answer.text and others


FAULTS = {
    "an error": lambda: Response("down", 503),
    "a redirect elsewhere": lambda: Response("", 302, {"Location": "https://evil.example/token"}),
    "no JSON": lambda: Response("<html>", 200),
    "too much": lambda: Response(b" " * 300_000 + b"{}", 200),
    "nothing within the time": lambda: time.sleep(SECONDS * 1.3) or Response("{}"),
    "without a token": lambda: Response("{}", 200),
    "our own fault": lambda: Response('{"error": "invalid_client"}', 400),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_provider_that_fails_at_the_end_is_said_to_and_other_ways_are_offered(
    citizen, provider, portal_store, clock, fault
):
    provider.answer = lambda path: FAULTS[fault]() if path == "/token" else None
    assert says_that_it_fails(citizen.go_online())
    assert visits(portal_store, clock) is None


def test_a_code_that_the_provider_does_not_know_lets_nobody_in(citizen, portal_store, clock):
    url = citizen.sign_in(citizen.begin())
    forged = re.sub(r"code=[^&]+", "code=made-up", url)
    assert is_refused(citizen.by_the_gateway(citizen.come_back(forged)), portal_store, clock, "is not accepted")


def test_a_provider_that_was_never_seen_is_said_to_fail_and_is_asked_again_after_a_rest(citizen, provider, timer):
    provider.answer = lambda _path: Response("down", 503)
    for _ in range(3):
        assert says_that_it_fails(citizen.phone.open("/eid", citizen.phone.ticket()))
    assert len(provider.asked) == 1

    provider.answer = lambda _path: None
    timer.now += 11
    assert citizen.phone.open("/eid", citizen.phone.ticket()).status_code == 200


def test_a_provider_whose_configuration_is_away_for_hours_is_known_all_the_same(citizen, provider, timer):
    citizen.begin()
    provider.answer = lambda path: Response("down", 503) if "well-known" in path else None
    timer.now += 5 * 3600

    assert citizen.begin().startswith(provider.issuer)


@pytest.mark.parametrize(
    "published",
    [
        {"issuer": "https://other.example"},
        {"authorization_endpoint": "https://elsewhere.example/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "http://localhost/token"},
        {"jwks_uri": None},
    ],
)
def test_s1_a_configuration_that_leads_elsewhere_is_not_followed(citizen, provider, published):
    made = {**provider.configuration(), **published}
    provider.answer = lambda path: made if "well-known" in path else None
    assert says_that_it_fails(citizen.phone.open("/eid", citizen.phone.ticket()))


def test_where_the_place_does_not_offer_the_eid_it_opens_nothing(citizen, face, openid, portal_store, clock):
    plain = replace(face, admission=replace(face.admission, ways=(Method.CLICK_THROUGH,)))
    page = citizen.phone.open("/eid", citizen.phone.ticket())
    way = {Method.EID: lambda face: EidWay(face, EidSignIns(face.admission), openid)}
    phone = replace(citizen.phone, client=create_app(plain, way).test_client(use_cookies=False))

    assert phone.open("/eid", phone.ticket()).headers["Location"].startswith("/?")
    assert phone.submit(page, "/eid").status_code == 403
    assert Granting(portal_store, clock, eid_hosts=("id.example",)).answer("gw-1", 0).openings == ()


def test_one_device_opens_the_provider_only_so_often(citizen):
    for _ in range(20):
        citizen.begin()
    page = citizen.phone.open("/eid", citizen.phone.ticket())
    assert citizen.phone.submit(page, "/eid").status_code == 429


def test_who_has_their_data_deleted_leaves_no_sign_in_behind(citizen, portal_store, clock):
    citizen.go_online()
    citizen.phone.submit(citizen.phone.open("/status", citizen.phone.ticket()), "/erase")
    with portal_store.begin() as tx:
        assert tx.eid.forget(clock.now() + timedelta(days=1)) == 0
