"""Whom control is asked about, and how often."""

import asyncio
import ipaddress
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.gateway.conftest import device
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.domain.grants import Arrival
from wifi_manager.gateway.passing.passages import Passage
from wifi_manager.gateway.passing.reconcile import Plan
from wifi_manager.gateway.roaming.arrivals import Arrivals
from wifi_manager.gateway.roaming.frames import SignOfLife
from wifi_manager.gateway.roaming.roaming import Roaming

ADDRESS = ipaddress.ip_address("10.99.8.7")
ELSEWHERE = ipaddress.ip_address("169.254.3.4")  # a device that has no lease yet


class Timer:
    seconds = 1000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def timer():
    return Timer()


@pytest.fixture
def arrivals(timer):
    return Arrivals(timer)


def come(arrivals, number=1):
    """Whether it was news."""
    if not arrivals.is_due(device(number)):
        return False
    arrivals.come(Arrival(device(number), ADDRESS, "guests"))
    return True


def asked(arrivals, limit=50):
    return [arrival.device for arrival in arrivals.take(limit)]


def test_a_device_is_asked_about_once_in_a_while_and_not_with_each_sign_of_life(arrivals, timer):
    assert [come(arrivals), come(arrivals)] == [True, False]
    assert asked(arrivals) == [device(1)]
    assert not come(arrivals)
    timer.seconds += 20
    assert come(arrivals)


def test_who_comes_back_soon_after_it_was_let_go_is_news_again(arrivals, timer):
    """It came here, its visit followed, it left for another gateway, and is back before `a while` is over."""
    come(arrivals)
    asked(arrivals)
    timer.seconds += 2
    arrivals.let_go([device(1)])
    timer.seconds += 1
    assert come(arrivals)


def test_two_devices_with_one_address_do_not_throw_a_visit_to_and_fro_as_fast_as_they_can(arrivals, timer):
    arrivals.let_go([device(1)])
    assert not come(arrivals)
    timer.seconds += 1
    assert come(arrivals)


def test_a_device_at_home_needs_no_look_for_a_moment_but_is_news_when_it_was_let_go(arrivals, timer):
    arrivals.at_home(device(1))
    assert not arrivals.is_due(device(1))
    arrivals.let_go([device(1)])
    timer.seconds += 1
    assert arrivals.is_due(device(1))


def test_whom_control_did_not_hear_of_is_news_again(arrivals):
    come(arrivals)
    arrivals.forget(asked(arrivals))
    assert come(arrivals)


def test_a_flood_of_invented_devices_is_bounded_and_hides_nobody_for_good(arrivals):
    for number in range(10_000):
        come(arrivals, number)
    waiting = asked(arrivals, 100_000)
    assert len(waiting) == 500
    assert come(arrivals, 60_000)


class Control:
    """Remembers reports; refuses the first so many."""

    def __init__(self, refuses=0):
        self.refuses = refuses
        self.heard = []
        self.told = asyncio.Event()

    async def report(self, report):
        if self.refuses:
            self.refuses -= 1
            raise OutsideFailure("Control does not answer.")
        self.heard.extend(report.arrivals)
        self.told.set()


def roam(settings, control, online, *signs):
    """Let these signs be heard, again and again, until control has heard of one."""
    network = settings.networks[0]

    async def scenario():
        roaming = Roaming(control, lambda each: each in online, settings.networks, Arrivals())
        asking = asyncio.ensure_future(roaming.keep_asking())
        while not control.told.is_set():
            for sign in signs:
                roaming.hear(sign, network)
            await asyncio.sleep(0.01)
        asking.cancel()
        return roaming

    asyncio.run(asyncio.wait_for(scenario(), 20))
    return [(arrival.device, str(arrival.address), arrival.network) for arrival in control.heard]


def test_control_is_asked_about_who_has_no_grant_here_even_if_it_was_away_for_a_moment(settings):
    network = settings.networks[0]
    near = network.dhcp_first
    signs = (SignOfLife(device(1), near), SignOfLife(device(2), near), SignOfLife(device(3), ELSEWHERE))
    heard = roam(settings, Control(refuses=1), {device(1)}, *signs)
    assert sorted(heard) == [(device(2), str(near), network.name), (device(3), "0.0.0.0", network.name)]


def test_a_change_of_the_kernel_that_ends_a_visit_makes_its_device_news(settings, arrivals, timer):
    roaming = Roaming(Control(), lambda _: False, settings.networks, arrivals)
    come(arrivals)
    asked(arrivals)
    ended = Passage("visit-1", 1, device(1), timedelta(0))
    roaming.note(Plan(end=(ended,), begin=(replace(ended, left=timedelta(hours=1)),)))
    timer.seconds += 1
    assert not come(arrivals), "the same visit goes on"
    roaming.note(Plan(end=(ended,)))
    timer.seconds += 1
    assert come(arrivals)
