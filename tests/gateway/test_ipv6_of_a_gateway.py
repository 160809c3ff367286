"""IPv6 is no way around the portal, and as good as IPv4 after the sign-in: real phones, real packets."""

import socket
import subprocess

import pytest

from tests.gateway.town import ONLINE, Town, address6, is_online, ticket_of
from tests.lab.city import INTERNET_ADDRESS, INTERNET_ADDRESS6, LAN_ADDRESS6, PORTAL_NAME
from tests.lab.control_simulator import a_grant
from tests.lab.internet import ECHO_PORT
from tests.lab.namespaces import wait_for
from tests.lab.phone import Phone

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow]

REFUSED = r"refused|No route|Permission"


def echo(phone: Phone, server: str, source: str = "", data: bytes = b"x") -> bytes:
    """What the internet's echo answers. Raises OSError where the gateway refuses, or nobody answers."""

    def ask() -> bytes:
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.settimeout(10)
            sock.bind((source, 0))
            sock.connect((server, ECHO_PORT))
            sock.send(data)
            return sock.recv(2048)

    return phone.namespace.call(ask)


def test_before_the_sign_in_web_pages_over_ipv6_lead_to_the_portal_with_a_ticket_for_that_address(town: Town):
    phone, number = town.phone6()

    answer = phone.curl(ONLINE, "-6")

    assert answer.status == 302
    assert answer.location.startswith(f"https://{PORTAL_NAME}/?s=")
    ticket = ticket_of(town, answer.location)
    assert (ticket.device.full(), str(ticket.address)) == (phone.mac, address6(number))


def test_before_the_sign_in_nothing_else_passes_over_ipv6_from_any_address_of_the_phone(town: Town):
    phone, number = town.phone6()
    sources = [address6(number), address6(number, 1), address6(number, 2)]
    phone.static6(*(f"{address}/64" for address in sources), gateway=LAN_ADDRESS6)

    for source in sources:
        with pytest.raises(OSError, match=REFUSED):
            echo(phone, INTERNET_ADDRESS6, source)
        assert phone.curl(f"https://[{INTERNET_ADDRESS6}]/", "--interface", source).exit_code == 7
        assert phone.curl(f"http://[{INTERNET_ADDRESS6}]/", "--interface", source).status == 302
    assert phone.run(["ping", "-6", "-c", "1", "-W", "2", INTERNET_ADDRESS6]).returncode != 0


def test_one_sign_in_serves_both_families_and_every_address_that_the_phone_makes(town: Town):
    phone, number = town.phone6()
    town.control.admit(a_grant(number, phone.mac, address6(number)))

    later = address6(number, 7)
    phone.static6(f"{later}/64", gateway=LAN_ADDRESS6)

    assert phone.curl(ONLINE, "-4").status == 204
    assert phone.curl(ONLINE, "-6").status == 204
    for source in (address6(number), later):
        assert echo(phone, INTERNET_ADDRESS6, source) == b"x"


@pytest.mark.parametrize("server", [INTERNET_ADDRESS, INTERNET_ADDRESS6])
def test_bytes_of_both_families_are_counted_to_the_byte(town: Town, server):
    phone, number = town.phone6()
    town.control.admit(a_grant(number, phone.mac, phone.address))

    for _ in range(50):
        echo(phone, server, data=bytes(1000))

    headers = 48 if ":" in server else 28
    used = town.control.used_at_end(f"visit-{number}")
    assert (used.up_bytes, used.down_bytes) == (50 * (1000 + headers),) * 2


def test_a_phone_of_another_family_or_network_address_is_dropped_and_its_own_is_not(town: Town):
    phone, number = town.phone6()
    town.control.admit(a_grant(number, phone.mac, phone.address))
    for forged, real, server in (
        ("2001:2:0:98::77", address6(number), INTERNET_ADDRESS6),
        ("2001:db8:77::77", address6(number), INTERNET_ADDRESS6),
        ("10.98.0.77", phone.address, INTERNET_ADDRESS),
        ("192.0.2.77", phone.address, INTERNET_ADDRESS),
        (LAN_ADDRESS6, address6(number), INTERNET_ADDRESS6),
    ):
        prefix = "128" if ":" in forged else "32"
        phone.namespace.ip("addr", "add", f"{forged}/{prefix}", "dev", "eth0", *(["nodad"] if ":" in forged else []))
        assert arrived(town, phone, server, [forged, real]) == [b"1"], forged
        phone.namespace.ip("addr", "del", f"{forged}/{prefix}", "dev", "eth0")


def arrived(town: Town, phone: Phone, server: str, sources: list[str]) -> list[bytes]:
    """Send a datagram from each source, numbered; those that reached the internet by the time the last one did."""
    family = socket.AF_INET6 if ":" in server else socket.AF_INET

    def listen() -> socket.socket:
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.bind((server, 0))
        sock.settimeout(10)
        return sock

    def send(port: int) -> None:
        for number, source in enumerate(sources):
            with socket.socket(family, socket.SOCK_DGRAM) as sock:
                sock.bind((source, 0))
                sock.sendto(str(number).encode(), (server, port))

    with town.lab.internet.call(listen) as heard:
        phone.namespace.call(lambda: send(heard.getsockname()[1]))
        found = [heard.recv(64)]
        while found[-1] != str(len(sources) - 1).encode():
            found.append(heard.recv(64))
        return found


def test_a_running_download_over_ipv6_is_reset_at_once_when_the_visit_ends(town: Town):
    phone, number = town.phone6()
    town.control.admit(a_grant(number, phone.mac, phone.address))
    received = town.lab.folder / f"download-{number}"
    words = ["curl", "-6", "-sS", "-o", str(received), "http://news.example/endless"]
    download = phone.start(words, stderr=subprocess.PIPE)
    wait_for("bytes", lambda: received.exists() and received.stat().st_size > 0)

    town.control.end(f"visit-{number}")

    assert download.wait(20) == 56
    assert b"reset by peer" in download.stderr.read()


@pytest.mark.parametrize("server", [INTERNET_ADDRESS, INTERNET_ADDRESS6])
def test_what_the_internet_sends_into_an_open_connection_does_not_arrive_after_the_visits_end(town: Town, server):
    phone, number = town.phone6()
    town.control.admit(a_grant(number, phone.mac, phone.address, seconds=3))
    with (
        town.lab.internet.call(lambda: bound(server)) as far,
        phone.namespace.call(lambda: bound("", server)) as near,
    ):
        near.connect(far.getsockname()[:2])
        near.send(b"asked")
        _, peer = far.recvfrom(64)
        far.sendto(b"early", peer)
        assert near.recv(64) == b"early"
        wait_for("the end of a grant of 3 s", lambda: not is_online(phone))

        far.sendto(b"late", peer)

        town.control.admit(a_grant(number, phone.mac, phone.address, visit=f"again-{number}"))
        near.send(b"asked again")
        _, peer = far.recvfrom(64)
        far.sendto(b"again", peer)
        assert near.recv(64) == b"again"


def bound(address: str, like: str = "") -> socket.socket:
    """A UDP socket at an address; at any of the family of `like` where none is given."""
    sock = socket.socket(socket.AF_INET6 if ":" in (address or like) else socket.AF_INET, socket.SOCK_DGRAM)
    sock.settimeout(10)
    sock.bind((address, 0))
    return sock


def test_a_thief_with_the_victims_ipv6_address_and_another_device_is_refused(town: Town):
    victim, number = town.phone6()
    town.control.admit(a_grant(number, victim.mac, victim.address))
    assert victim.curl(ONLINE, "-6").status == 204
    victim.namespace.ip("link", "set", "eth0", "down")
    thief, _ = town.phone6()
    thief.static6(f"{address6(number)}/64", gateway=LAN_ADDRESS6)

    assert thief.curl(ONLINE, "-6", "--interface", address6(number)).status == 302
    with pytest.raises(OSError, match=REFUSED):
        echo(thief, INTERNET_ADDRESS6, address6(number))


def test_phones_do_not_reach_one_another_within_a_network_or_between_two_over_either_family(town: Town):
    one, number = town.phone6()
    two, other = town.phone6()
    event, third = town.event_phone()
    town.control.admit(*(a_grant(n, p.mac, p.address) for n, p in ((number, one), (other, two), (third, event))))
    assert all(phone.curl(ONLINE, family).status == 204 for phone in (one, two, event) for family in ("-4", "-6"))
    event6 = f"2001:2:0:98::{int(event.address.rpartition('.')[2]):x}"
    one.namespace.ip("route", "add", f"{address6(other)}/128", "via", LAN_ADDRESS6)
    two.namespace.ip("route", "add", f"{address6(number)}/128", "via", LAN_ADDRESS6)

    for address in (event.address, event6, address6(other)):
        assert one.run(["ping", "-c", "1", "-W", "1", address]).returncode != 0, address


def test_a_second_network_has_its_own_addresses_portal_and_visits(town: Town):
    phone, number = town.event_phone()
    assert phone.curl(ONLINE, "-4").status == 302
    assert phone.curl(ONLINE, "-6").status == 302

    town.control.admit(a_grant(number, phone.mac, phone.address))

    assert phone.curl(ONLINE, "-4").status == 204
    assert phone.curl(ONLINE, "-6").status == 204


def test_a_connection_over_ipv6_from_before_the_sign_in_does_not_go_on_to_the_redirector_after_it(town: Town):
    phone, number = town.phone6()
    waiting = phone.namespace.call(lambda: socket.create_connection((INTERNET_ADDRESS6, 80), 10))

    town.control.admit(a_grant(number, phone.mac, phone.address))

    with waiting:
        waiting.send(b"GET / HTTP/1.1\r\nHost: news.example\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            waiting.recv(512)


def test_routers_that_phones_pretend_to_be_are_not_believed_by_the_gateway(town: Town):
    phone, _ = town.phone6()
    before = town.lab.gateway.ip("-6", "route", "show")
    script = (
        "import socket\n"
        "advertisement = bytes.fromhex('86000000400807080000000000000000')\n"
        "sock = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)\n"
        "sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)\n"
        "sock.sendto(advertisement, ('ff02::1%eth0', 0))\n"
    )

    phone.namespace.check(["python3", "-c", script])

    assert is_online(phone) is False  # the gateway has had its packets since
    assert town.lab.gateway.ip("-6", "route", "show") == before
