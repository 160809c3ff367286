"""All who wait for one gateway share their looks at it."""

import pytest

from wifi_manager.services.looks import FRESH_SECONDS, Looks


class Asked:
    """A database that counts its questions."""

    def __init__(self):
        self.gateways = []
        self.meanwhile = lambda: None

    def __call__(self, gateway):
        self.gateways.append(gateway)
        self.meanwhile()
        return len(self.gateways)


@pytest.fixture
def asked():
    return Asked()


def test_a_fresh_look_serves_everybody_and_an_older_one_nobody(asked):
    looks = Looks()
    assert [looks.at("gw-1", now, asked) for now in (0.0, 0.009, FRESH_SECONDS, 0.015)] == [1, 1, 2, 2]


def test_each_gateway_is_looked_at_by_itself(asked):
    looks = Looks()
    assert [looks.at(gateway, 0.0, asked) for gateway in ("gw-1", "gw-2", "gw-1")] == [1, 2, 1]
    assert asked.gateways == ["gw-1", "gw-2"]


def test_who_comes_while_somebody_looks_does_not_wait_behind_them(asked):
    looks, meanwhile = Looks(), []
    asked.meanwhile = lambda: meanwhile.append(looks.at("gw-1", 5.0, asked))
    assert looks.at("gw-1", 0.0, asked) == 1
    assert meanwhile == [None]


def test_a_look_that_fails_keeps_nobody_from_looking_again(asked):
    looks = Looks()
    with pytest.raises(ZeroDivisionError):
        looks.at("gw-1", 0.0, lambda _gateway: 1 // 0)
    assert looks.at("gw-1", 0.0, asked) == 1
