"""How fast visits are: each as its plan says, and all alike where they fill the uplink."""

import re

import pytest

from tests.gateway.town import Town
from tests.gateway.traffic import Flow, bits_a_second, flows
from tests.lab.city import CONTROL_NAME, INTERNET_ADDRESS, VISITORS, LabCity
from tests.lab.control_simulator import ControlSimulator, a_grant
from tests.lab.namespaces import wait_for
from wifi_manager.gateway.rules.declarations import TABLE

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow]

MBIT = 1_000_000
UPLINK_MBPS = 20


@pytest.fixture(scope="module")
def sharing_town(tmp_path_factory):
    """Its gateway shares out an uplink of 20 Mbit/s each way."""
    with LabCity(tmp_path_factory.mktemp("sharing")) as lab:
        said = f"[uplink]\ndown_mbps = {UPLINK_MBPS}\nup_mbps = {UPLINK_MBPS}\n"
        lab.gateway_config.write_text(lab.gateway_config.read_text().replace("[uplink]\n", said))
        control = ControlSimulator(lab.city, lab.authority.certificate(CONTROL_NAME))
        lab.enrol_gateway(control.token, control.url)
        yield Town(lab, control, lab.run_gateway())
        control.stop()


def visitor(town, **limits):
    """A phone that is signed in, with its grant."""
    phone, number = town.phone()
    grant = a_grant(number, phone.mac, phone.address, **limits)
    town.control.admit(grant)
    wait_for_class(town, grant, is_there=bool(limits))
    return phone, grant


def wait_for_class(town, grant, *, is_there):
    number = f"0x{grant.number:08x}"
    wait_for("the visit's class", lambda: (number in chosen(town)) is is_there)


def chosen(town):
    return town.lab.gateway.check(["nft", "list", "map", "inet", TABLE, "s_class"])


def sent_by_class(town, grant, interface):
    """Bytes that the visit's class let out at an interface."""
    (minor,) = re.findall(rf"0x{grant.number:08x} : (1:[0-9a-f]+)", chosen(town))
    shown = town.lab.gateway.check(["tc", "-s", "class", "show", "dev", interface])
    (sent,) = re.findall(rf"class htb {minor} .*\n Sent (\d+) bytes", shown)
    return int(sent)


def flow(town, phone, *, down):
    return Flow(phone.namespace, town.lab.internet, INTERNET_ADDRESS, down=down)


def settles_at(measured, mbps, within=0.15):
    """Payload is some 4 % less than what a plan counts; a machine that is busy elsewhere gets more tries."""
    found = []
    for _ in range(6):
        (rate,) = bits_a_second(measured, seconds=2)
        found.append(rate / MBIT)
        assert rate < mbps * MBIT * (1 + within)
        if rate > mbps * MBIT * (1 - within):
            return
    pytest.fail(f"{found} Mbit/s, not {mbps}")


def jain(rates):
    """How equal the shares are: 1 is all alike, 1/n is one who has everything (Jain, Chiu and Hawe 1984)."""
    return sum(rates) ** 2 / (len(rates) * sum(rate**2 for rate in rates))


@pytest.mark.parametrize(("direction", "mbps"), [("down", 8), ("up", 4)])
def test_a_plans_rate_holds_within_fifteen_percent_because_packets_wait_in_the_visits_class(town, direction, mbps):
    phone, grant = visitor(town, down_bps=8 * MBIT, up_bps=4 * MBIT)
    measured = flow(town, phone, down=direction == "down")

    with flows(measured):
        bits_a_second(measured, seconds=1)  # what fits in the queues at once comes at once
        settles_at(measured, mbps)

    assert sent_by_class(town, grant, VISITORS if direction == "down" else "wan") >= measured.received


def test_a_new_rate_takes_effect_on_running_connections_and_what_was_counted_stays(town):
    phone, grant = visitor(town, down_bps=4 * MBIT, up_bps=4 * MBIT)
    measured = flow(town, phone, down=True)

    with flows(measured):
        bits_a_second(measured, seconds=1)
        settles_at(measured, 4)
        before = measured.received
        town.control.admit(a_grant(grant.number, phone.mac, phone.address, down_bps=12 * MBIT, up_bps=4 * MBIT))
        bits_a_second(measured, seconds=1)
        settles_at(measured, 12)

    used = town.control.used_at_end(grant.visit)
    assert before < measured.received <= used.down_bytes


def test_a_visit_without_a_rate_is_not_slowed_by_the_others(town):
    visitor(town, down_bps=MBIT, up_bps=MBIT)
    phone, _ = visitor(town)
    measured = flow(town, phone, down=True)

    with flows(measured):
        wait_for("more than any plan here allows", lambda: bits_a_second(measured, seconds=1)[0] > 25 * MBIT)


def test_where_a_visit_has_no_class_the_limit_in_the_ruleset_holds_its_rate(town):
    phone, _ = visitor(town, down_bps=8 * MBIT, up_bps=8 * MBIT)
    town.kill()
    try:
        town.lab.gateway.check(["nft", "flush", "map", "inet", TABLE, "s_class"])
        measured = flow(town, phone, down=True)
        with flows(measured):
            bits_a_second(measured, seconds=2)  # a limit lets a burst pass first
            (rate,) = bits_a_second(measured, seconds=3)
    finally:
        town.restart()
    assert rate < 1.35 * 8 * MBIT


@pytest.mark.parametrize("direction", ["down", pytest.param("up", marks=pytest.mark.soak)])
def test_five_phones_of_two_networks_share_a_full_uplink_equally_though_one_is_greedy_and_one_late(
    sharing_town, direction
):
    town = sharing_town
    phones = [town.phone() for _ in range(3)] + [town.event_phone() for _ in range(2)]
    grants = [a_grant(number, phone.mac, phone.address) for phone, number in phones]
    town.control.admit(*grants)
    for grant in grants:
        wait_for_class(town, grant, is_there=True)
    greedy, *early = [flow(town, phones[0][0], down=direction == "down") for _ in range(4)]
    early += [flow(town, phone, down=direction == "down") for phone, _ in phones[1:4]]

    with flows(greedy, *early):
        bits_a_second(greedy, *early, seconds=1)
        late = flow(town, phones[4][0], down=direction == "down")
        with flows(late):
            shares = equal_shares(4, greedy, *early, late)

    assert UPLINK_MBPS * MBIT * 0.7 < sum(shares) < UPLINK_MBPS * MBIT * 1.05


def equal_shares(of_the_first, *measured):
    """Shares in bit/s once they are alike, the first phone having so many connections.

    A machine that is busy elsewhere gets more tries.
    """
    found = []
    for _ in range(4):
        rates = bits_a_second(*measured, seconds=3)
        shares = [sum(rates[:of_the_first]), *rates[of_the_first:]]
        found.append(jain(shares))
        if found[-1] > 0.95:
            return shares
    pytest.fail(f"Jain's index is {found}")
