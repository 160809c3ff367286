"""The way in by RADIUS, as a phone without script and cookies walks it, in front of a server that does as it is told."""

import socket
import threading
from datetime import timedelta
from functools import partial

import pytest

from portal.identity import radius
from portal.identity.radius_wire.rests import REST_SECONDS, Rests
from portal.identity.radius_wire.servers import Lines, Servers
from tests.builders import a_site
from tests.fakes.gateway import OTHER_PHONE
from tests.fakes.radius_server import ACCEPT, REJECT, SECRET, attribute, signed, unsigned
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.visits import Method
from wifi_manager.services.places import Places
from wifi_manager.services.radius import Accepted, ServersFailed, credentials
from wifi_manager.settings import Settings, SettingsError, load
from wifi_manager.settings.radius import Radius

pytestmark = pytest.mark.slow  # waits for servers that do not answer

QUICK = {"timeout_seconds": 1.5, "retries": 0}
A_WAIT = 60  # seconds, for what happens at once


def says_that_it_fails(answer):
    others = "Other ways in" in answer.text and "/connect" in answer.text
    return answer.status_code == 503 and "Your organisation does not answer right now." in answer.text and others


def nobody() -> tuple[str, int]:
    """An address where nobody listens."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        return line.getsockname()


def test_name_and_password_lead_online_and_stand_nowhere(phone, sign_in, visit, counted, registry, logged, face):
    assert "/radius?" in phone.open("/", phone.ticket()).text
    answer = sign_in()
    assert "online" in phone.follow(answer).text
    found = visit()
    holder = face.admission.vault.digest("radius holder", b"mina")
    assert (found.method, found.plan.name, found.holder, found.ends_by) == (Method.RADIUS, "day", holder, None)
    assert counted("accepted") == 1
    assert registry.get_sample_value("wifi_sign_ins_total", {"city": "haneul", "method": "radius"}) == 1
    traces = logged.getvalue() + answer.headers["Location"]
    assert not any(each in traces for each in ("mina", "correct", SECRET.decode()))


def test_a_refused_name_stays_in_the_field_and_the_password_does_not(sign_in, server, visit, counted, registry):
    server.answers = lambda request: [signed(REJECT, request)]
    answer = sign_in()
    assert (answer.status_code, "does not know this name" in answer.text) == (422, True)
    assert 'value="mina"' in answer.text
    assert "correct horse" not in answer.text
    assert (visit(), counted("refused")) == (None, 1)
    labels = {"city": "haneul", "method": "radius", "outcome": "wrong"}
    assert registry.get_sample_value("wifi_sign_in_tries_total", labels) == 1


def test_the_time_that_the_server_gives_bounds_the_visit(sign_in, server, visit, clock):
    server.answers = lambda request: [signed(ACCEPT, request, attribute(27, (1800).to_bytes(4, "big")))]
    sign_in()
    assert visit().expires_at == visit().ends_by == clock.now() + timedelta(minutes=30)


class TestPlans:
    @pytest.fixture
    def chosen(self, server):
        return Radius(servers=(server.address,), retries=0, plan_of_class=("ou=staff,o=u=resident", "guest=day"))

    @pytest.mark.parametrize(("kind", "label"), [(11, b"ou=staff,o=u"), (25, b"ou=staff,o=u")])
    def test_the_servers_class_of_somebody_gives_the_plan(self, sign_in, server, visit, kind, label):
        server.answers = lambda request: [signed(ACCEPT, request, attribute(25, b"guest"), attribute(kind, label))]
        sign_in()
        assert visit().plan.name == "resident"

    def test_other_classes_have_the_plan_of_the_place(self, sign_in, server, visit):
        server.answers = lambda request: [signed(ACCEPT, request, attribute(11, b"staff"))]
        sign_in()
        assert visit().plan.name == "day"


def test_s6_forged_answers_are_dropped_and_counted_and_the_right_one_is_waited_for(sign_in, server, counted, visit):
    server.answers = lambda request: [
        unsigned(ACCEPT, request, attribute(27, b"\0\0\0\1")),
        signed(REJECT, request, secret=b"another"),
        b"",
        signed(ACCEPT, request),
    ]
    assert sign_in().status_code == 303
    assert (visit().ends_by, counted("dropped"), counted("accepted")) == (None, 3, 1)


class TestImpatient:
    @pytest.fixture
    def chosen(self, server):
        return Radius(servers=(server.address,), **QUICK)

    def test_s6_an_unsigned_accept_lets_nobody_in(self, sign_in, server, visit, counted):
        server.answers = lambda request: [unsigned(ACCEPT, request)]
        assert says_that_it_fails(sign_in())
        assert (visit(), counted("dropped"), counted("silent")) == (None, 1, 1)

    def test_a_silent_server_rests_and_the_next_citizen_is_told_at_once(self, sign_in, server, counted):
        server.answers = lambda _request: []
        for _ in range(7):
            assert says_that_it_fails(sign_in()), "and no try is counted against anybody"
        assert (len(server.received), counted("silent")) == (1, 7)

    def test_one_realm_that_is_silent_is_not_held_against_another(self, sign_in, server):
        server.answers = lambda request: [] if b"@gone" in request else [signed(ACCEPT, request)]
        assert says_that_it_fails(sign_in("mina@gone.example"))
        assert sign_in("mina@here.example").status_code == 303


class TestRetries:
    @pytest.fixture
    def chosen(self, server):
        return Radius(servers=(server.address,), timeout_seconds=4.0, retries=2)

    def test_a_lost_packet_is_sent_again_as_it_was(self, sign_in, server):
        server.answers = lambda request: [signed(ACCEPT, request)] if len(server.received) > 1 else []
        assert sign_in().status_code == 303
        first, second, *_ = server.received
        assert first == second


class TestTwoServers:
    @pytest.fixture
    def chosen(self, server):
        return Radius(servers=(f"127.0.0.1:{nobody()[1]}", server.address))

    def test_the_next_server_is_asked_where_one_is_away(self, sign_in, server):
        assert sign_in().status_code == 303
        assert len(server.received) == 1


def test_s2_guessing_is_slowed_per_device_and_per_name(phone, sign_in, server):
    server.answers = lambda request: [signed(REJECT, request)]
    for _ in range(5):
        assert sign_in().status_code == 422
    refused = sign_in()
    assert (refused.status_code, "too many tries" in refused.text) == (429, True)
    for last in range(5):
        sign_in("MINA", device=MacAddress.parse(f"02:00:5e:30:00:{last:02x}"))
    assert len(server.received) == 10
    server.answers = lambda request: [signed(ACCEPT, request)]
    assert sign_in(device=OTHER_PHONE).status_code == 429
    assert sign_in("juno", device=OTHER_PHONE).status_code == 303


def test_s3_a_form_without_its_token_asks_no_server(phone, server):
    page = phone.open("/radius", phone.ticket())
    assert phone.submit(page, "/radius", name="mina", password="x", token="x").status_code == 403
    assert server.received == []


def test_a_place_that_does_not_offer_it_has_no_such_page(face, phone, app, portal_store, clock):

    page = phone.open("/radius", phone.ticket())
    Places(portal_store, clock).offer(a_site().key, [Method.CLICK_THROUGH], "somebody")
    assert phone.open("/radius", phone.ticket()).status_code == 403
    assert phone.submit(page, "/radius", name="mina", password="x").status_code == 403


def test_servers_that_hang_take_so_many_threads_and_so_much_time():
    lines, go_on = Lines(1), threading.Event()

    def hang() -> Accepted:
        go_on.wait(A_WAIT)
        return Accepted()

    with pytest.raises(ServersFailed, match="too long"):
        lines.ask(hang, 0.05)
    with pytest.raises(ServersFailed, match="Too many"):
        lines.ask(Accepted, A_WAIT)
    go_on.set()
    while not lines._free.acquire(timeout=A_WAIT):
        pytest.fail("the line was not given back")
    lines._free.release()
    assert lines.ask(Accepted, A_WAIT) == Accepted()


def test_after_its_rest_a_server_is_asked_again():
    now = 0.0
    rests, address = Rests(lambda: now), nobody()
    servers = Servers((address,), SECRET, "x", 0.5, 1, Lines(1), lambda _outcome: None, rests)
    with pytest.raises(ServersFailed):
        servers.ask(credentials("mina", "x"))
    assert list(rests.awake([address], "")) == []
    now = REST_SECONDS
    assert list(rests.awake([address], "")) == [address]
    rests.begin(address, "other")
    assert len(rests._ends) == 1, "rests that are over are forgotten"


def test_no_repr_shows_the_secret():
    assert SECRET.decode() not in repr(Servers((), SECRET, "x", 0.5, 1, Lines(1), print))


def test_settings_name_hosts_and_ports_and_the_secrets_file(tmp_path):
    path, secret = tmp_path / "wifi-manager.toml", tmp_path / "secret"
    path.write_text(
        f'[radius]\nservers = ["r.example", "192.0.2.1:1645", "[2001:db8::1]", "[::1]:99"]\nsecret_file = "{secret}"\n'
        'plan_of_class = ["a=b=one", "c=two", "a=b=three"]\n'
    )
    settings = load(path, {})
    assert settings.radius.addresses == (("r.example", 1812), ("192.0.2.1", 1645), ("2001:db8::1", 1812), ("::1", 99))
    assert list(settings.radius.plans.items()) == [("a=b", "one"), ("c", "two")]
    with pytest.raises(SettingsError, match="cannot be read"):
        radius.maker(settings)
    secret.touch(mode=0o600)
    secret.write_text("shared\n")
    assert isinstance(radius.maker(settings), partial)
    assert radius.maker(Settings()) is None


@pytest.mark.parametrize("server", ["a..b", "::1", "host:0", "host:65536", "host:x", "http://host", ""])
def test_what_is_no_server_is_refused_where_it_stands(tmp_path, server):
    path = tmp_path / "wifi-manager.toml"
    path.write_text(f'[radius]\nservers = ["{server}"]\n')
    with pytest.raises(SettingsError, match="Example:"):
        load(path, {})
