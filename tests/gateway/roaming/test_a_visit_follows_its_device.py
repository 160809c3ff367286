"""A real gateway's agent hears phones come by DHCP and ARP, and control lets them through before any page is opened."""

import threading
import time

import pytest

from tests.gateway.conftest import town as town  # noqa: PLC0414 - the fixture
from tests.gateway.town import is_online
from tests.lab.control_simulator import a_grant
from tests.lab.namespaces import wait_for
from wifi_manager.domain.addresses import MacAddress

pytestmark = [pytest.mark.root, pytest.mark.lab]


def arrivals(town, phone):
    """What control has heard of this phone's coming."""
    device = MacAddress.parse(phone.mac)
    return [each for report in tuple(town.control.reports) for each in report.arrivals if each.device == device]


class Following:
    """Control's part: whoever arrives is let through, like a device that has a visit at another gateway."""

    def __init__(self, town, phone, number):
        self.town, self.phone, self.number = town, phone, number
        self.visits = 0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._work)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()

    def _work(self):
        while not self.done.wait(0.005):
            if len(arrivals(self.town, self.phone)) > self.visits:
                self.visits += 1
                visit = f"v-{self.number}.{self.visits}"
                self.town.control.change(a_grant(self.number, self.phone.mac, "10.99.1.1", visit=visit))


def test_a_phone_that_comes_with_a_visit_is_online_with_its_lease_and_sees_no_page(town):
    phone, number = town.phone()
    with Following(town, phone, number):
        phone.dhcp()
        wait_for("its visit", lambda: is_online(phone))
    (first, *_) = arrivals(town, phone)
    assert first.network == "visitors"


def test_a_phone_that_comes_back_soon_with_the_same_address_is_noticed_again(town):
    phone, number = town.phone()
    with Following(town, phone, number) as control:
        phone.namespace.run(["ping", "-c", "1", "-W", "1", "10.99.0.1"])  # an ARP request
        wait_for("its visit", lambda: is_online(phone))
        for stay in (1, 2):
            town.control.end(f"v-{number}.{stay}")  # another gateway has it now
            assert control.visits == stay
            phone.namespace.ip("neigh", "flush", "dev", "eth0")  # it comes back: it looks for the gateway anew
            wait_for("its visit again", lambda: back(phone))
            assert control.visits == stay + 1


def back(phone):
    phone.namespace.ip("neigh", "flush", "dev", "eth0")
    return is_online(phone)


def test_a_phone_without_a_visit_is_asked_about_rarely_however_much_it_says(town):
    phone, _ = town.phone()
    until = time.monotonic() + 3
    while time.monotonic() < until:
        phone.namespace.ip("neigh", "flush", "dev", "eth0")
        phone.namespace.run(["ping", "-c", "1", "-W", "1", "10.99.0.1"])
    wait_for("control to hear of it", lambda: arrivals(town, phone))
    assert len(arrivals(town, phone)) == 1


def test_an_interface_that_goes_and_comes_back_is_heard_again(town):
    phone, number = town.phone()
    town.lab.gateway.ip("link", "set", "br-lan", "down")
    town.lab.gateway.ip("link", "set", "br-lan", "up")
    with Following(town, phone, number):
        wait_for("its visit", lambda: back(phone))
