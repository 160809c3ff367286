"""A crowded square: 10,000 visits with limits and volumes, and nobody notices what is done to the gateway meanwhile."""

import json
import signal
from collections.abc import Callable
from ipaddress import ip_address

import pytest

from tests.gateway.town import Town
from tests.lab.city import INTERNET_ADDRESS, program_options
from tests.lab.control_simulator import a_grant
from tests.lab.crowd import Member, crowd
from tests.lab.echoes import HEADERS, Echoes
from tests.lab.internet import ECHO_PORT
from tests.lab.namespaces import wait_for

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow]

VISITS = 10_000
SHORT = 2000  # of them, where not the whole crowd must be there
SENDING = 40
_LIMITS = {"down_bps": 20_000_000, "up_bps": 20_000_000, "volume_bytes": 10**12}


def numbered(members: list[Member]) -> dict[str, int]:
    """A device number for each, by address: another one in each test, for visits are named by them and are never the same."""
    return {each.address: int(ip_address(each.address)) % 2**16 for each in members}


def admit_all(town: Town, members: list[Member], visits: int = VISITS) -> None:
    """Grant visits to these and to so many others that there are enough."""
    numbers = numbered(members)
    own = [a_grant(numbers[each.address], each.mac, each.address, **_LIMITS) for each in members]
    others = (
        a_grant(20_000 + n, mac(n), str(ip_address("10.99.8.0") + n), **_LIMITS) for n in range(visits - len(members))
    )
    town.control.admit(*own, *others, within_seconds=90)


def mac(number: int) -> str:
    return f"02:97:00:00:{number >> 8:02x}:{number & 255:02x}"


def shown(town: Town) -> dict[str, dict]:
    """What the kernel lets through, by visit, as the command line tells."""
    command = town.lab.manager("gateway", "show", "--json", "--config", str(town.lab.gateway_config))
    found = json.loads(town.lab.gateway.check(command, timeout=150, **program_options()))
    return {each["visit"]: each for each in found["grants"]}


def reload_rules(town: Town) -> None:
    command = town.lab.manager("gateway", "rules", "--config", str(town.lab.gateway_config))
    town.lab.gateway.check(command, timeout=150, **program_options())


def killed(town: Town) -> None:
    town.kill()
    town.restart()


def stopped(town: Town) -> None:
    town.agent.send_signal(signal.SIGTERM)
    town.agent.wait(30)
    town.restart()


def disturbed(town: Town, echoes: Echoes, *disturbances: Callable[[Town], None]) -> None:
    """What is done to a gateway in its life, with traffic going on between each."""
    for disturb in disturbances:
        before = echoes.rounds
        disturb(town)
        wait_for("traffic", lambda before=before: echoes.rounds > before + 2, 60)  # longer than a loss takes


def counted_to_the_byte(town: Town, members: list[Member], echoes: Echoes, visits_in_all: int = VISITS) -> None:
    """No packet is lost and no visit; the kernel's counters, and what control is told, are what was sent."""
    assert (dict(echoes.lost), echoes.rounds > 0) == ({}, True)
    visits = shown(town)
    own = [f"visit-{number}" for number in numbered(members).values()]
    assert {*own, *(f"visit-{20_000 + n}" for n in range(visits_in_all - len(own)))} <= visits.keys()
    counted = {(visits[visit]["up_bytes"], visits[visit]["down_bytes"]) for visit in own}
    assert counted == {(echoes.passed(), echoes.passed())}
    town.control.end(*own, within_seconds=90)
    reported = {(town.control.usage(visit).up_bytes, town.control.usage(visit).down_bytes) for visit in own}
    assert reported == counted


@pytest.mark.parametrize(
    ("visits", "first"), [(SHORT, "10.99.60.1"), pytest.param(VISITS, "10.99.63.1", marks=pytest.mark.soak)]
)
def test_a_reload_and_a_killed_agent_lose_no_packet_no_visit_and_no_byte_of_the_count(town, visits, first):
    members = crowd(town.lab, SENDING, first)
    admit_all(town, members, visits)

    with Echoes(members) as echoes:
        disturbed(town, echoes, reload_rules, killed)

    counted_to_the_byte(town, members, echoes, visits)


@pytest.mark.soak
def test_an_evening_of_reloads_and_restarts_loses_no_packet_no_visit_and_no_byte_of_the_count(town):
    members = crowd(town.lab, SENDING, "10.99.61.1")
    admit_all(town, members)

    with Echoes(members) as echoes:
        for _ in range(10):
            disturbed(town, echoes, reload_rules, killed, reload_rules, stopped, reload_rules)

    counted_to_the_byte(town, members, echoes)


def test_each_of_many_volumes_is_held_to_the_packet_and_reported(town):
    members = crowd(town.lab, 50, "10.99.62.1")
    round_trip = 2 * (HEADERS + 100)
    grants = [
        a_grant(6000 + n, each.mac, each.address, volume_bytes=(4 + n) * round_trip + 100)
        for n, each in enumerate(members)
    ]
    town.control.admit(*grants)

    answered = [answers_until_refused(each) for each in members]

    assert answered == [4 + n for n in range(50)]
    town.control.end(*(each.visit for each in grants))
    used = [town.control.usage(each.visit) for each in grants]
    assert [each.up_bytes + each.down_bytes for each in used] == [number * round_trip for number in answered]


def answers_until_refused(member: Member) -> int:
    """How many packets of 100 bytes were echoed before the gateway refused one."""
    answered = 0
    with member.open_datagrams() as sock:
        sock.connect((INTERNET_ADDRESS, ECHO_PORT))
        try:
            while True:
                sock.send(bytes(100))
                sock.recv(2048)
                answered += 1
        except OSError:
            return answered
