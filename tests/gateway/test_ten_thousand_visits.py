"""A crowded square: 10,000 visits with limits and volumes, and nobody notices what is done to the gateway meanwhile."""

import json
import signal
from ipaddress import ip_address

import pytest

from tests.gateway.town import Town
from tests.lab.city import program_options
from tests.lab.control_simulator import a_grant
from tests.lab.crowd import Member, crowd
from tests.lab.echoes import Echoes
from tests.lab.namespaces import wait_for

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow]

VISITS = 10_000
SENDING = 40
_LIMITS = {"down_bps": 20_000_000, "up_bps": 20_000_000, "volume_bytes": 10**12}


def numbered(members: list[Member]) -> dict[str, int]:
    """A device number for each, by address."""
    return {each.address: 5000 + number for number, each in enumerate(members)}


def admit_all(town: Town, members: list[Member]) -> None:
    """Grant visits to these and to so many others that there are 10,000."""
    others = range(VISITS - len(members))
    own = [a_grant(5000 + n, each.mac, each.address, **_LIMITS) for n, each in enumerate(members)]
    town.control.admit(
        *own, *(a_grant(20_000 + n, mac(n), str(ip_address("10.99.8.0") + n), **_LIMITS) for n in others)
    )


def mac(number: int) -> str:
    return f"02:97:00:00:{number >> 8:02x}:{number & 255:02x}"


def shown(town: Town) -> dict[str, dict]:
    """What the kernel lets through, by visit, as the command line tells."""
    command = town.lab.manager("gateway", "show", "--json", "--config", str(town.lab.gateway_config))
    found = json.loads(town.lab.gateway.check(command, **program_options()))
    return {each["visit"]: each for each in found["grants"]}


def reload_rules(town: Town) -> None:
    command = town.lab.manager("gateway", "rules", "--config", str(town.lab.gateway_config))
    town.lab.gateway.check(command, **program_options())


def killed(town: Town) -> None:
    town.kill()
    town.restart()


def stopped(town: Town) -> None:
    town.agent.send_signal(signal.SIGTERM)
    town.agent.wait(30)
    town.restart()


def disturbed(town: Town, echoes: Echoes) -> None:
    """All that is done to a gateway in its life, with traffic going on between each."""
    for disturb in (reload_rules, killed, reload_rules, stopped):
        before = echoes.rounds
        disturb(town)
        wait_for("traffic", lambda before=before: echoes.rounds > before)


def test_reloads_and_restarts_lose_no_packet_no_visit_and_no_byte_of_the_count(town):
    members = crowd(town.lab, SENDING, "10.99.60.1")
    admit_all(town, members)

    with Echoes(members) as echoes:
        disturbed(town, echoes)

    assert (dict(echoes.lost), echoes.rounds > 4) == ({}, True)
    visits = shown(town)
    assert len(visits) == VISITS
    own = [f"visit-{number}" for number in numbered(members).values()]
    counted = {(visits[visit]["up_bytes"], visits[visit]["down_bytes"]) for visit in own}
    assert counted == {(echoes.passed(), echoes.passed())}
    town.control.end(*own)
    reported = {(town.control.usage(visit).up_bytes, town.control.usage(visit).down_bytes) for visit in own}
    assert reported == counted
