"""Finding out where an access point stands and staging a change over one connection. Real SSH, real shell."""

import hashlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from provisioning.config_files import pack_plain
from provisioning.driver import Answer, Refused, Standing, State
from provisioning.drivers.helper_answers import END, check
from provisioning.drivers.helper_driver import PROV
from provisioning.drivers.openwrt import OpenWrtDriver
from provisioning.gate import Gate, NotNow
from provisioning.link import Link
from provisioning.push import Outcome, OutcomeKind, push
from provisioning.rendering import render
from tests.provisioning.kit import an_intent, an_order, files_of, has, link_of, until
from wifi_manager.clock import SystemClock

pytestmark = [pytest.mark.root, pytest.mark.lab]
LONG = timedelta(seconds=60)
WANTED = render(an_intent())
COMMITTED = Outcome(OutcomeKind.COMMITTED)


@dataclass
class Listed:
    """A line that keeps the verb of each connection."""

    link: Link
    verbs: list[str] = field(default_factory=list)

    def run(self, command, stdin=b""):
        self.verbs.append(command.split()[1])
        return self.link.run(command, stdin)

    def converse(self, command, until, then):
        self.verbs.append(command.split()[1])
        return self.link.converse(command, until, then)


@pytest.fixture
def line(ap):
    return Listed(link_of(ap))


@pytest.fixture
def driver(line):
    return OpenWrtDriver(line, SystemClock(), settle_seconds=1)


def _send(driver, goes_on):
    return driver.send(WANTED, "one", undo_after=LONG, goes_on=goes_on)


def _yes(standing, *, runs):
    return True


def test_a_push_is_found_out_and_staged_over_one_connection_and_confirmed_over_a_new_one(ap, driver, line):
    assert push(an_order(ap, "one"), driver, driver) == COMMITTED
    assert line.verbs[0] == "exchange"
    assert set(line.verbs[1:]) == {"confirm"}


def test_an_older_helper_is_pushed_to_over_a_connection_for_each_step(ap, driver, line):
    helper = ap.path("/etc/prov/prov")
    helper.write_text(helper.read_text().replace("look | exchange |", "look |"))

    assert push(an_order(ap, "one"), driver, driver) == COMMITTED
    assert line.verbs[:3] == ["exchange", "fetch", "stage"]
    assert set(line.verbs[3:]) == {"confirm"}


def test_where_all_of_it_runs_nothing_is_sent_and_the_device_says_that_it_runs(ap, driver):
    assert push(an_order(ap, "one"), driver, driver) == COMMITTED
    seen = []

    def no(standing, *, runs):
        seen.append((standing.state, runs))
        return False

    assert driver.send(an_order(ap, "one").config, "two", undo_after=LONG, goes_on=no) is None
    other = render(an_intent(hostname="two"))
    assert driver.send(other, "two", undo_after=LONG, goes_on=lambda *_, runs: not runs) is Answer.ARMED
    assert seen == [(State.COMMITTED, True)]


@pytest.mark.parametrize(
    ("by_hand", "code"),
    [("echo '# by hand' >>/etc/config/network", "DRIFT"), ("uci set system.system.hostname=other", "DIRTY")],
)
def test_what_somebody_changes_after_it_was_found_out_is_not_overwritten(ap, driver, by_hand, code):
    assert push(an_order(ap, "first"), driver, driver) == COMMITTED

    def meanwhile(standing, *, runs):
        ap.run(by_hand)
        return True

    with pytest.raises(Refused, match=code):
        driver.send(render(an_intent(hostname="two")), "two", undo_after=LONG, goes_on=meanwhile)
    assert "tx" not in ap.run("ls /etc/prov").split()


def test_a_controller_that_dies_or_may_not_start_leaves_nothing_behind(ap, driver):
    before = files_of(ap)

    with pytest.raises(NotNow):
        _send(Gate(driver, lambda: False), _yes)

    until(lambda: "exchange" not in ap.run("ps"))
    assert files_of(ap) == before
    assert ap.run("ls /etc/prov") == "platform\nprov\n"
    assert _send(driver, _yes) is Answer.ARMED


def test_an_upload_that_breaks_off_is_refused_and_changes_nothing(ap, line):
    before, archive = files_of(ap), pack_plain(WANTED.content)

    def half(said):
        return b"one 60 " + b"0" * 64 + b" 1\n" + archive[: len(archive) // 2]

    with pytest.raises(Refused, match="CHECKSUM"):
        check(line.converse(f"{PROV} exchange", END, half))
    assert files_of(ap) == before


class Halting(bytes):
    """A payload whose sender stops after the first piece, with the connection open, until `may_end`."""

    has_begun: threading.Event
    may_end: threading.Event

    def __getitem__(self, piece):
        if isinstance(piece, slice) and piece.start:
            self.has_begun.set()
            assert self.may_end.wait(LONG.total_seconds())
        return super().__getitem__(piece)


def test_a_controller_that_falls_silent_in_the_middle_of_its_upload_keeps_no_other_out(ap, driver):
    order = an_order(ap, "other")
    archive = pack_plain({**WANTED.content, "etc/banner": os.urandom(200_000)})
    sent = Halting(f"one 60 {hashlib.sha256(archive).hexdigest()} 1\n".encode() + archive)
    sent.has_begun, sent.may_end = threading.Event(), threading.Event()
    with ThreadPoolExecutor(1) as silent:
        try:
            end = silent.submit(link_of(ap).converse, f"{PROV} exchange", END, lambda _: sent)
            assert sent.has_begun.wait(LONG.total_seconds())
            assert push(order, driver, driver) == COMMITTED
        finally:
            sent.may_end.set()
    with pytest.raises(Refused, match="DRIFT"):
        check(end.result())
    assert has(ap, order.config)
    assert "prov" not in ap.run("ls /var/run")  # neither's upload is left there
    assert ap.run("ls /etc/prov") == "managed\nplatform\nprov\nstate\n"


def test_an_order_that_makes_no_sense_is_refused(line):
    with pytest.raises(Refused, match="USAGE"):
        check(line.converse(f"{PROV} exchange", END, lambda _: b"../x 60 0 1\n"))


def test_a_change_undone_by_hand_puts_back_also_what_the_push_itself_did_not_change(ap, driver):
    assert push(an_order(ap, "first"), driver, driver) == COMMITTED
    before = files_of(ap)
    order = an_order(ap, "second", hostname="two")
    assert driver.send(order.config, "two", undo_after=LONG, goes_on=_yes) is Answer.ARMED
    until(lambda: has(ap, order.config))
    ap.run("echo '# by hand' >>/etc/config/wireless")

    ap.run(f"{PROV} rollback")

    assert driver.standing() == Standing(State.ROLLEDBACK, "two", "operator")
    assert has(ap, before)
