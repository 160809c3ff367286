"""Certificates in the database, on both kinds: requests, claims, and what came of them."""

from datetime import timedelta

import pytest

from tests.builders import NOON
from wifi_manager.domain.certificates import FORGOTTEN_AFTER, CertificateState
from wifi_manager.domain.errors import NotFound
from wifi_manager.storage.certificates import Asked, Issued

HOLD = timedelta(minutes=10)
NAMES = ("gw-1.gw.city.example", "wifi.city.example")


def asked(request=b"request", at=NOON, chain=None):
    return Asked(request, b"digest of " + request, NAMES, at, 1, at, chain)


def issued(at=NOON, days=90):
    return Issued("CHAIN", at, at + timedelta(days=days), at + timedelta(days=days * 2 / 3))


@pytest.fixture
def city(store):
    with store.begin() as tx:
        for name in ("gw-1", "gw-2"):
            tx.gateways.add(name, None, name.encode(), NOON)
        tx.certificates.ask("gw-1", asked(), NOON)
    return store


def test_an_order_goes_from_request_to_chain_and_is_due_again(city):
    with city.begin() as tx:
        order = tx.certificates.claim("a", NOON, HOLD)
        assert (order.gateway, order.request, order.names, order.tries) == ("gw-1", b"request", NAMES, 0)
        assert tx.certificates.claim("b", NOON, HOLD) is None
        assert tx.certificates.fail(order, "a", "no answer", NOON + timedelta(seconds=5))
        assert tx.certificates.claim("a", NOON, HOLD) is None
    with city.begin() as tx:
        order = tx.certificates.claim("a", NOON + timedelta(seconds=5), HOLD)
        assert (order.tries, order.problem) == (1, "no answer")
        tx.certificates.release(order, "a")
        order = tx.certificates.claim("b", NOON + timedelta(seconds=5), HOLD)
        assert not tx.certificates.issue(order, "a", issued()), "it is claimed by another"
        assert tx.certificates.issue(order, "b", issued())
    with city.read() as tx:
        assert tx.certificates.asked("gw-1") == asked(chain="CHAIN")
        (found,) = tx.certificates.standings()
    assert (found.gateway, found.names, found.failures, found.problem) == ("gw-1", NAMES, 1, "")
    assert (found.due_at, found.try_at) == (NOON + timedelta(days=60),) * 2
    assert found.state(NOON) is CertificateState.VALID
    with city.begin() as tx:
        tx.certificates.hear("gw-1", NOON + timedelta(days=60))
        assert tx.certificates.claim("a", NOON + timedelta(days=60), HOLD).gateway == "gw-1"


def test_a_request_that_was_changed_meanwhile_keeps_nothing_of_the_order_before(city):
    with city.begin() as tx:
        order = tx.certificates.claim("a", NOON, HOLD)
        tx.certificates.ask("gw-1", asked(b"another"), NOON)
        assert not tx.certificates.issue(order, "a", issued())
        assert tx.certificates.claim("b", NOON, HOLD).request == b"another", "and it is free again"
        assert tx.certificates.asked("gw-1").chain is None


def test_who_is_silent_for_too_long_is_left_out(city):
    with city.begin() as tx:
        assert tx.certificates.claim("a", NOON + FORGOTTEN_AFTER + timedelta(seconds=1), HOLD) is None
        assert tx.certificates.claim("a", NOON + FORGOTTEN_AFTER, HOLD) is not None


def test_only_who_asked_can_be_renewed(city):
    with city.begin() as tx:
        for unknown in ("gw-2", "gw-9"):
            with pytest.raises(NotFound):
                tx.certificates.renew(unknown, NOON)
        assert tx.certificates.asked("gw-2") is None


def test_of_two_account_keys_the_first_one_counts(city):
    with city.begin() as tx:
        assert tx.certificates.account_key("https://ca.example") is None
        tx.certificates.add_account_key("https://ca.example", b"first", NOON)
        tx.certificates.add_account_key("https://ca.example", b"second", NOON)
        assert tx.certificates.account_key("https://ca.example") == b"first"
        assert tx.certificates.account_key("https://other.example") is None
