"""Every system's question "am I online?", from a lab phone through the real gateway, before and after the sign-in.

Before it, each is led to the portal (P1 to P5, P8, P9); after it, each reaches who it asks, and not us (P7).
"""

import json
import socket

import pytest

from tests.gateway.town import API, Town
from tests.lab.city import CITY_ADDRESS, INTERNET_ADDRESS, INTERNET_ADDRESS6, METRICS_PORT, PORTAL_NAME, WAN_ADDRESS
from tests.lab.control_simulator import a_grant
from tests.lab.dns import AAAA, addresses, ask
from tests.lab.phone import Answer, Phone
from tests.lab.probes import PROBES, Probe

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow]
METHODS = pytest.mark.parametrize("method", ["GET", "HEAD"])
_SUCCESS_WORDS = ("success", "microsoft connect test", "microsoft ncsi", "is online")


@pytest.fixture(scope="module")
def stranger(town: Town) -> Phone:
    """A phone that does not sign in."""
    return town.phone()[0]


def asked(phone: Phone, probe: Probe, method: str = "GET") -> Answer:
    options = ["-A", probe.user_agent, *(["--head"] if method == "HEAD" else [])]
    return phone.curl(probe.url, *options)


@METHODS
@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: f"{probe.system}: {probe.host}")
def test_p1_p2_a_probe_is_led_to_the_portal_and_never_answered_as_if_it_were_online(stranger, probe, method):
    answer = asked(stranger, probe, method)

    assert answer.status == 302
    assert answer.location.startswith(f"https://{PORTAL_NAME}/?s=")
    assert "no-store" in answer.headers["cache-control"]
    assert int(answer.headers["content-length"]) > 4
    assert len(answer.body) == (0 if method == "HEAD" else int(answer.headers["content-length"]))
    assert not any(word in answer.body.lower() for word in _SUCCESS_WORDS)
    assert "x-networkmanager-status" not in answer.headers


def test_p4_what_is_no_page_load_is_told_to_sign_in_by_511(stranger):
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = stranger.curl("http://news.example/", "-X", method, "--data", "a=b" * 2000)
        assert answer.status == 511, method
        assert f"https://{PORTAL_NAME}/?s=" in answer.body


@pytest.mark.parametrize("server", [INTERNET_ADDRESS, CITY_ADDRESS], ids=["internet", "city, not the portal's port"])
def test_p5_https_is_refused_by_a_reset_and_no_certificate_is_ever_shown(stranger, server):
    port = 443 if server == INTERNET_ADDRESS else 8443

    def connect() -> None:
        socket.create_connection((server, port), 10).close()

    with pytest.raises(ConnectionRefusedError):  # what a TCP reset is to who connects
        stranger.namespace.call(connect)


def redirects(town: Town) -> float:
    page = town.lab.city.check(["curl", "-sS", "--noproxy", "*", f"http://{WAN_ADDRESS}:{METRICS_PORT}/metrics"])
    return next(
        float(line.split()[1]) for line in page.splitlines() if line.startswith("wifi_gateway_redirects_total")
    )


def test_p7_after_the_sign_in_every_probe_gets_its_hosts_own_answer_and_the_redirector_sees_none(town):
    phone, number = town.phone()
    assert asked(phone, PROBES[0]).status == 302
    town.control.admit(a_grant(number, phone.mac, phone.address))
    before = redirects(town)

    for probe in PROBES:
        answer = asked(phone, probe)
        assert (answer.status, answer.body) == (probe.status, probe.body), probe
        for name, value in probe.headers.items():
            assert answer.headers[name.lower()] == value
        assert asked(phone, probe, "HEAD").status == probe.status

    assert redirects(town) == before


def test_p8_a_system_that_probes_again_and_again_gets_the_same_answer_each_time(stranger):
    """Windows asks for each of its programs, and takes a missing answer for another network."""
    many = [word for _ in range(60) for word in ("-o", "/dev/null", PROBES[0].url)]

    said = stranger.run(["curl", "-s", "--noproxy", "*", "-w", "%{http_code} ", *many]).stdout.split()

    assert said == ["302"] * 60


def test_p9_public_names_are_answered_by_their_own_addresses_and_never_by_ours(stranger, town):
    resolver = stranger.namespace.run(["cat", "/etc/resolv.conf"]).stdout.split()[1]
    for probe in PROBES:
        assert addresses(ask(stranger.namespace, resolver, probe.host)) == [INTERNET_ADDRESS]
    assert addresses(ask(stranger.namespace, resolver, PROBES[0].host, AAAA)) == [INTERNET_ADDRESS6]


def test_p1_a_probe_over_ipv6_is_led_to_the_portal_too(town):
    phone, _ = town.phone6()

    answer = phone.curl(f"http://[{INTERNET_ADDRESS6}]/generate_204")

    assert answer.status == 302
    assert answer.location.startswith(f"https://{PORTAL_NAME}/?s=")


def test_the_api_and_the_probes_agree(stranger):
    assert json.loads(stranger.curl(API).body)["captive"] is True
    assert asked(stranger, PROBES[0]).status == 302
