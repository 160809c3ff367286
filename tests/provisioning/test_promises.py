"""What is promised of every push, on real access points: nobody's change mixes with another's, and nothing is half done."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest

from provisioning.config_files import ConfigFiles
from provisioning.driver import Standing, State
from provisioning.drivers.openwrt import OpenWrtDriver
from provisioning.link import Link, Reply, Then, Unreachable
from provisioning.push import Outcome, OutcomeKind, push
from tests.lab.access_point import LabAccessPoint
from tests.lab.flash import Flash
from tests.lab.poor_line import PoorLine
from tests.provisioning.kit import a_network, an_order, driver_of, files_of, has, link_of
from wifi_manager.clock import SystemClock

pytestmark = [pytest.mark.lab, pytest.mark.root, pytest.mark.slow]
COMMITTED = Outcome(OutcomeKind.COMMITTED)


def test_of_two_controllers_at_once_one_commits_and_the_other_is_refused(ap):
    orders = [an_order(ap, name, a_network(ssid=name)) for name in ("one", "other")]

    with ThreadPoolExecutor() as pool:
        ends = list(pool.map(lambda order: push(order, driver := driver_of(ap), driver), orders))

    ((won, _),) = [pair for pair in zip(orders, ends, strict=True) if pair[1] == COMMITTED]
    (lost,) = [end for end in ends if end != COMMITTED]
    assert lost.kind is OutcomeKind.REFUSED
    assert lost.reason.split()[0] in {"BUSY", "DRIFT"}  # it came while the other was pending, or after it
    assert has(ap, won.config)


@dataclass
class ForgetfulLink:
    """Everything reaches the access point, but the answer to `verb` is lost on the way back, once."""

    link: Link
    verb: str

    def run(self, command: str, stdin: bytes = b"") -> Reply:
        return self._unless_lost(command, self.link.run(command, stdin))

    def converse(self, command: str, until: bytes, then: Then) -> Reply:
        return self._unless_lost(command, self.link.converse(command, until, then))

    def _unless_lost(self, command: str, reply: Reply) -> Reply:
        if f" {self.verb} " not in command:
            return reply
        self.verb = "nothing more"
        raise Unreachable("the answer was lost")


@pytest.mark.parametrize("verb", ["exchange", "confirm"])
def test_a_push_whose_answer_was_lost_is_committed_once_and_says_so(ap, verb):
    order = an_order(ap, "1")
    driver = OpenWrtDriver(ForgetfulLink(link_of(ap), verb), SystemClock(), settle_seconds=1)

    assert push(order, driver, driver) == COMMITTED
    assert driver.standing() == Standing(State.COMMITTED, order.push_id)
    assert has(ap, order.config)


def test_half_an_upload_changes_nothing_and_the_next_try_is_taken(ap, driver):
    before = files_of(ap)
    small = an_order(ap, "1")
    order = replace(small, config=ConfigFiles({**small.config.content, "etc/banner": os.urandom(200_000)}))
    with PoorLine((ap.address, ap.port), breaks_after=lambda n: 5000 if n == 0 else None) as line:
        link = link_of(ap)
        there = replace(link, management=replace(link.management, host=line.address[0], port=line.address[1]))
        poor = OpenWrtDriver(there, SystemClock(), settle_seconds=1)

        assert push(order, poor, poor) == Outcome(OutcomeKind.REFUSED, "NOTSTAGED")

    assert has(ap, before)
    assert driver.standing() == Standing(State.NONE)
    assert push(order, driver, driver) == COMMITTED


def test_a_full_flash_refuses_a_change_and_keeps_what_it_had(net):
    with Flash() as flash, LabAccessPoint(net, keep=flash.folder) as ap:
        driver, before = driver_of(ap), files_of(ap)
        ap.run("dd if=/dev/zero of=/etc/full bs=1024 2>/dev/null; sync")
        for free_kib in (0, 8):
            ap.run(
                f"dd if=/dev/zero of=/etc/full bs=1024 seek=$(($(wc -c </etc/full) / 1024 - {free_kib})) count=0; sync"
            )

            end = push(an_order(ap, f"with {free_kib}"), driver, driver)

            assert end.kind is OutcomeKind.REFUSED
            assert end.reason in {"WRITE", "SPACE", "STATE"}
            assert has(ap, before)
            assert driver.standing() == Standing(State.NONE)
        ap.run("rm /etc/full")
        assert push(an_order(ap, "2"), driver, driver) == COMMITTED
