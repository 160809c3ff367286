"""What a phone sees of a gateway of real parts, before and after it is signed in."""

import json
import socket
import subprocess
import time

import pytest

from tests.gateway.town import API, ONLINE, is_online, ticket_of
from tests.lab.city import (
    CITY_ADDRESS,
    CONTROL_NAME,
    INTERNET_ADDRESS,
    INTERNET_ADDRESS6,
    LAN_ADDRESS,
    OWN_NAME,
    PORTAL_NAME,
)
from tests.lab.control_simulator import GATEWAY, a_grant
from tests.lab.namespaces import wait_for
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.blocks import Block

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow]


def test_s5_s9_the_ticket_names_the_phone_that_asks_and_not_whom_it_pretends_to_be(town):
    phone, _ = town.phone()

    answer = phone.curl(ONLINE, "-H", "X-Forwarded-For: 10.99.1.1", "-H", "Host: evil.example")

    ticket = ticket_of(town, answer.location)
    assert (ticket.gateway, ticket.device.full(), str(ticket.address)) == (GATEWAY, phone.mac, phone.address)


def test_p5_https_other_ports_and_udp_are_refused_at_once_before_the_sign_in(town):
    phone, _ = town.phone()

    def seconds_until_refused(port: int, kind: socket.SocketKind) -> float:
        start = time.monotonic()
        with socket.socket(socket.AF_INET, kind) as sock:
            sock.settimeout(10)
            with pytest.raises(OSError, match=r"refused|No route|Permission"):
                sock.connect((INTERNET_ADDRESS, port))
                sock.send(b"x")
                sock.recv(1)
        return time.monotonic() - start

    def quickest(port: int, kind: socket.SocketKind, tries: int) -> float:
        return min(phone.namespace.call(lambda: seconds_until_refused(port, kind)) for _ in range(tries))

    assert quickest(443, socket.SOCK_STREAM, 20) < 0.05
    assert quickest(22, socket.SOCK_STREAM, 20) < 0.05
    assert quickest(443, socket.SOCK_DGRAM, 4) < 0.05  # the kernel limits ICMP errors to a few a second and receiver


def test_every_resolver_that_a_phone_asks_before_the_sign_in_is_ours(town):
    phone, _ = town.phone()
    phone.namespace.resolver("192.0.2.99")

    assert phone.curl(ONLINE).status == 302


def test_a1_a2_a3_a4_a10_a_lease_tells_the_api_and_the_api_tells_the_truth_before_and_after_the_sign_in(town):
    phone, number = town.phone()
    phone.dhcp()
    assert phone.capport_url == API

    before = phone.curl(phone.capport_url)
    town.control.admit(a_grant(number, phone.mac, phone.address))
    after = phone.curl(phone.capport_url)
    ways_in = []

    for answer in (before, after):
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/captive+json"
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["vary"] == "Accept"
        ways_in.append(phone.curl(json.loads(answer.body)["user-portal-url"]))
    assert [way.status for way in ways_in] == [303, 303]
    assert len({ticket_of(town, way.location).nonce for way in ways_in}) == 2
    assert json.loads(before.body)["captive"] is True
    assert "seconds-remaining" not in json.loads(before.body)
    assert json.loads(after.body)["captive"] is False
    assert 3500 < json.loads(after.body)["seconds-remaining"] <= 3600


def test_the_own_name_leads_to_the_portal_with_a_fresh_ticket_before_and_after_the_sign_in(town):
    phone, number = town.phone()

    def locations() -> list[str]:
        answers = [phone.curl(f"http://{OWN_NAME}/"), phone.curl(f"https://{OWN_NAME}/")]
        assert [answer.status for answer in answers] == [303, 303]
        return [answer.location for answer in answers]

    found = locations()
    town.control.admit(a_grant(number, phone.mac, phone.address))
    found += locations()

    assert len({ticket_of(town, location).nonce for location in found}) == 4
    assert phone.curl(f"http://{OWN_NAME}/captive-portal/api").status == 303
    assert phone.curl(API, "-H", "Accept: text/html").status == 302
    assert phone.curl(f"https://{OWN_NAME}/healthz").body == "ok\n"
    assert phone.curl(f"https://{OWN_NAME}/other").status == 404


def test_the_portal_is_reachable_before_and_after_the_sign_in_and_nothing_else_of_its_machine_is_before(town):
    phone, number = town.phone()
    script = f"import http.server as h; h.test(h.SimpleHTTPRequestHandler, port=443, bind='{CITY_ADDRESS}')"
    portal = town.lab.city.start(["python3", "-c", script], cwd=town.lab.folder, stdout=-3, stderr=-3)
    wait_for("the portal", lambda: town.lab.city.run(["curl", "-s", f"http://{PORTAL_NAME}:443/"]).returncode == 0)

    assert phone.curl(f"http://{PORTAL_NAME}:443/").status == 200
    assert phone.curl(f"http://{PORTAL_NAME}/").status == 302
    assert phone.curl(f"https://{CONTROL_NAME}:8443/").exit_code == 7
    town.control.admit(a_grant(number, phone.mac, phone.address))
    assert phone.curl(f"http://{PORTAL_NAME}:443/").status == 200
    portal.kill()
    portal.wait(20)


def test_l2_after_the_grant_the_next_request_reaches_the_internet_and_its_bytes_are_counted(town):
    phone, number = town.phone()
    assert not is_online(phone)

    town.control.admit(a_grant(number, phone.mac, phone.address))

    assert is_online(phone)
    town.control.end(f"visit-{number}")
    assert not is_online(phone)
    wait_for("what passed upstream", lambda: town.control.usage(f"visit-{number}").up_bytes)
    assert town.control.usage(f"visit-{number}").down_bytes > 0


def test_a_running_download_is_reset_at_once_when_the_visit_ends(town):
    phone, number = town.phone()
    town.control.admit(a_grant(number, phone.mac, phone.address))
    received = town.lab.folder / f"download-{number}"
    download = phone.start(
        ["curl", "-sS", "-o", str(received), "http://news.example/endless"], stderr=subprocess.PIPE
    )
    wait_for("bytes", lambda: received.exists() and received.stat().st_size > 0)

    town.control.end(f"visit-{number}")

    assert download.wait(20) == 56
    assert b"reset by peer" in download.stderr.read()


def test_a_thief_with_the_victims_address_and_another_device_is_refused(town):
    victim, number = town.phone()
    town.control.admit(a_grant(number, victim.mac, victim.address))
    victim.namespace.ip("link", "set", "eth0", "down")
    thief, _ = town.phone()
    thief.static(f"{victim.address}/18", LAN_ADDRESS)

    assert thief.curl(ONLINE).status == 302


def test_two_phones_may_have_one_address_one_after_the_other_and_each_has_its_own_visit(town):
    first, number = town.phone()
    second, other = town.phone()
    town.control.admit(a_grant(number, first.mac, first.address))
    assert is_online(first)
    first.namespace.ip("link", "set", "eth0", "down")
    second.static(f"{first.address}/18", LAN_ADDRESS)
    town.lab.gateway.ip("neigh", "flush", "dev", "br-lan")
    assert second.curl(ONLINE).status == 302

    town.control.admit(a_grant(other, second.mac, second.address))

    assert is_online(second)
    assert town.control.used_at_end(f"visit-{other}").up_bytes > 0


def test_a_connection_from_before_the_sign_in_does_not_go_on_to_the_redirector_after_it(town):
    """Browsers open one in advance and keep it for the next request."""
    phone, number = town.phone()
    waiting = phone.namespace.call(lambda: socket.create_connection((INTERNET_ADDRESS, 80), 10))
    resolving = phone.namespace.call(lambda: _ask_for_a_name("192.0.2.99"))

    town.control.admit(a_grant(number, phone.mac, phone.address))

    with waiting, resolving:
        with pytest.raises(ConnectionResetError):
            _say_and_hear(waiting, b"GET / HTTP/1.1\r\nHost: news.example\r\n\r\n")
        with pytest.raises(OSError, match=r"No route|Permission|refused"):
            _say_and_hear(resolving, _QUESTION)


def _say_and_hear(sock: socket.socket, data: bytes) -> bytes:
    sock.settimeout(10)
    sock.send(data)
    return sock.recv(512)


_QUESTION = bytes.fromhex("12340100000100000000000004") + b"news\x07example\x00\x00\x01\x00\x01"


def _ask_for_a_name(resolver: str) -> socket.socket:
    """Any resolver's answer is the gateway's own; the socket that it came to."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.connect((resolver, 53))
    assert _say_and_hear(sock, _QUESTION)[:2] == b"\x12\x34"
    return sock


def test_phones_do_not_reach_one_another_though_both_are_signed_in(town):
    one, number = town.phone()
    two, other = town.phone()
    town.control.admit(a_grant(number, one.mac, one.address), a_grant(other, two.mac, two.address))
    ping = ["ping", "-c", "2", "-i", "0.2", "-W", "1", two.address]

    assert one.run(ping).returncode != 0
    one.namespace.ip("route", "add", f"{two.address}/32", "via", LAN_ADDRESS)
    two.namespace.ip("route", "add", f"{one.address}/32", "via", LAN_ADDRESS)
    assert one.run(ping).returncode != 0


def test_a_volume_is_enforced_by_the_kernel_and_told_by_the_api(town):
    phone, number = town.phone()
    town.control.admit(a_grant(number, phone.mac, phone.address, volume_bytes=300_000))

    received = town.lab.folder / f"download-{number}"
    phone.start(["curl", "-sS", "-o", str(received), "http://news.example/endless"], stderr=subprocess.DEVNULL)
    wait_for("the end of the volume", lambda: json.loads(phone.curl(API).body)["captive"])

    assert phone.curl("http://news.example/").exit_code == 7
    assert 100_000 < received.stat().st_size <= 300_000


@pytest.mark.parametrize("server", [INTERNET_ADDRESS, INTERNET_ADDRESS6])
@pytest.mark.parametrize("direction", ["up_volume_bytes", "down_volume_bytes"])
def test_a_volume_of_one_direction_is_enforced_by_the_kernel_and_counts_only_that_direction(town, direction, server):
    """A datagram of 1000 bytes goes up, one of 100 comes down, or the other way round."""
    phone, number = town.phone6()
    town.control.admit(a_grant(number, phone.mac, phone.address, **{direction: 50_000}))
    sizes = (1000, 100) if direction == "up_volume_bytes" else (100, 1000)

    def exchange() -> int:
        """How many datagrams were answered before one was not."""
        with near, far:
            near.connect(far.getsockname()[:2])
            for answered in range(100):
                try:
                    near.send(bytes(sizes[0]))
                    _, peer = far.recvfrom(2048)
                    far.sendto(bytes(sizes[1]), peer)
                    near.recv(2048)
                except OSError:
                    return answered
        return 100

    far = town.lab.internet.call(lambda: _bound(server))
    near = phone.namespace.call(lambda: _bound("::" if ":" in server else "0.0.0.0"))
    headers = 48 if ":" in server else 28
    assert exchange() == 50_000 // (1000 + headers)
    assert json.loads(phone.curl(API).body)["captive"] is True


def _bound(address: str) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    sock.settimeout(3)
    sock.bind((address, 0))
    return sock


def test_a_device_that_the_city_has_blocked_gets_nothing_at_all_until_it_is_let_in_again(town):
    phone, number = town.phone6()
    other, another = town.phone6()
    town.control.admit(a_grant(number, phone.mac, phone.address), a_grant(another, other.mac, other.address))
    assert is_online(phone)

    town.control.block(Block(MacAddress.parse(phone.mac)))

    for server in (INTERNET_ADDRESS, f"[{INTERNET_ADDRESS6}]"):
        assert phone.curl(f"http://{server}/", seconds=2).exit_code == 28
    assert phone.run(["ping", "-c", "1", "-W", "1", LAN_ADDRESS]).returncode != 0
    assert is_online(other)
    town.control.block()
    assert is_online(phone)
