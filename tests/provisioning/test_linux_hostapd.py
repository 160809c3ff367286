"""The Linux access point: the same helper on Debian's own shell and tools, with bridges that really move."""

import dataclasses
import ipaddress
from collections.abc import Iterator
from datetime import timedelta

import pytest

from provisioning.config_files import ConfigFiles
from provisioning.driver import Answer, Refused, Standing, State
from provisioning.drivers.linux_hostapd import LinuxHostapdDriver
from provisioning.linux_rendering import render
from provisioning.platforms import LINUX, helper_of, platform_of
from provisioning.push import Outcome, OutcomeKind, PushOrder, push
from tests.lab.linux_access_point import LinuxAccessPoint, until
from tests.provisioning.hostapd_kit import NETWORKS, an_access_point
from tests.provisioning.kit import a_network, an_intent
from wifi_manager.clock import SystemClock
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent import Intent, ManagementLine

pytestmark = [pytest.mark.lab, pytest.mark.root]
LONG = timedelta(seconds=60)
_LINE = ManagementLine(ipaddress.ip_interface("192.0.2.9/24"), ipaddress.ip_address("192.0.2.1"))


@pytest.fixture
def ap() -> Iterator[LinuxAccessPoint]:
    with LinuxAccessPoint() as ap:
        yield ap


@pytest.fixture
def driver(ap: LinuxAccessPoint) -> LinuxHostapdDriver:
    """Enrolled."""
    driver = LinuxHostapdDriver(ap, SystemClock(), settle_seconds=1)
    driver.enrol(helper_of(LINUX))
    return driver


def _silent(**fields: object) -> Intent:
    """All but radios: there is none here."""
    wanted = an_intent("192.0.2.9/24", a_network(), radios=an_access_point(a_network()).radios)
    return dataclasses.replace(wanted, **{"management": _LINE, **fields})  # type: ignore[arg-type]  # any field of it


def _files(intent: Intent) -> ConfigFiles:
    """Its files, with the radio silent."""
    content = dict(render(intent).content)
    content["etc/hostapd/radio0.conf"] = b"# no network is wanted on radio0\n"
    return ConfigFiles(content)


def test_a_push_moves_the_cable_into_a_bridge_and_is_committed(ap, driver):
    outcome = push(PushOrder("park-01", "1", _files(_silent()), timedelta(seconds=30)), driver, driver)

    assert outcome == Outcome(OutcomeKind.COMMITTED)
    assert "192.0.2.9/24" in ap.said("ip -o addr show dev br-lan")
    assert "dev br-lan" in ap.said("ip route show default")
    assert "192.0.2.9" not in ap.said("ip -o addr show dev eth0")
    assert ap.said("hostname").strip() == "park-01"
    assert driver.observe().config_digest == _files(_silent()).digest()
    assert driver.running_config() == _files(_silent())


def test_a_change_that_nobody_confirms_is_undone_and_the_cable_gets_back_what_it_had(ap, driver):
    driver.stage(_files(_silent()))
    assert driver.apply("one", undo_after=timedelta(seconds=5)) is Answer.ARMED
    until(ap, "ip -o addr show dev br-lan | grep -q 192.0.2.9")
    until(ap, "grep -q ROLLEDBACK /etc/prov/state && ! ip link show br-lan")

    assert driver.standing() == Standing(State.ROLLEDBACK, "one", "timeout")
    until(ap, "ip -o addr show dev eth0 | grep -q 192.0.2.9/24 && ip route show default | grep -q 'dev eth0'")
    assert ap.run("ls /etc/prov/lines /etc/prov/managed").status != 0


def test_a_second_push_moves_the_address_and_the_cable_to_another_port(ap, driver):
    ap.said("ip link add eth1 type veth peer name avenue")
    moved = ManagementLine(ipaddress.ip_interface("192.0.2.8/24"), port="eth1")
    for revision, line in (("1", _LINE), ("2", moved)):
        order = PushOrder("park-01", revision, _files(_silent(management=line)), timedelta(seconds=30))
        assert push(order, driver, driver) == Outcome(OutcomeKind.COMMITTED)

    assert ap.said("ls /sys/class/net/br-lan/brif").split() == ["eth1"]
    assert ap.said("ip -o addr show dev br-lan | grep -c 192.0.2.8/24").strip() == "1"
    assert "192.0.2.9/24" in ap.said("ip -o addr show dev eth0")


def test_a_cable_that_is_not_there_is_never_confirmed(ap, driver):
    driver.stage(_files(_silent(management=dataclasses.replace(_LINE, port="eth7"))))
    driver.apply("one", undo_after=timedelta(seconds=5))
    until(ap, "grep -q ROLLEDBACK /etc/prov/state")

    assert driver.standing() == Standing(State.ROLLEDBACK, "one", "services")


def test_a_pending_change_is_undone_before_the_network_starts(ap, driver):
    driver.stage(_files(_silent()))
    driver.apply("one", undo_after=LONG)
    until(ap, "test -f /etc/prov/lines")
    ap.said("kill -9 $(cat /run/prov/pid); rm -rf /run/prov; /etc/prov/prov boot")

    assert driver.standing() == Standing(State.ROLLEDBACK, "one", "reboot")
    assert ap.run("test -f /etc/prov/lines").status != 0


def test_a_file_that_hostapd_would_not_read_is_refused_by_its_line_and_its_keys_stay_unsaid(ap, driver):
    files = dict(render(an_access_point(NETWORKS["sae"])).content)
    files["etc/hostapd/radio0.conf"] += b"no_such_word=a-secret\n"
    driver.stage(ConfigFiles(files))

    with pytest.raises(Refused, match=r"HOSTAPD etc/hostapd/radio0.conf Line \d+\.") as refused:
        driver.apply("one", undo_after=LONG)
    assert "a-secret" not in str(refused.value)
    assert driver.standing() == Standing(State.NONE)


@pytest.mark.parametrize(
    "path", ["etc/shadow", "etc/hostapd/a/b.conf", "etc/hostapd/ifupdown.sh", "etc/prov/platform"]
)
def test_only_its_own_files_are_taken(driver, path):
    driver.stage(ConfigFiles({path: b"x"}))

    with pytest.raises(Refused, match="PATH"):
        driver.apply("one", undo_after=LONG)


def test_a_radio_that_does_not_come_up_is_never_confirmed_and_the_change_is_undone(ap, driver):
    driver.stage(render(dataclasses.replace(an_access_point(a_network()), management=_LINE)))
    driver.apply("one", undo_after=timedelta(seconds=6))
    until(ap, "test -s /run/prov/settled")
    ap.said("sleep 1.5")

    assert driver.confirm("one") == Standing(State.PENDING, "one")
    until(ap, "grep -q ROLLEDBACK /etc/prov/state")
    assert driver.standing() == Standing(State.ROLLEDBACK, "one", "services")


def test_enrolment_is_refused_where_a_program_is_missing(ap):
    ap.said("mount -t tmpfs tmpfs /usr/sbin && ln -s /bin/true /usr/sbin/hostapd")

    with pytest.raises(Refused, match="MISSING hostapd_cli"):
        LinuxHostapdDriver(ap, SystemClock()).enrol(helper_of(LINUX))


def test_each_further_network_gets_an_address_of_its_own_and_no_backslash_is_read(ap, driver):
    assert driver
    said = ap.said(
        r"""ip link set street address 02:11:22:33:44:55; . /etc/prov/platform
        printf '%s\n' 'wpa_passphrase=a\nb\c d ' bss=one bss=two | with_addresses street"""
    )

    assert said.splitlines() == [
        r"wpa_passphrase=a\nb\c d ",
        "bss=one",
        "bssid=06:11:22:33:44:55",
        "bss=two",
        "bssid=0a:11:22:33:44:55",
    ]


def test_a_platform_that_nobody_knows_is_refused_with_those_that_are_known():
    with pytest.raises(BadInput, match="openwrt, linux"):
        platform_of("toaster")
