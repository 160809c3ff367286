"""A push to a lab access point over real SSH: whatever happens, it ends with all of the new or all of the old."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from provisioning.driver import Standing, State
from provisioning.link import HostKeyChanged, LoginRefused, Unreachable
from provisioning.push import Outcome, OutcomeKind, PushOrder, push
from provisioning.rendering import render
from tests.lab.access_point import LabAccessPoint
from tests.provisioning.golden import example_document
from tests.provisioning.kit import KEY, UNREACHABLE, a_network, an_order, driver_of, files_of, has, until
from wifi_manager.domain.intent import ManagementLine
from wifi_manager.domain.intent_documents import intent_from_document
from wifi_manager.domain.intent_networks import Wpa3Personal

pytestmark = [pytest.mark.lab, pytest.mark.root]
COMMITTED = Outcome(OutcomeKind.COMMITTED)
SSIDS = ["시청 공공와이파이", "Joe's Café", "x" * 32, "가나다라마바사아자차ab"]


def test_names_in_korean_with_an_apostrophe_and_of_32_bytes_arrive_byte_for_byte(ap, driver):
    networks = [a_network(name=f"n{index}", ssid=ssid) for index, ssid in enumerate(SSIDS)]

    assert push(an_order(ap, "1", *networks), driver, driver) == COMMITTED
    for index, ssid in enumerate(SSIDS):
        assert ap.run(f"uci get wireless.n{index}_radio0.ssid") == f"{ssid}\n"


def test_all_that_an_intent_can_say_is_taken_and_confirmed(ap, driver):
    example = intent_from_document(example_document())
    wanted = replace(example, management=ManagementLine(ap.interface))

    assert push(PushOrder("park-01", "1", render(wanted), timedelta(seconds=60)), driver, driver) == COMMITTED
    assert ap.run("uci get wireless.visitors_radio0_owe.encryption") == "owe\n"
    assert ap.run("uci get snmpd.source0.community") == "kept-as-snmp\n"
    assert ap.run("cat /etc/banner") == example.banner


def test_a_change_that_cuts_its_own_line_is_undone_and_the_access_point_is_back(ap, driver):
    before = files_of(ap)
    order = an_order(ap, "1", address=UNREACHABLE, undo_seconds=5)

    outcome = push(order, driver, driver_of(ap, UNREACHABLE.partition("/")[0]))

    assert outcome == Outcome(OutcomeKind.UNDONE, "timeout")
    assert driver.standing() == Standing(State.ROLLEDBACK, order.push_id, "timeout")
    assert ap.address in ap.run("ip addr show br-lan")
    assert has(ap, before)


def test_a_wanted_move_to_another_address_is_confirmed_there(ap, net, driver):
    there = net.next_address()

    assert push(an_order(ap, "1", address=there), driver, driver_of(ap, there.partition("/")[0])) == COMMITTED
    assert ap.address not in ap.run("ip addr show br-lan")


@pytest.mark.parametrize("how", ["reboot", "power cut"])
def test_a_reboot_or_a_power_cut_while_pending_restores_the_old_files_before_the_network_starts(ap, driver, how):
    before = files_of(ap)
    order = an_order(ap, "1", address=UNREACHABLE, undo_seconds=600)
    _start(order, ap)
    until(lambda: has(ap, order.config))
    # What the access point had when its network started, and not later, is what counts.
    ap.run("echo '#!/bin/sh' >/etc/rc.d/S15seen")
    ap.run("echo 'cp /etc/config/network /tmp/seen' >>/etc/rc.d/S15seen; chmod 755 /etc/rc.d/S15seen; sync")

    if how == "reboot":
        ap.reboot()
    else:
        ap.power_cut()
        ap.power_on()

    assert ap.run("cat /tmp/seen").encode() == before["etc/config/network"]
    assert has(ap, before)
    assert push(order, driver, driver) == Outcome(OutcomeKind.UNDONE, "reboot")


def test_another_host_key_is_refused_before_anything_is_sent(ap):
    driver, before = driver_of(ap), files_of(ap)
    pinned = ap.host_key_fingerprint
    ap.power_cut()
    ap.change_host_key()
    ap.power_on()

    with pytest.raises(HostKeyChanged, match="Nothing was sent") as refusal:
        push(an_order(ap, "1"), driver, driver)

    assert pinned in str(refusal.value)
    assert ap.host_key_fingerprint in str(refusal.value)
    assert "auth succeeded" not in ap.run("cat /tmp/dropbear.log")
    assert files_of(ap) == before


def test_an_access_point_that_does_not_take_our_key_is_another_error_than_one_that_is_off(ap, driver):
    ap.run("echo >/etc/dropbear/authorized_keys")
    with pytest.raises(LoginRefused, match="enrol it again"):
        driver.standing()

    ap.power_cut()
    with pytest.raises(Unreachable, match="does not answer"):
        driver.standing()


def test_drift_by_hand_is_seen_and_repaired_by_a_new_revision(ap, driver):
    order = an_order(ap, "1")
    assert push(order, driver, driver) == COMMITTED
    ap.run("uci set wireless.visitors_radio0.ssid=mine; uci commit wireless")
    assert driver.observe().config_digest != order.config.digest()

    assert push(replace(order, revision="2"), driver, driver) == COMMITTED
    assert driver.observe().config_digest == order.config.digest()


def test_nothing_secret_is_in_any_log_at_debug(ap, driver, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    for name in ("paramiko", "paramiko.transport", "netmiko"):
        caplog.set_level(logging.DEBUG, logger=name)

    order = an_order(ap, "1", a_network(security=Wpa3Personal(KEY)))
    assert push(order, driver, driver) == COMMITTED
    driver.running_config()

    said = (
        caplog.text
        + "".join(capfd.readouterr())
        + (ap.keep / "console.log").read_text()
        + ap.run("cat /tmp/dropbear.log")
    )
    assert "paramiko" in caplog.text  # the logs were really on
    assert KEY in ap.read("/etc/config/wireless")
    assert KEY not in said
    assert "PRIVATE KEY" not in said


def test_no_connection_leaves_a_log_filter_or_a_thread_behind(ap, driver):
    import threading

    driver.standing()
    filters, threads = len(logging.getLogger("netmiko").filters), threading.active_count()
    for _ in range(3):
        driver.standing()

    until(lambda: threading.active_count() <= threads)
    assert len(logging.getLogger("netmiko").filters) == filters


def _start(order: PushOrder, ap: LabAccessPoint) -> None:
    driver = driver_of(ap)
    driver.stage(order.config)
    driver.apply(order.push_id, undo_after=order.undo_after)
