"""One gateway of real parts in a lab city; each test brings its own phones, so their order does not matter."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lab.city import (
    CITY_ADDRESS,
    CONTROL_NAME,
    INTERNET_ADDRESS,
    LAN_ADDRESS,
    METRICS_PORT,
    OWN_NAME,
    PORTAL_NAME,
    WAN_ADDRESS,
    LabCity,
    program_options,
)
from tests.lab.control_simulator import GATEWAY, ControlSimulator, a_grant
from tests.lab.namespaces import wait_for
from tests.lab.phone import Phone
from wifi_manager.clock import SystemClock
from wifi_manager.wire import unseal

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow]

# Where phones look whether they are online, and a few who ask for anything else.
PROBES = [
    "http://captive.apple.com/hotspot-detect.html",
    "http://www.apple.com/library/test/success.html",
    "http://www.appleiphonecell.com/",
    "http://www.airport.us/",
    "http://www.ibook.info/",
    "http://www.itools.info/",
    "http://www.thinkdifferent.us/",
    "http://connectivitycheck.gstatic.com/generate_204",
    "http://www.google.com/gen_204",
    "http://play.googleapis.com/generate_204",
    "http://connectivitycheck.android.com/generate_204",
    "http://clients3.google.com/generate_204",
    "http://d2uzsrnmmf6tds.cloudfront.net/",
    "http://www.samsung.com/",
    "http://connectivitycheck.grapheneos.network/generate_204",
    "http://connect.rom.miui.com/generate_204",
    "http://connectivitycheck.platform.hicloud.com/generate_204",
    "http://wifi.vivo.com.cn/generate_204",
    "http://www.msftconnecttest.com/connecttest.txt",
    "http://www.msftconnecttest.com/redirect",
    "http://ipv6.msftconnecttest.com/connecttest.txt",
    "http://www.msftncsi.com/ncsi.txt",
    "http://edge-http.microsoft.com/captiveportal/generate_204",
    "http://www.gstatic.com/generate_204",
    "http://detectportal.firefox.com/canonical.html",
    "http://detectportal.firefox.com/success.txt?ipv4",
    "http://nmcheck.gnome.org/check_network_status.txt",
    "http://network-test.debian.org/nm",
    "http://connectivity-check.ubuntu.com/",
    "http://fedoraproject.org/static/hotspot.txt",
    "http://networkcheck.kde.org/",
    "http://spectrum.s3.amazonaws.com/kindle-wifi/wifistub.html",
    "http://news.example/a/page?url=https://evil.example/&s=forged",
]
ONLINE = "http://connectivitycheck.gstatic.com/generate_204"
API = f"https://{OWN_NAME}/captive-portal/api"


@dataclass
class Town:
    """A lab city, its control, its gateway's agent, and a number for each phone."""

    lab: LabCity
    control: ControlSimulator
    agent: "subprocess.Popen[Any]"
    phones: int = 0

    def phone(self) -> tuple[Phone, int]:
        """A phone with an address that no other test uses, and its device's number."""
        self.phones += 1
        phone = self.lab.add_phone(f"phone{self.phones}")
        phone.static(f"10.99.40.{self.phones}/18", LAN_ADDRESS)
        return phone, 1000 + self.phones

    def revision_on_disk(self) -> int:
        return json.loads((self.lab.gateway_state / "last-known.json").read_text())["answer"]["revision"]

    def restart(self) -> None:
        self.agent = self.lab.run_gateway()

    def kill(self) -> None:
        os.kill(self.agent.pid, signal.SIGKILL)
        self.agent.wait(20)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with LabCity(tmp_path_factory.mktemp("town")) as lab:
        control = ControlSimulator(lab.city, lab.authority.certificate(CONTROL_NAME))
        lab.enrol_gateway(control.token, control.url)
        yield Town(lab, control, lab.run_gateway())
        control.stop()


def ticket_of(town: Town, location: str) -> Any:
    assert location.startswith(f"https://{PORTAL_NAME}/?s=")
    assert town.control.enrolled
    return unseal(town.control.enrolled.ticket_key, location.partition("?s=")[2], SystemClock().now())


def is_online(phone: Phone) -> bool:
    return phone.curl(ONLINE).status == 204


def test_every_probe_of_a_phone_that_is_not_signed_in_is_sent_to_the_portal(town):
    phone, _ = town.phone()

    for url in PROBES:
        answer = phone.curl(url)
        assert answer.status == 302, url
        assert answer.location.startswith(f"https://{PORTAL_NAME}/?s="), url
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["connection"] == "close"
        assert int(answer.headers["content-length"]) > 4
        assert "evil" not in answer.location


def test_the_ticket_names_the_phone_that_asks_and_not_whom_it_pretends_to_be(town):
    phone, _ = town.phone()

    answer = phone.curl(ONLINE, "-H", "X-Forwarded-For: 10.99.1.1", "-H", "Host: evil.example")

    ticket = ticket_of(town, answer.location)
    assert (ticket.gateway, ticket.device.full(), str(ticket.address)) == (GATEWAY, phone.mac, phone.address)


def test_what_is_no_page_load_is_told_to_sign_in_by_511(town):
    phone, _ = town.phone()

    assert phone.curl("http://news.example/", "--data", "a=b" * 2000).status == 511
    assert phone.curl("http://news.example/", "--head").status == 302


def test_https_other_ports_and_udp_are_refused_at_once_before_the_sign_in(town):
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

    def quickest(port: int, kind: socket.SocketKind) -> float:
        return min(phone.namespace.call(lambda: seconds_until_refused(port, kind)) for _ in range(5))

    assert quickest(443, socket.SOCK_STREAM) < 0.05
    assert quickest(22, socket.SOCK_STREAM) < 0.05
    assert quickest(443, socket.SOCK_DGRAM) < 0.05


def test_every_resolver_that_a_phone_asks_before_the_sign_in_is_ours(town):
    phone, _ = town.phone()
    phone.namespace.resolver("192.0.2.99")

    assert phone.curl(ONLINE).status == 302


def test_a_lease_tells_the_api_and_the_api_tells_the_truth_before_and_after_the_sign_in(town):
    phone, number = town.phone()
    phone.dhcp()
    assert phone.capport_url == API

    before = phone.curl(phone.capport_url)
    town.control.admit(a_grant(number, phone.mac, phone.address))
    after = phone.curl(phone.capport_url)

    for answer in (before, after):
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/captive+json"
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["vary"] == "Accept"
        ticket_of(town, json.loads(answer.body)["user-portal-url"])
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


def test_after_the_grant_the_next_request_reaches_the_internet_and_its_bytes_are_counted(town):
    phone, number = town.phone()
    assert not is_online(phone)

    town.control.admit(a_grant(number, phone.mac, phone.address))

    assert is_online(phone)
    town.control.end(f"visit-{number}")
    assert not is_online(phone)
    usage = town.control.usage(f"visit-{number}")
    assert usage.up_bytes > 0
    assert usage.down_bytes > 0


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


def test_two_phones_may_have_one_address_one_after_the_other(town):
    first, number = town.phone()
    second, other = town.phone()
    town.control.admit(a_grant(number, first.mac, first.address))
    assert is_online(first)
    first.namespace.ip("link", "set", "eth0", "down")
    second.static(f"{first.address}/18", LAN_ADDRESS)
    town.lab.gateway.ip("neigh", "flush", "dev", "br-lan")

    town.control.admit(a_grant(other, second.mac, second.address))

    assert is_online(second)
    second.namespace.ip("link", "set", "eth0", "down")
    first.namespace.ip("link", "set", "eth0", "up")
    first.static(f"{first.address}/18", LAN_ADDRESS)
    town.lab.gateway.ip("neigh", "flush", "dev", "br-lan")
    assert first.curl(ONLINE).status == 302


def test_phones_do_not_reach_one_another_though_both_are_signed_in(town):
    one, number = town.phone()
    two, other = town.phone()
    town.control.admit(a_grant(number, one.mac, one.address), a_grant(other, two.mac, two.address))
    ping = ["ping", "-c", "2", "-i", "0.2", "-W", "1", two.address]

    assert one.run(ping).returncode != 0
    one.namespace.ip("route", "add", f"{two.address}/32", "via", LAN_ADDRESS)
    two.namespace.ip("route", "add", f"{one.address}/32", "via", LAN_ADDRESS)
    assert one.run(ping).returncode != 0


def test_no_ipv6_of_a_phone_is_forwarded_even_when_it_is_signed_in(town):
    phone, number = town.phone()
    town.control.admit(a_grant(number, phone.mac, phone.address))
    town.lab.gateway.check(["sysctl", "-qw", "net.ipv6.conf.all.forwarding=1"])
    for namespace, device, address in (
        (town.lab.gateway, "br-lan", "fd00:1::1/64"),
        (town.lab.gateway, "wan", "fd00:2::1/64"),
        (town.lab.internet, "core", "fd00:2::2/64"),
        (phone.namespace, "eth0", "fd00:1::2/64"),
    ):
        namespace.ip("addr", "add", address, "dev", device, "nodad")
    phone.namespace.ip("-6", "route", "add", "default", "via", "fd00:1::1")
    town.lab.internet.ip("-6", "route", "add", "fd00:1::/64", "via", "fd00:2::1")
    assert town.lab.gateway.run(["ping", "-6", "-c", "1", "-W", "5", "fd00:2::2"]).returncode == 0

    assert phone.run(["ping", "-6", "-c", "2", "-i", "0.2", "-W", "1", "fd00:2::2"]).returncode != 0


def test_a_volume_is_enforced_by_the_kernel_and_told_by_the_api(town):
    phone, number = town.phone()
    town.control.admit(a_grant(number, phone.mac, phone.address, volume_bytes=300_000))

    received = town.lab.folder / f"download-{number}"
    phone.start(["curl", "-sS", "-o", str(received), "http://news.example/endless"], stderr=subprocess.DEVNULL)
    wait_for("the end of the volume", lambda: json.loads(phone.curl(API).body)["captive"])

    assert phone.curl("http://news.example/").exit_code == 7
    assert 100_000 < received.stat().st_size <= 300_000


def test_a_grant_ends_in_the_kernel_while_the_agent_is_dead_and_nobody_else_gets_through(town):
    phone, number = town.phone()
    stranger, _ = town.phone()
    town.control.admit(a_grant(number, phone.mac, phone.address, seconds=6))
    assert is_online(phone)
    town.kill()
    try:
        wait_for("the end of a grant of 6 s", lambda: not is_online(phone))
        assert phone.curl(ONLINE).exit_code == 7  # refused: nobody redirects, and nobody passes
        assert stranger.curl(ONLINE).exit_code == 7
    finally:
        town.restart()
    assert stranger.curl(ONLINE).status == 302


def test_killing_the_agent_loses_no_visit_and_its_successor_finds_all_of_them(town):
    phone, number = town.phone()
    town.control.admit(a_grant(number, phone.mac, phone.address))
    download = phone.start(["curl", "-sS", "-o", "/dev/null", "http://news.example/endless"], stderr=subprocess.PIPE)

    town.kill()
    assert is_online(phone)  # with names resolved: the resolver outlives the agent too
    town.restart()

    assert is_online(phone)
    assert download.poll() is None
    download.kill()
    town.control.end(f"visit-{number}")
    assert not is_online(phone)


def test_a_gateway_that_rebooted_without_control_restores_its_visits_from_the_disk(town):
    phone, number = town.phone()
    town.control.admit(a_grant(number, phone.mac, phone.address))
    assert is_online(phone)
    stranger, other = town.phone()
    town.control.admit(a_grant(other, stranger.mac, stranger.address))
    town.control.end(f"visit-{other}")
    wait_for("the disk", lambda: town.revision_on_disk() == town.control.revision)
    town.kill()
    town.control.stop()
    town.lab.gateway.check(["nft", "delete", "table", "inet", "wifi"])  # what a reboot does to the kernel
    try:
        town.restart()
        assert is_online(phone)
        assert stranger.curl(ONLINE).status == 302
    finally:
        town.control.start()
    town.control.end(f"visit-{number}")
    assert not is_online(phone)


def test_when_control_is_away_visits_go_on_and_the_next_change_arrives_when_it_is_back(town):
    phone, number = town.phone()
    town.control.admit(a_grant(number, phone.mac, phone.address))

    town.control.stop()
    assert is_online(phone)
    town.control.start()
    town.control.end(f"visit-{number}")

    assert not is_online(phone)


def test_a_reload_of_the_rules_loses_no_grant_and_no_packet_of_a_running_connection(town):
    phone, number = town.phone()
    town.control.admit(a_grant(number, phone.mac, phone.address))

    def echoes() -> int:
        answered = 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(5)
            sock.connect((INTERNET_ADDRESS, 9999))
            for _ in range(200):
                sock.send(b"x")
                answered += len(sock.recv(16))
        return answered

    script = (
        "from pathlib import Path\n"
        "from wifi_manager.gateway import nft, ruleset, settings\n"
        f"text = ruleset.ruleset(settings.load(Path({str(town.lab.gateway_config)!r})))\n"
        "for _ in range(5): nft.load(text)\n"
    )
    python = town.lab.manager()[0]
    reloads = town.lab.gateway.start([python, "-c", script], **program_options())
    answered = 0
    while reloads.poll() is None:
        answered += phone.namespace.call(echoes)

    assert reloads.returncode == 0
    assert answered > 0
    assert answered % 200 == 0
    assert is_online(phone)


def test_show_tells_who_is_let_through_and_masks_the_devices(town):
    phone, number = town.phone()
    town.control.admit(a_grant(number, phone.mac, phone.address))
    command = town.lab.manager("gateway", "show", "--config", str(town.lab.gateway_config))

    table = town.lab.gateway.check(command, **program_options())
    found = json.loads(town.lab.gateway.check([*command, "--json"], **program_options()))

    (own,) = [each for each in found["grants"] if each["visit"] == f"visit-{number}"]
    assert own["device"] == "02:99:00:**:**:**"
    assert 3500 < own["seconds_left"] <= 3600
    assert found["revision"] == town.control.revision
    assert f"visit-{number}" in table
    assert phone.mac not in table + json.dumps(found)


def test_check_finds_nothing_wrong_with_the_labs_gateway(town):
    command = town.lab.manager("gateway", "check", "--config", str(town.lab.gateway_config))

    assert town.lab.gateway.check(command, **program_options()).endswith("is good.\n")


def test_a_token_enrols_once(town):
    state = town.lab.folder / "second"
    where = ["--control", town.control.url, "--ca", str(town.lab.authority.root), "--state", str(state)]

    refused = town.lab.gateway.run(
        town.lab.manager("gateway", "enrol", town.control.token, *where), **program_options()
    )

    assert refused.returncode == 1
    assert "does not take this token" in refused.stderr
    assert not state.exists()


def test_metrics_pass_promtool_and_neither_they_nor_the_log_name_a_phone(town):
    phone, number = town.phone()
    town.control.admit(a_grant(number, phone.mac, phone.address))
    phone.curl(API)

    text = town.lab.city.check(["curl", "-sS", f"http://{WAN_ADDRESS}:{METRICS_PORT}/metrics"])

    assert f"wifi_gateway_revision {float(town.control.revision)}" in text
    assert "wifi_gateway_control_reachable 1.0" in text
    linted = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True, check=False)
    assert (linted.returncode, linted.stderr) == (0, "")
    said = text + Path(town.lab.folder / "gateway.log").read_text()
    assert "02:99:" not in said
    assert "10.99.4" not in said
    assert phone.curl(f"http://{WAN_ADDRESS}:{METRICS_PORT}/metrics").exit_code == 7
