"""The same against FreeRADIUS itself."""

import socket
from datetime import timedelta

import pytest

from portal.identity.radius_wire.packets import access_request
from tests.fakes.radius_server import MESSAGE_AUTHENTICATOR, SECRET, attribute, attributes_of
from tests.lab import freeradius
from tests.portal.radius_way.test_radius_way import says_that_it_fails
from wifi_manager.domain.visits import Method
from wifi_manager.services.radius import credentials
from wifi_manager.settings.radius import Radius

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        freeradius.PROGRAM is None, reason="FreeRADIUS is not installed: sh tests/lab/system_packages.sh freeradius"
    ),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with freeradius.running(tmp_path_factory.mktemp("freeradius"), SECRET.decode()) as found:
        yield found


@pytest.fixture
def chosen(address):
    return Radius(
        servers=(address,), timeout_seconds=10.0, realm="university.example", plan_of_class=("staff=resident",)
    )


def test_a_name_with_its_realm_is_let_in(phone, sign_in, visit):
    assert "online" in phone.follow(sign_in("juno", "battery staple")).text
    assert (visit().method, visit().plan.name, visit().ends_by) == (Method.RADIUS, "day", None)


class TestWithoutRealm:
    @pytest.fixture
    def chosen(self, address):
        return Radius(servers=(address,), timeout_seconds=10.0, plan_of_class=("staff=resident",))

    def test_class_and_time_of_the_server_hold(self, sign_in, visit, clock):
        assert sign_in("mina", "correct horse").status_code == 303
        assert (visit().plan.name, visit().expires_at) == ("resident", clock.now() + timedelta(minutes=30))

    def test_a_long_password_that_is_wrong_and_an_unknown_name_are_refused_alike(self, sign_in, counted):
        answers = [sign_in("mina", "x" * 128), sign_in("nobody", "correct horse")]
        assert [each.status_code for each in answers] == [422, 422]
        assert (counted("refused"), counted("dropped")) == (2, 0)


class TestWrongSecret:
    @pytest.fixture
    def chosen(self, address):
        return Radius(servers=(address,), timeout_seconds=0.5, retries=0)

    @pytest.fixture
    def secret(self):
        return b"another"

    def test_s6_with_another_secret_nobody_gets_in_and_citizens_get_other_ways(self, sign_in, visit, counted):
        assert says_that_it_fails(sign_in("mina", "correct horse"))
        assert (visit(), counted("silent")) == (None, 1)


class TestNobodyThere:
    @pytest.fixture
    def chosen(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.bind(("127.0.0.1", 0))
            return Radius(servers=(f"127.0.0.1:{line.getsockname()[1]}",))

    def test_a_dead_server_leads_to_the_other_ways_in(self, sign_in, visit):
        assert says_that_it_fails(sign_in())
        assert visit() is None


def without_signature(packet):
    kept = b"".join(attribute(*each) for each in attributes_of(packet) if each[0] != MESSAGE_AUTHENTICATOR)
    return packet[:2] + (20 + len(kept)).to_bytes(2, "big") + packet[4:20] + kept


def with_wrong_signature(packet):
    return packet[:22] + bytes([packet[22] ^ 1]) + packet[23:]


@pytest.mark.parametrize("spoil", [without_signature, with_wrong_signature])
def test_s6_freeradius_drops_our_request_where_its_signature_is_missing_or_wrong(address, spoil):
    host, _, port = address.partition(":")
    made = [access_request(credentials("mina", "correct horse"), SECRET, "x").RequestPacket() for _ in range(2)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.connect((host, int(port)))
        line.settimeout(60)
        line.send(spoil(made[0]))
        line.send(made[1])  # a right one behind it: its answer is the only one
        answer = line.recv(4096)
        assert (answer[0], answer[1]) == (2, made[1][1])
        line.settimeout(0.2)
        with pytest.raises(TimeoutError):
            line.recv(4096)
