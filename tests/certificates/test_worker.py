"""How the worker goes on, whatever becomes of an order."""

import pytest

from wifi_manager.certificates.worker import work
from wifi_manager.domain.certificates import FailureKind
from wifi_manager.domain.errors import OutsideFailure


class Scripted:
    """Orders whose outcomes are known beforehand."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)

    def order_next(self):
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


def rests(*outcomes):
    """Seconds of rest after each outcome."""
    ordering, rested = Scripted(*outcomes), []

    def rest(seconds):
        rested.append(seconds)
        if not ordering.outcomes:
            raise SystemExit

    with pytest.raises(SystemExit):
        work(ordering, rest)
    return rested


def test_orders_follow_each_other_and_an_idle_worker_rests():
    assert rests(True, True, False) == [0, 0, 2]


def test_after_too_many_orders_there_is_a_minute_without_any_and_a_refusal_holds_up_nobody_else():
    assert rests(FailureKind.LIMITED, FailureKind.AWAY, FailureKind.REFUSED) == [60, 2, 0]


def test_neither_a_database_that_is_away_nor_a_mistake_of_ours_ends_the_worker():
    assert rests(OutsideFailure("no database"), KeyError("a mistake"), True) == [2, 60, 0]
