"""Secrets that layers name: kept sealed on both databases, in the trail without their value, put in when it is planned."""

import pytest
import sqlalchemy as sa

from tests.builders import NOON, a_site, an_access_point
from tests.fakes.clock import FrozenClock
from wifi_manager.domain.errors import BadInput, Conflict, NotFound
from wifi_manager.domain.intent_layers import Scope
from wifi_manager.services.intent_secrets import IntentSecrets
from wifi_manager.services.intents import Intents
from wifi_manager.storage.rows.intents import intent_secret

FLEET = Scope.parse("fleet")
TEXT = """[[radios]]
name = "a"
band = "2.4"
country = "KR"
channel = [1, 6]
[[networks]]
name = "staff"
key = { stored = "staff" }
"""


@pytest.fixture
def secrets(store):
    with store.begin() as tx:
        tx.sites.save([a_site()])
        tx.access_points.save([an_access_point(), an_access_point("AP-0002")], tx.sites.numbers())
    return IntentSecrets(store, FrozenClock(NOON))


@pytest.fixture
def intents(store, secrets):
    made = Intents(store, FrozenClock(NOON))
    made.propose(FLEET, TEXT, "", by="somebody")
    return made


def test_a_secret_is_put_in_where_a_layer_names_it_and_another_value_of_it_too(secrets, intents):
    intents.approve(FLEET, 1, by="somebody")
    for value in ("the-first-one", "the-second-one"):
        secrets.put("staff", value, by="somebody")
        wanted = intents.wants().of(intents.access_point("AP-0001"))
        assert wanted.document["networks"][0]["key"] == value
    assert secrets.names() == [("staff", "somebody", NOON)]


def test_a_site_shares_its_channels_out(intents):
    intents.approve(FLEET, 1, by="somebody")
    chosen = [
        intents.wants().of(intents.access_point(name)).document["radios"][0]["channel"]
        for name in ("AP-0001", "AP-0002")
    ]
    assert chosen == [1, 6]


def test_the_database_holds_it_sealed_and_the_trail_holds_no_value(store, secrets):
    secrets.put("staff", "the-first-one", by="somebody")
    secrets.put("staff", "the-second-one", by="somebody")
    secrets.remove("staff", by="somebody else")
    with store.read() as tx:
        said = [(entry.actor, entry.action, entry.subject) for entry in tx.audit.newest(3)]
        assert "the-" not in repr(tx.audit.newest(3))
    assert said[::-1] == [
        ("somebody", "added", "staff"), ("somebody", "changed", "staff"), ("somebody else", "removed", "staff"),
    ]  # fmt: skip
    secrets.put("staff", "the-third-one", by="somebody")
    with store.read() as tx:
        assert b"the-third-one" not in tx.connection.execute(sa.select(intent_secret.c.value_sealed)).scalar_one()


def test_a_secret_that_a_layer_asks_for_is_not_forgotten(secrets, intents):
    secrets.put("staff", "the-first-one", by="somebody")
    with pytest.raises(Conflict, match="Version 1 of fleet asks for 'staff'"):
        secrets.remove("staff", by="somebody")
    intents.withdraw(FLEET, 1, by="somebody")
    secrets.remove("staff", by="somebody")
    with pytest.raises(NotFound, match="secret list"):
        secrets.remove("staff", by="somebody")


def test_what_cannot_be_a_secret_is_refused(secrets):
    with pytest.raises(BadInput, match="small letters"):
        secrets.put("A B", "value", by="somebody")


def test_an_intent_for_one_access_point_may_name_secrets_too(secrets, intents):
    secrets.put("staff", "the-first-one", by="somebody")
    assert "the-first-one" in intents.with_secrets(TEXT)
    assert intents.with_secrets('hostname = "a"  # as it is') == 'hostname = "a"  # as it is'
