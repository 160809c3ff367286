from datetime import timedelta

import pytest

from tests.builders import NOON
from wifi_manager.domain.certificates import (
    CertificateStanding,
    CertificateState,
    FailureKind,
    NameRules,
    NotCertified,
    own_name,
    pause,
    renewal,
)
from wifi_manager.domain.errors import Forbidden

SIGNS = "wifi.city.example"
RULES = NameRules(frozenset({SIGNS}), "gw.city.example")


def standing(**given):
    usual = {"gateway": "gw-1", "names": (SIGNS,), "heard_at": NOON, "due_at": NOON, "try_at": NOON}
    return CertificateStanding(**{**usual, **given})


@pytest.mark.parametrize("days", [90, 6, 0.001])
def test_a_certificate_is_renewed_at_two_thirds_of_its_life_or_a_little_earlier(days):
    end = NOON + timedelta(days=days)
    assert renewal(NOON, end, 0.0) == NOON + timedelta(days=days) * (2 / 3)
    assert NOON + timedelta(days=days) * 0.6 < renewal(NOON, end, 1.0) < NOON + timedelta(days=days) * 0.62


def test_an_authority_that_refuses_is_asked_fewer_than_five_times_in_the_first_hour():
    tried_at, at = [timedelta()], timedelta()
    for failures in range(6):
        at += pause(NotCertified("no", FailureKind.REFUSED), failures, 0.0)
        tried_at.append(at)
    assert sum(each < timedelta(hours=1) for each in tried_at) == 4
    assert pause(NotCertified("no", FailureKind.REFUSED), 1000, 0.0) == timedelta(hours=12)


def test_an_authority_that_is_away_is_asked_soon_and_at_least_four_times_an_hour():
    away = NotCertified("no answer", FailureKind.AWAY)
    assert [pause(away, failures, 0.0).total_seconds() for failures in (0, 1, 2)] == [5, 10, 20]
    assert pause(away, 1000, 0.0) == timedelta(minutes=15)
    assert pause(away, 0, 1.0) == timedelta(seconds=6), "those who failed together come back one by one"


def test_nobody_comes_back_before_the_authority_said_so_but_for_a_week_at_most():
    assert pause(NotCertified("slow", FailureKind.LIMITED, timedelta(hours=30)), 0, 0.0) == timedelta(hours=30)
    assert pause(NotCertified("slow", FailureKind.LIMITED, timedelta(seconds=1)), 0, 0.0) == timedelta(minutes=10)
    assert pause(NotCertified("slow", FailureKind.LIMITED, timedelta(days=999)), 0, 0.0) == timedelta(days=7)


def test_a_gateway_gets_the_name_on_the_signs_together_with_its_own():
    assert RULES.wanted("Willow-Park", [SIGNS]) == (SIGNS, "willow-park.gw.city.example")
    assert RULES.wanted("willow-park", ["willow-park.gw.city.example"]) == ("willow-park.gw.city.example",)
    assert NameRules(frozenset({SIGNS})).wanted("willow-park", [SIGNS]) == (SIGNS,)


@pytest.mark.parametrize(
    "name", ["portal.city.example", "other.gw.city.example", "gw.city.example", "*.city.example"]
)
def test_a_gateway_gets_no_name_of_somebody_else(name):
    with pytest.raises(Forbidden, match="own_names_under"):
        RULES.wanted("willow-park", [SIGNS, name])


def test_a_gateway_that_is_not_called_like_a_host_has_no_name_of_its_own():
    assert own_name("bus_143", "gw.city.example") == frozenset()
    assert own_name("a" * 64, "gw.city.example") == frozenset()
    assert RULES.wanted("bus_143", [SIGNS]) == (SIGNS,)


def test_a_certificate_stands_as_city_it_would_say_it():
    good = {"issued_at": NOON, "ends_at": NOON + timedelta(days=1)}
    assert standing().state(NOON) is CertificateState.WAITING
    assert standing(**good).state(NOON) is CertificateState.VALID
    assert standing(**good, problem="no").state(NOON) is CertificateState.FAILING
    assert standing(problem="no").state(NOON) is CertificateState.FAILING
    assert standing(**good, problem="no").state(NOON + timedelta(days=1)) is CertificateState.EXPIRED


def test_a_gateway_that_has_not_asked_for_two_weeks_is_forgotten():
    assert not standing().is_forgotten(NOON + timedelta(days=14))
    assert standing().is_forgotten(NOON + timedelta(days=14, seconds=1))
