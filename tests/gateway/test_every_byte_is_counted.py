"""What control is told of a visit is what passed for it, to the byte, whatever happens to visit and agent meanwhile.

One story with traffic that never pauses: datagrams of random size, both ways, of seven phones.
"""

import contextlib
import signal
from dataclasses import dataclass

import pytest

from tests.gateway.town import Town, address6
from tests.gateway.traffic import Chatter, Talk
from tests.lab.city import INTERNET_ADDRESS, INTERNET_ADDRESS6
from tests.lab.control_simulator import a_grant
from tests.lab.namespaces import wait_for
from wifi_manager.domain.grants import Usage

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow]


LOUD = 20
SIGN_OUTS = ("visit-a", "visit-b", "visit-c", "visit-d")


@dataclass
class Guest:
    """A phone that talks, and its grant."""

    phone: object
    number: int
    talk: Talk

    def __post_init__(self):
        self.visit = f"visit-{self.number}"

    @property
    def arrived(self):
        return Usage(self.visit, self.talk.up_bytes, self.talk.down_bytes)

    @contextlib.contextmanager
    def loud(self):
        """With so much traffic that a moment in which nothing is counted would show."""
        self.talk.words = LOUD
        self.keeps_talking()
        yield
        self.talk.words = 1

    def grant(self, seconds=3600, **limits):
        return a_grant(self.number, self.phone.mac, self.phone.address, seconds, self.visit, **limits)

    def keeps_talking(self):
        before = self.arrived
        wait_for(
            "traffic both ways",
            lambda: (
                self.talk.up_bytes > before.up_bytes + 20_000 and self.talk.down_bytes > before.down_bytes + 20_000
            ),
        )


class Story:
    """Seven guests. After `tell` nobody speaks any more."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.chatter = Chatter()
        names = ("extended", "replanned", "signed_out", "expired", "expired_unseen", "enduring")
        self.guests = {name: self._guest() for name in names}
        self.guests["by_ipv6"] = self._guest_with_ipv6()
        self.guests["signed_out"].visit = SIGN_OUTS[0]
        self.ended: dict[str, Usage] = {}

    def tell(self) -> None:
        guests = self.guests
        for guest in guests.values():
            self.admit(guest, seconds=8 if guest is guests["expired"] else 3600)
        with guests["extended"].loud():
            for hours in range(2, 6):
                self.admit(guests["extended"], seconds=hours * 3600)
        with guests["replanned"].loud():
            self.admit(guests["replanned"], down_bps=80_000_000, up_bps=80_000_000, volume_bytes=10**9)
            self.admit(guests["replanned"], down_bps=40_000_000)
            self.admit(guests["replanned"], volume_bytes=2 * 10**9)
        with guests["signed_out"].loud():
            self.sign_out_and_in_again(guests["signed_out"])
        self.wait_for_the_end_of(guests["expired"])
        self.admit(guests["expired_unseen"], seconds=5)
        self.town.kill()
        self.wait_for_the_end_of(guests["expired_unseen"])
        guests["enduring"].keeps_talking()
        self.town.restart()
        self.all_keep_talking()
        self.town.agent.send_signal(signal.SIGTERM)
        self.town.agent.wait(20)
        self.town.restart()
        self.all_keep_talking()
        self.chatter.silence()
        self.town.control.end(*(guest.visit for guest in guests.values()))

    def sign_out_and_in_again(self, guest: Guest) -> None:
        """Each visit of one device has its own bytes, and the first that this story knows are of its first visit."""
        counted = Usage("", 0, 0)
        for visit in SIGN_OUTS:
            guest.visit = visit
            self.admit(guest)
            self.town.control.end(visit)
            self.wait_for_the_end_of(guest)
            now = guest.arrived
            self.ended[visit] = Usage(visit, now.up_bytes - counted.up_bytes, now.down_bytes - counted.down_bytes)
            counted = now

    def admit(self, guest: Guest, **how) -> None:
        self.town.control.admit(guest.grant(**how))
        guest.keeps_talking()

    def all_keep_talking(self) -> None:
        for name in ("extended", "replanned", "enduring", "by_ipv6"):
            self.guests[name].keeps_talking()

    def wait_for_the_end_of(self, guest: Guest) -> None:
        stranger = self.guests["enduring"]

        def is_over():
            before = guest.arrived
            stranger.keeps_talking()
            return guest.arrived == before

        wait_for(f"the end of {guest.visit}", is_over)

    def _guest(self) -> Guest:
        phone, number = self.town.phone()
        talk = Talk(phone.namespace, self.town.lab.internet, INTERNET_ADDRESS)
        return Guest(phone, number, self.chatter.begin(talk))

    def _guest_with_ipv6(self) -> Guest:
        phone, number = self.town.phone6()
        new = address6(number, interface=2)
        phone.namespace.ip("addr", "add", f"{new}/64", "dev", "eth0", "nodad")
        talk = Talk(phone.namespace, self.town.lab.internet, INTERNET_ADDRESS6, own_address=new)
        return Guest(phone, number, self.chatter.begin(talk))


@pytest.fixture(scope="module")
def told(town):
    story = Story(town)
    story.tell()
    yield story
    story.chatter.close()


def test_a_change_of_plan_counts_no_byte_twice_and_none_less_than_arrived(told):
    """A class that is replaced may throw away what waits in it and was counted: told is then what was let through."""
    guest = told.guests["replanned"]

    def said():
        return told.town.control.usage(guest.visit)

    wait_for("usage upwards", lambda: said().up_bytes >= guest.arrived.up_bytes > 20_000)
    wait_for("usage downwards", lambda: said().down_bytes >= guest.arrived.down_bytes > 20_000)
    assert said().up_bytes <= guest.talk.sent_up_bytes
    assert said().down_bytes <= guest.talk.sent_down_bytes


@pytest.mark.parametrize("name", ["extended", "expired", "expired_unseen", "enduring", "by_ipv6"])
def test_control_is_told_every_byte_that_arrived_and_none_more(told, name):
    guest = told.guests[name]

    try:
        wait_for("usage", lambda: told.town.control.usage(guest.visit) == guest.arrived)
    except TimeoutError:
        assert told.town.control.usage(guest.visit) == guest.arrived
    assert guest.arrived.up_bytes > 20_000


@pytest.mark.parametrize("visit", SIGN_OUTS)
def test_every_visit_of_a_device_that_signs_out_in_full_traffic_is_told_its_own_bytes(told, visit):
    assert told.town.control.usage(visit) == told.ended[visit]
    assert told.ended[visit].down_bytes > 20_000


def test_no_report_told_less_than_the_one_before(told):
    for guest in told.guests.values():
        reports = tuple(told.town.control.reports)
        said = [usage for report in reports for usage in report.usage if usage.visit == guest.visit]
        assert [each.up_bytes for each in said] == sorted(each.up_bytes for each in said)
        assert [each.down_bytes for each in said] == sorted(each.down_bytes for each in said)
