"""Enrolment on both databases: a token works once and for a day, and every step is in the audit trail."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.builders import A_CITY, A_MASTER_KEY, a_site
from wifi_manager.domain.errors import BadInput, Conflict, Forbidden, NotFound
from wifi_manager.domain.gateways import GatewayKeys
from wifi_manager.services.enrolment import TOKEN_LIFETIME, Enrolment, fingerprint
from wifi_manager.storage.vault import TICKET_KEY_PURPOSE, Vault

VAULT = Vault(A_MASTER_KEY, A_CITY.slug)
KEYS = GatewayKeys(b"p" * 32, b"t" * 32)


@pytest.fixture
def enrolment(store, clock):
    return Enrolment(store, VAULT, clock)


def test_a_gateway_brings_its_keys_and_its_token_is_used_up(enrolment, store):
    token = enrolment.add("gw-1", None, "command line")
    assert enrolment.public_key("gw-1") is None
    assert enrolment.enrol(token, KEYS) == "gw-1"
    assert enrolment.public_key("gw-1") == KEYS.public_key
    with store.read() as tx:
        assert VAULT.unseal(TICKET_KEY_PURPOSE, tx.gateways.keys("gw-1").ticket_key_sealed) == KEYS.ticket_key
    with pytest.raises(Forbidden, match="gateway token"):
        enrolment.enrol(token, KEYS)


def test_a_token_lasts_a_day(enrolment, clock):
    token = enrolment.add("gw-1", None, "command line")
    clock.advance(TOKEN_LIFETIME)
    with pytest.raises(Forbidden):
        enrolment.enrol(token, KEYS)
    assert enrolment.enrol(enrolment.renew_token("gw-1", "command line"), KEYS) == "gw-1"


def test_a_new_box_takes_over_and_has_acknowledged_nothing(enrolment, store, clock):
    enrolment.enrol(enrolment.add("gw-1", None, "command line"), KEYS)
    with store.begin() as tx:
        tx.gateways.acknowledge("gw-1", 1, clock.now())
    token = enrolment.renew_token("gw-1", "command line")
    assert enrolment.public_key("gw-1") == KEYS.public_key, "the old box works until the new one is there"
    enrolment.enrol(token, GatewayKeys(b"q" * 32, b"u" * 32))
    assert enrolment.public_key("gw-1") == b"q" * 32
    with store.read() as tx:
        assert tx.gateways.acknowledged(["gw-1"]) == {"gw-1": 0}


def test_a_gateway_stands_at_a_site_that_exists(enrolment, store):
    with store.begin() as tx:
        tx.sites.save([a_site()])
    enrolment.add("gw-1", a_site().key, "command line")
    assert [gateway.site for gateway in enrolment.gateways()] == [a_site().key]
    with pytest.raises(NotFound, match="Nowhere"):
        enrolment.add("gw-2", ("River district", "Nowhere"), "command line")
    with pytest.raises(BadInput, match="district"):
        enrolment.add("gw-2", ("", "Willow park"), "command line")


@pytest.mark.parametrize("name", ["", "two words", "-h", "a" * 64, "g\nw", "한강"])
def test_a_name_that_fits_into_no_header_is_refused(enrolment, name):
    with pytest.raises(BadInput, match="called"):
        enrolment.add(name, None, "command line")


def test_a_name_is_given_once_and_an_unknown_one_gets_no_token(enrolment):
    enrolment.add("gw-1", None, "command line")
    with pytest.raises(Conflict, match="gateway token"):
        enrolment.add("gw-1", None, "command line")
    with pytest.raises(NotFound, match="gw-9"):
        enrolment.renew_token("gw-9", "command line")


def test_the_trail_says_who_did_what_and_no_secret_lies_anywhere(enrolment, store, engine, clock):
    token = enrolment.add("gw-1", None, "command line")
    enrolment.renew_token("gw-1", "command line")
    enrolment.enrol(enrolment.renew_token("gw-1", "command line"), KEYS)
    with store.read() as tx:
        trail = tx.audit.newest(9, noun="gateway")
    assert [(each.actor, each.action) for each in reversed(trail)] == [
        ("command line", "added"),
        ("command line", "gave a token to"),
        ("command line", "gave a token to"),
        ("control", "enrolled"),
    ]
    assert trail[0].after == {"key_fingerprint": fingerprint(KEYS.public_key)}
    with engine.connect() as connection:
        everything = repr(
            [connection.execute(sa.text(f"SELECT * FROM {table}")).all() for table in ("gateway", "audit")]
        )
    assert token not in everything
    assert repr(KEYS.ticket_key)[2:-1] not in everything
    assert "ticket" not in repr(KEYS)
    assert clock.now() + timedelta(0) == trail[0].at
