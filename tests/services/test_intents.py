"""Layers of intent on both databases: proposed, approved by one at a time, kept with all their versions."""

import pytest

from tests.builders import NOON, a_site, an_access_point
from tests.fakes.clock import FrozenClock
from wifi_manager.domain.errors import BadInput, Conflict, Forbidden, NotFound
from wifi_manager.domain.intent_layers import LayerState, Scope
from wifi_manager.services.intents import Intents

FLEET = Scope.parse("fleet")
TEXT = 'ntp = ["time.example.net"]\n[management]\nport = "eth1"\n'


@pytest.fixture
def intents(store):
    with store.begin() as tx:
        tx.sites.save([a_site()])
        tx.access_points.save([an_access_point()], tx.sites.numbers())
    return Intents(store, FrozenClock(NOON))


def states(intents, scope=FLEET):
    with intents.store.read() as tx:
        return {each.version: each.state for each in tx.intents.history(scope)}


def test_a_layer_holds_only_once_it_is_approved(intents):
    intents.propose(FLEET, TEXT, "clock", by="somebody")
    point = intents.access_point("AP-0001")
    assert intents.wants().of(point).document == {"hostname": "AP-0001"}
    intents.approve(FLEET, 1, by="somebody else")
    assert intents.wants().of(point).document["management"] == {"port": "eth1"}


def test_a_new_version_replaces_the_one_before_and_that_one_stays_readable(intents):
    for number in (1, 2):
        intents.propose(FLEET, f'ntp = ["time{number}.example.net"]', "", by="somebody")
        intents.approve(FLEET, number, by="somebody")
    assert states(intents) == {1: LayerState.REPLACED, 2: LayerState.APPROVED}
    with intents.store.read() as tx:
        assert tx.intents.get(FLEET, 1).text == 'ntp = ["time1.example.net"]'


def test_a_draft_can_be_looked_at_as_if_it_held(intents):
    draft = intents.propose(FLEET, TEXT, "", by="somebody")
    assert intents.wants(draft).of(intents.access_point("AP-0001")).document["ntp"] == ["time.example.net"]
    assert intents.wants().layers == {}


def test_nobody_approves_their_own_where_the_city_wants_two(store, intents):
    strict = Intents(store, FrozenClock(NOON), second_person=True)
    strict.propose(FLEET, TEXT, "", by="somebody")
    with pytest.raises(Forbidden, match="Somebody else"):
        strict.approve(FLEET, 1, by="somebody")
    strict.approve(FLEET, 1, by="somebody else")


def test_what_is_withdrawn_or_decided_cannot_be_approved(intents):
    intents.propose(FLEET, TEXT, "", by="somebody")
    intents.withdraw(FLEET, 1, by="somebody")
    with pytest.raises(Conflict, match="is withdrawn"):
        intents.approve(FLEET, 1, by="somebody")
    with pytest.raises(NotFound, match="no version 7"):
        intents.approve(FLEET, 7, by="somebody")


def test_a_failed_approval_leaves_the_one_in_force(intents):
    intents.propose(FLEET, TEXT, "", by="somebody")
    intents.approve(FLEET, 1, by="somebody")
    with pytest.raises(Conflict):
        intents.approve(FLEET, 1, by="somebody")
    assert states(intents) == {1: LayerState.APPROVED}


@pytest.mark.parametrize("scope", ["site:River district/Nowhere", "ap:AP-9999"])
def test_a_layer_for_nobody_is_refused(intents, scope):
    with pytest.raises(NotFound):
        intents.propose(Scope.parse(scope), TEXT, "", by="somebody")


def test_what_is_no_toml_is_refused_and_not_kept(intents):
    with pytest.raises(BadInput, match="not TOML"):
        intents.propose(FLEET, "ntp = [", "", by="somebody")
    assert states(intents) == {}


def test_keys_lie_sealed_and_every_deed_is_audited(store, intents):
    intents.propose(FLEET, '[[networks]]\nname = "a"\nkey = "do-not-show-me"\n', "why", by="somebody")
    intents.approve(FLEET, 1, by="somebody")
    with store.read() as tx:
        sealed = tx.connection.exec_driver_sql("SELECT text_sealed FROM intent_layer").scalar_one()
        entries = [(each.action, each.subject, each.after) for each in tx.audit.newest(2)]
    assert b"do-not-show-me" not in bytes(sealed)
    assert entries == [
        ("approved", "fleet version 1", {"reason": "why"}),
        ("proposed", "fleet version 1", {"reason": "why"}),
    ]
