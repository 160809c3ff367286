"""What phones that are not signed in get of names, addresses and the time, from a gateway of real parts."""

import contextlib
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from scapy.layers.dhcp6 import (
    DUID_LL,
    DHCP6_InfoRequest,
    DHCP6_Reply,
    DHCP6_Solicit,
    DHCP6OptCaptivePortal,
    DHCP6OptClientId,
    DHCP6OptDNSServers,
    DHCP6OptElapsedTime,
    DHCP6OptIA_NA,
    DHCP6OptNTPServer,
    DHCP6OptOptReq,
)
from scapy.packet import Packet

from tests.gateway.names.conftest import CLOCK_IS_WRONG_BY, HELP, HELP_ADDRESS, HELP_ADDRESS6
from tests.gateway.town import API
from tests.lab.city import (
    EVENTS,
    EVENTS_ADDRESS,
    EVENTS_ADDRESS6,
    INTERNET_ADDRESS,
    INTERNET_ADDRESS6,
    LAN_ADDRESS,
    LAN_ADDRESS6,
    OWN_NAME,
    VISITORS,
)
from tests.lab.dns import AAAA, NULL, TXT, A, addresses, ask, ask_time, question, read_tcp
from tests.lab.namespaces import wait_for
from tests.lab.phone import Phone
from wifi_manager.gateway.rules.name_rules import (
    ANSWER_BYTES,
    CONNECTION_BYTES,
    CONNECTIONS_A_MINUTE,
    CONNECTIONS_BURST,
    QUESTION_BYTES_A_SECOND,
    QUESTION_BYTES_BURST,
    QUESTIONS_A_SECOND,
    QUESTIONS_BURST,
)

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow]

ELSEWHERE, ELSEWHERE6 = "192.0.2.99", "2001:2:0:5::53"
NETWORKS = pytest.mark.parametrize(
    ("bridge", "own", "own6"),
    [(VISITORS, LAN_ADDRESS, LAN_ADDRESS6), (EVENTS, EVENTS_ADDRESS, EVENTS_ADDRESS6)],
    ids=["visitors", "events"],
)


@NETWORKS
def test_a9_a10_a_lease_names_the_gateway_of_its_own_network_and_the_captive_portal_api(
    names_town, bridge, own, own6
):
    phone = names_town.lab.add_phone(f"lease-{bridge}", bridge)

    phone.dhcp()

    assert [phone.lease[option] for option in ("router", "dns", "ntpsrv")] == [own] * 3
    assert phone.capport_url == API
    assert addresses(ask(phone.namespace, own, OWN_NAME)) == [own]
    assert phone.curl(API).status == 200


@NETWORKS
def test_a9_a_phone_makes_its_ipv6_address_and_asks_for_the_rest_by_dhcpv6(names_town, bridge, own, own6):
    phone = names_town.lab.add_phone(f"six-{bridge}", bridge)
    prefix = own6.removesuffix(":1")
    wait_for("an address", lambda: prefix in phone.namespace.ip("-6", "addr", "show", "dev", "eth0", "-tentative"))

    told = wait_for("an answer", lambda: dhcpv6(phone, DHCP6_InfoRequest(trid=7)))
    assert API.encode() == told[DHCP6OptCaptivePortal].URI
    assert told[DHCP6OptDNSServers].dnsservers == [own6]
    assert told[DHCP6OptNTPServer].ntpserver[0].addr == own6

    assert dhcpv6(phone, DHCP6_Solicit(trid=8) / DHCP6OptIA_NA(iaid=1)) is None, "nothing is lent, so nobody is told"


def dhcpv6(phone: Phone, message: Packet) -> Packet | None:
    options = DHCP6OptElapsedTime() / DHCP6OptOptReq(reqopts=[23, 56, 103])
    message = message / DHCP6OptClientId(duid=DUID_LL(lladdr=phone.mac)) / options

    def work() -> Packet | None:
        index = socket.if_nametoindex("eth0")
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock, contextlib.suppress(OSError):
            sock.settimeout(2)
            sock.bind(("::", 546, 0, index))
            sock.sendto(bytes(message), ("ff02::1:2", 547, 0, index))
            return DHCP6_Reply(sock.recv(2048))
        return None

    return phone.namespace.call(work)


def test_a_name_of_the_garden_is_reachable_in_a_family_when_it_was_asked_for_and_not_before(names_town):
    phone, _ = names_town.phone6()

    def without_asking(address: str) -> int:
        return phone.curl(f"http://{HELP}/", "--resolve", f"{HELP}:80:{address}").status

    assert [without_asking(address) for address in (HELP_ADDRESS, HELP_ADDRESS6)] == [302, 302]
    assert phone.curl(f"http://{HELP}/", "-4").status == 200
    assert [without_asking(address) for address in (HELP_ADDRESS, HELP_ADDRESS6)] == [200, 302]
    assert phone.curl(f"http://{HELP}/", "-6").status == 200
    assert [without_asking(address) for address in (INTERNET_ADDRESS, INTERNET_ADDRESS6)] == [302, 302]


def test_every_resolver_that_a_phone_asks_is_ours_over_both_families_udp_and_tcp(names_town):
    phone, _ = names_town.phone6()

    for server in (LAN_ADDRESS, ELSEWHERE, LAN_ADDRESS6, ELSEWHERE6):
        for tcp in (False, True):
            answer = ask(phone.namespace, server, OWN_NAME, tcp=tcp)
            assert addresses(answer) == [LAN_ADDRESS], (server, tcp)


@pytest.mark.parametrize("server", [INTERNET_ADDRESS, INTERNET_ADDRESS6, LAN_ADDRESS, LAN_ADDRESS6])
def test_names_over_tls_quic_and_https_are_refused_at_once(names_town, server):
    phone, _ = names_town.phone6()
    family = socket.AF_INET6 if ":" in server else socket.AF_INET

    def refused(port: int, kind: socket.SocketKind) -> bool:
        with socket.socket(family, kind) as sock:
            sock.settimeout(10)
            try:
                sock.connect((server, port))
                sock.send(b"x")
                sock.recv(1)
            except TimeoutError:
                return False
            except OSError:
                return True
        return False

    ways = [(853, socket.SOCK_STREAM), (853, socket.SOCK_DGRAM), (443, socket.SOCK_DGRAM)]
    if server in {INTERNET_ADDRESS, INTERNET_ADDRESS6}:
        ways.append((443, socket.SOCK_STREAM))
    for port, kind in ways:
        assert phone.namespace.call(lambda port=port, kind=kind: refused(port, kind)), (port, kind)


def test_a_designated_encrypted_resolver_is_not_named(names_town):
    phone, _ = names_town.phone6()

    answer = ask(phone.namespace, LAN_ADDRESS, "_dns.resolver.arpa", 64)

    assert answer is not None
    assert answer.ancount == 0


def test_the_hundred_questions_of_a_phone_that_has_just_come_are_all_answered(names_town):
    phone, _ = names_town.phone6()

    carried = phone.namespace.call(lambda: tunnel([question(f"app{n}.example", A, n) for n in range(100)]))

    assert carried.answered == 100


@dataclass
class Carried:
    """What passed through the doorstep, in bytes of questions and answers, and in which time."""

    answered: int = 0
    up_bytes: int = 0
    longest: int = 0
    data_records: int = 0
    seconds: float = 0.0


def tunnel(queries: list[bytes]) -> Carried:
    """Ask all of it, never waiting for an answer longer than a moment, as the client of a DNS tunnel does."""
    carried, waiting = Carried(), {query[:2]: query for query in queries}
    start = time.monotonic()
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        sock.connect((LAN_ADDRESS6, 53))
        for query in queries:
            sock.send(query)
            _take(sock, carried, waiting, 0.005)
        while _take(sock, carried, waiting, 1.0):
            pass
    carried.seconds = time.monotonic() - start
    return carried


def _take(sock: socket.socket, carried: Carried, waiting: dict[bytes, bytes], seconds: float) -> bool:
    sock.settimeout(seconds)
    with contextlib.suppress(TimeoutError):
        answer = sock.recv(65535)
        if query := waiting.pop(answer[:2], None):
            carried.answered += 1
            carried.up_bytes += len(query)
            carried.longest = max(carried.longest, len(answer))
            if int.from_bytes(query[query.index(0, 12) + 1 :][:2], "big") in {TXT, NULL}:
                carried.data_records += int.from_bytes(answer[6:8], "big")
        return True
    return False


def test_a_tunnel_of_short_questions_gets_a_first_burst_and_then_four_answers_a_second_without_txt_and_null(
    names_town,
):
    phone, _ = names_town.phone6()
    kinds = {A: "a", AAAA: "q", TXT: "t", NULL: "n"}
    queries = [
        question(f"{letter}{n}.tunnel.example", kind, n * 4 + place, edns=True)
        for n in range(75)
        for place, (kind, letter) in enumerate(kinds.items())
    ]

    carried = phone.namespace.call(lambda: tunnel(queries))

    assert 60 <= carried.answered <= QUESTIONS_BURST + QUESTIONS_A_SECOND * (carried.seconds + 1)
    assert carried.answered < len(queries)
    assert carried.longest <= ANSWER_BYTES
    assert carried.data_records == 0


def test_a_tunnel_of_long_questions_is_braked_by_their_bytes(names_town):
    phone, _ = names_town.phone6()
    data = ".".join(["d" * 60] * 3)
    queries = [question(f"{n:03}.{data}.tunnel.example", A, n) for n in range(150)]

    carried = phone.namespace.call(lambda: tunnel(queries))

    bound = QUESTION_BYTES_BURST + QUESTION_BYTES_A_SECOND * (carried.seconds + 1)
    assert 0 < carried.up_bytes + 48 * carried.answered <= bound  # IPv6 and UDP have 48 bytes a packet
    assert carried.answered < len(queries)


def test_a_tunnel_over_tcp_gets_some_connections_and_little_through_each(names_town):
    phone, _ = names_town.phone6()
    query = question("a.tunnel.example", A)
    pipelined = (struct.pack(">H", len(query)) + query) * 60

    def connection() -> int:
        """How many bytes of answers one connection carries; -1 if it is not taken."""
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
            sock.settimeout(2)
            received = 0
            try:
                sock.connect((LAN_ADDRESS, 53))
            except OSError:
                return -1
            with contextlib.suppress(OSError):
                sock.sendall(pipelined)
                while True:
                    received += len(read_tcp(sock)) + 2
            return received

    start = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        answers = phone.namespace.call(lambda: [pool.submit(connection) for _ in range(16)])
        carried = [answer.result() for answer in answers]
    minutes = (time.monotonic() - start + 1) / 60

    taken = [count for count in carried if count >= 0]
    assert 0 < len(taken) <= CONNECTIONS_BURST + CONNECTIONS_A_MINUTE * minutes + 1
    assert len(taken) < 16
    assert 0 < max(carried) <= CONNECTION_BYTES


def test_the_time_is_told_whichever_clock_a_phone_asks_and_it_is_right_though_the_gateways_own_is_not(names_town):
    phone, _ = names_town.phone6()

    def told(server: str) -> float:
        answer = ask_time(phone.namespace, server)
        return answer[1] - time.time() if answer and answer[0] == 2 else 0.0

    for server in (LAN_ADDRESS, LAN_ADDRESS6, ELSEWHERE, ELSEWHERE6):
        ahead = wait_for(f"the time from {server}", lambda server=server: told(server), 40)
        assert abs(ahead - CLOCK_IS_WRONG_BY) < 60
