"""The helper on the access point: what it refuses, and that it never leaves anything half done. Real SSH, real shell."""

import hashlib
from datetime import timedelta

import pytest

from provisioning.config_files import ConfigFiles, pack
from provisioning.driver import Answer, Refused, Standing, State
from provisioning.drivers.helper_answers import check
from provisioning.drivers.helper_driver import PROV
from provisioning.drivers.openwrt import OpenWrtDriver
from provisioning.link import Unreachable
from provisioning.platforms import OPENWRT, helper_of
from provisioning.rendering import render
from tests.lab.access_point import LabAccessPoint
from tests.provisioning.kit import an_intent, driver_of, files_of, has, link_of, until, until_it_stands
from wifi_manager.domain.errors import NotFound

pytestmark = [pytest.mark.lab, pytest.mark.root]
LONG = timedelta(seconds=60)
WANTED = render(an_intent())


def _stage(
    ap: LabAccessPoint, content: dict[str, bytes], *, total: str = "", base: str = "-", push_id: str = "one"
) -> str:
    """The code with which `prov stage` refuses these files, or what it answers."""
    archive = pack(content)
    total = total or hashlib.sha256(archive).hexdigest()
    try:
        return check(link_of(ap).run(f"{PROV} stage {push_id} 60 {total} {base} 1", archive))[0]
    except Refused as why:
        return why.code


def test_it_refuses_what_it_must_not_write_and_changes_nothing(ap, driver):
    before = files_of(ap)
    network = {"etc/config/network": WANTED.content["etc/config/network"]}

    assert {
        "outside the list": _stage(ap, {"etc/shadow": b"x"}),
        "a way up": _stage(ap, {"etc/config/../shadow": b"x"}),
        "a folder below": _stage(ap, {"etc/config/a/b": b"x"}),
        "hidden": _stage(ap, {"etc/config/.a": b"x"}),
        "its own state": _stage(ap, {"etc/prov/state": b"COMMITTED one"}),
        "nothing": _stage(ap, {}),
        "another sum": _stage(ap, network, total="0" * 64),
        "no uci": _stage(ap, {"etc/config/network": b"config a 'b'\n\toption c 'Joe's'\n"}),
        "another base": _stage(ap, network, base="0" * 64),
        "no id": _stage(ap, network, push_id="../x"),
    } == {
        "outside the list": "PATH",
        "a way up": "PATH",
        "a folder below": "PATH",
        "hidden": "PATH",
        "its own state": "PATH",
        "nothing": "EMPTY",
        "another sum": "CHECKSUM",
        "no uci": "UCI",
        "another base": "DRIFT",
        "no id": "USAGE",
    }
    assert files_of(ap) == before
    assert driver.standing() == Standing(State.NONE)
    assert ap.run("ls /etc/prov") == "platform\nprov\n"


def test_it_refuses_while_somebody_has_unsaved_changes_on_it(ap, driver):
    driver.stage(WANTED)
    ap.run("uci set system.system.hostname=other")

    with pytest.raises(Refused, match="DIRTY"):
        driver.apply("one", undo_after=LONG)


def test_it_refuses_when_a_managed_file_was_changed_since_it_was_read(ap, driver):
    _commit(driver, "one", WANTED)
    driver.stage(render(an_intent(hostname="two")))
    ap.run("echo '# by hand' >>/etc/config/network")

    with pytest.raises(Refused, match="DRIFT"):
        driver.apply("two", undo_after=LONG)


def test_a_second_push_has_to_wait_for_the_first_and_the_first_may_be_repeated(ap, driver):
    driver.stage(WANTED)

    assert driver.apply("one", undo_after=LONG) is Answer.ARMED
    assert driver.apply("one", undo_after=LONG) is Answer.ARMED
    with pytest.raises(Refused, match="BUSY one"):
        driver.apply("two", undo_after=LONG)


def test_what_runs_already_is_no_change_and_a_repeated_confirmation_is_harmless(ap, driver):
    _commit(driver, "one", WANTED)
    driver.stage(WANTED)

    assert driver.confirm("one") == Standing(State.COMMITTED, "one")
    assert driver.apply("one", undo_after=LONG) is Answer.COMMITTED
    assert driver.apply("two", undo_after=LONG) is Answer.NOCHANGE
    assert driver.standing() == Standing(State.COMMITTED, "two")


def test_a_confirmation_that_comes_too_early_is_not_taken(ap, driver):
    driver.stage(WANTED)
    driver.apply("one", undo_after=LONG)

    assert driver.confirm("one") == Standing(State.PENDING, "one")


def test_a_file_that_was_changed_while_pending_is_not_confirmed_but_undone(ap, driver):
    before = files_of(ap)
    driver.stage(WANTED)
    driver.apply("one", undo_after=timedelta(seconds=6))
    until(lambda: ap.run("cat /var/run/prov/settled 2>/dev/null || true") != "")
    ap.run("sleep 1; echo '# by hand' >>/etc/config/network")

    with pytest.raises(Refused, match="CHANGED"):
        driver.confirm("one")
    until_it_stands(driver, lambda standing: standing == Standing(State.ROLLEDBACK, "one", "timeout"))
    assert has(ap, before)


def test_an_operator_can_undo_by_hand(ap, driver):
    before = files_of(ap)
    driver.stage(WANTED)
    driver.apply("one", undo_after=LONG)
    until(lambda: has(ap, WANTED))

    assert "ROLLEDBACK one operator" in ap.run(f"{PROV} rollback")
    assert driver.standing() == Standing(State.ROLLEDBACK, "one", "operator")
    assert driver.confirm("one") == Standing(State.ROLLEDBACK, "one", "operator")
    assert has(ap, before)


def test_a_worker_that_was_killed_comes_back_and_keeps_the_deadline(ap, driver):
    before = files_of(ap)
    driver.stage(WANTED)
    driver.apply("one", undo_after=timedelta(seconds=6))
    until(lambda: has(ap, WANTED))
    guard = "$(cat /var/run/prov/pid)"
    ap.run(f"kill -9 $(cat /proc/{guard}/task/{guard}/children)")

    until_it_stands(driver, lambda standing: standing == Standing(State.ROLLEDBACK, "one", "timeout"))
    assert has(ap, before)


def test_without_a_timer_nothing_is_armed(ap, driver):
    before = files_of(ap)
    ap.run("echo 'exit 1' >/sbin/start-stop-daemon")
    driver.stage(WANTED)

    with pytest.raises(Refused, match="NOTIMER"):
        driver.apply("one", undo_after=LONG)
    assert driver.standing() == Standing(State.ROLLEDBACK, "one", "notimer")
    assert has(ap, before)


def test_an_access_point_without_the_helper_says_so_and_enrolment_brings_it(net):
    helper = helper_of(OPENWRT)
    with LabAccessPoint(net, enrolled=False) as ap:
        driver = driver_of(ap)
        with pytest.raises(NotFound, match="provision enrol"):
            driver.observe()

        assert driver.enrol(helper).model == "Lab access point"
        assert driver.enrol(helper).model == "Lab access point"
        assert ap.run("ls -l /etc/prov/prov").startswith("-rwx------")
        assert ap.run("cat /etc/sysupgrade.conf") == "/etc/prov\n"
        _undone_by_reboot(ap, driver)


def _undone_by_reboot(ap: LabAccessPoint, driver: OpenWrtDriver) -> None:
    driver.stage(WANTED)
    driver.apply("one", undo_after=LONG)
    ap.reboot()
    assert driver.standing() == Standing(State.ROLLEDBACK, "one", "reboot")


def test_one_look_tells_model_load_and_digest_and_sees_drift(ap, driver):
    _commit(driver, "one", WANTED)

    seen = driver.observe()
    assert (seen.up, seen.model, seen.firmware) == (True, "Lab access point", "OpenWrt stand-in for the lab")
    assert (seen.config_digest, seen.pending) == (WANTED.digest(), False)
    assert seen.uptime_seconds is not None
    assert seen.uptime_seconds < 120
    assert driver.running_config().content == WANTED.content

    ap.run("uci set wireless.visitors_radio0.ssid=mine; uci commit wireless")
    assert driver.observe().config_digest != WANTED.digest()


def test_an_access_point_that_is_off_is_seen_as_down(ap, driver):
    ap.power_cut()

    assert not driver.observe().up


def _commit(driver: OpenWrtDriver, push_id: str, config: ConfigFiles) -> None:
    driver.stage(config)
    assert driver.apply(push_id, undo_after=LONG) is Answer.ARMED
    until(lambda: _is_committed(driver, push_id))


def _is_committed(driver: OpenWrtDriver, push_id: str) -> bool:
    try:
        return driver.confirm(push_id).state is State.COMMITTED
    except Unreachable:  # its network is being reloaded
        return False
