"""What phones that are signed in get of names: filters of their network, and resolvers that come back."""

import os
import signal
import socket
from pathlib import Path

import pytest

from tests.gateway.names.conftest import write_list
from tests.gateway.town import is_online
from tests.lab.city import (
    EVENTS_ADDRESS,
    EVENTS_ADDRESS6,
    INTERNET_ADDRESS,
    INTERNET_ADDRESS6,
    LAN_ADDRESS,
    LAN_ADDRESS6,
    PORTAL_NAME,
)
from tests.lab.control_simulator import a_grant
from tests.lab.dns import AAAA, HTTPS, TXT, A, addresses, ask
from tests.lab.namespaces import wait_for

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow]


def listen_in_both_families():
    return socket.create_server(("::", 853), family=socket.AF_INET6, dualstack_ipv6=True)


def sign_in(town, phone, number):
    town.control.admit(a_grant(number, phone.mac, phone.address))


def test_a_filtered_name_leads_to_the_gateway_whichever_resolver_is_asked_and_other_names_do_not(names_town):
    phone, number = names_town.event_phone()
    sign_in(names_town, phone, number)

    for server in (EVENTS_ADDRESS, EVENTS_ADDRESS6, INTERNET_ADDRESS, INTERNET_ADDRESS6):
        for name in ("casino.example", "www.ADS.example"):
            assert addresses(ask(phone.namespace, server, name)) == [EVENTS_ADDRESS], server
            assert addresses(ask(phone.namespace, server, name, AAAA, tcp=True)) == [EVENTS_ADDRESS6], server
        assert addresses(ask(phone.namespace, server, "news.example")) == [INTERNET_ADDRESS]
    for kind in (HTTPS, TXT):  # they could name another address
        answer = ask(phone.namespace, EVENTS_ADDRESS, "casino.example", kind)
        assert (answer.rcode, answer.ancount) == (0, 0)


def test_its_page_says_why_and_how_to_object_and_the_own_page_stays_what_it_is(names_town):
    phone, number = names_town.event_phone()
    sign_in(names_town, phone, number)

    for family in ("-4", "-6"):
        page = phone.curl("http://casino.example/roulette?x=<script>", family)
        assert page.status == 403
        assert "“family”" in page.body
        assert "Write to wifi@city.example &amp; we look at it." in page.body
        assert "casino" not in page.body
    assert phone.curl("http://wifi.city.example/").status == 303
    assert phone.curl(f"http://{EVENTS_ADDRESS}/").status == 303
    assert phone.curl("https://casino.example/").exit_code == 60  # no certificate is good for it


def test_who_is_not_signed_in_and_who_is_on_a_network_without_a_filter_are_not_filtered(names_town):
    stranger, _ = names_town.event_phone()
    visitor, number = names_town.phone6()
    sign_in(names_town, visitor, number)

    assert addresses(ask(stranger.namespace, EVENTS_ADDRESS, "casino.example")) == [INTERNET_ADDRESS]
    assert stranger.curl("http://casino.example/").location.startswith(f"https://{PORTAL_NAME}/")
    assert stranger.curl(f"http://{EVENTS_ADDRESS}/", "-H", "Host: casino.example").status == 303
    for server in (LAN_ADDRESS, LAN_ADDRESS6):
        assert addresses(ask(visitor.namespace, server, "casino.example")) == [INTERNET_ADDRESS]
    assert visitor.curl("http://casino.example/").status == 200


def test_ways_around_a_filter_are_closed_where_a_network_can_close_them(names_town):
    phone, number = names_town.event_phone()
    visitor, other = names_town.phone6()
    sign_in(names_town, phone, number)
    sign_in(names_town, visitor, other)

    def tls(address: str) -> int:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as sock:
            sock.settimeout(10)
            return sock.connect_ex((address, 853))

    server = names_town.lab.internet.call(listen_in_both_families)
    try:
        for address in (INTERNET_ADDRESS, INTERNET_ADDRESS6):
            assert phone.namespace.call(lambda address=address: tls(address)) == 111
            assert visitor.namespace.call(lambda address=address: tls(address)) == 0
    finally:
        server.close()
    for name in ("use-application-dns.net", "mask.icloud.com"):
        assert ask(phone.namespace, EVENTS_ADDRESS, name).rcode == 3
        assert ask(visitor.namespace, LAN_ADDRESS, name).rcode == 0


def test_a_list_that_is_replaced_takes_effect_without_a_word_and_visits_go_on(names_town):
    phone, number = names_town.event_phone()
    sign_in(names_town, phone, number)
    before = names_town.control.revision

    def wait_for_filter_of(name):
        wait_for(name, lambda: addresses(ask(phone.namespace, EVENTS_ADDRESS, name)) == [EVENTS_ADDRESS], 60)

    write_list(names_town.lab, "casino.example", "late.example", "not a name", "captive.apple.com")
    try:
        wait_for_filter_of("late.example")
        assert addresses(ask(phone.namespace, EVENTS_ADDRESS, "ads.example")) == [INTERNET_ADDRESS]
        assert is_online(phone)
        assert names_town.control.revision == before
        log = (names_town.lab.folder / "gateway.log").read_text()
        assert "family.txt, line 3: " in log
        assert "family.txt, line 4: captive.apple.com cannot be filtered" in log
    finally:
        write_list(names_town.lab, "casino.example", "ads.example")
        wait_for_filter_of("ads.example")


def test_resolvers_that_are_killed_answer_again_and_a_phone_keeps_its_lease(names_town):
    stranger = names_town.lab.add_phone("leaser")
    stranger.dhcp()
    phone, number = names_town.phone6()
    sign_in(names_town, phone, number)
    folder = names_town.lab.gateway_state
    pids = {file: int(file.read_text()) for file in folder.glob("*.pid") if file.stem != "chrony"}
    assert {file.stem for file in pids} == {
        "dnsmasq-visitors", "doorstep-visitors", "dnsmasq-events", "doorstep-events", "filter-events"
    }  # fmt: skip

    for pid in pids.values():
        os.kill(pid, signal.SIGKILL)

    for each, kind in ((phone, AAAA), (stranger, A)):
        wait_for(
            "an answer", lambda each=each, kind=kind: addresses(ask(each.namespace, LAN_ADDRESS, "a.example", kind))
        )
    assert is_online(phone)
    wait_for("all of them", lambda: all(_other(file, pid) for file, pid in pids.items()))
    first = stranger.address
    lease = (folder / "dnsmasq-visitors.leases").read_text()
    assert first in lease
    stranger.dhcp()
    assert stranger.address == first


def _other(file: Path, pid: int) -> bool:
    try:
        return int(file.read_text()) != pid
    except (OSError, ValueError):
        return False
