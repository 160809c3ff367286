"""The risk of a change: what it touches, and how much of the city."""

from dataclasses import replace

import pytest

from tests.provisioning.kit import a_network, an_intent
from wifi_manager.domain.intent_networks import Wpa2Personal
from wifi_manager.domain.risk import Level, Touched, level_of, risk, touched

BEFORE = an_intent("192.168.77.10/24", a_network(security=Wpa2Personal("12345678")))
FLEET = [("River", f"Park {number // 4}") for number in range(100)]


def test_what_is_touched_is_told_apart():
    network = BEFORE.networks[0]
    for after, what in (
        (replace(BEFORE, ntp=("time.example.net",)), {Touched.INNER}),
        (replace(BEFORE, networks=(replace(network, ssid="Other"),)), {Touched.NETWORKS}),
        (
            replace(BEFORE, networks=(replace(network, security=Wpa2Personal("87654321")),)),
            {Touched.NETWORKS, Touched.CREDENTIALS},
        ),
        (replace(BEFORE, networks=(replace(network, vlan=7),)), {Touched.NETWORKS, Touched.REACH}),
        (replace(BEFORE, management=replace(BEFORE.management, port="eth1")), {Touched.REACH}),
    ):
        assert touched(BEFORE, after) == what
    assert touched(None, BEFORE) == set(Touched)


@pytest.mark.parametrize(
    ("what", "changing", "score"),
    [
        ({Touched.INNER}, FLEET[:1], 15),  # 5, and 10 for 1 %
        ({Touched.REACH, Touched.NETWORKS}, FLEET[:1], 50),
        ({Touched.NETWORKS}, FLEET[:4], 35),  # 15, 10 for 1 %, 10 for a whole site
        ({Touched.NETWORKS}, FLEET, 65),  # 15, 30, 10, 10
        ({Touched.REACH}, FLEET, 90),
    ],
)
def test_the_score_can_be_added_up_by_hand(what, changing, score):
    found = risk(what, changing, FLEET)
    assert found.score == score
    assert sum(int(each.rpartition("+")[2].rstrip(")")) for each in found.reasons) == score


def test_a_score_has_a_word():
    assert [level_of(score) for score in (0, 29, 30, 59, 60, 100)] == [
        Level.LOW, Level.LOW, Level.MEDIUM, Level.MEDIUM, Level.HIGH, Level.HIGH,
    ]  # fmt: skip
