"""Lawful requests on both databases: two people, one case, what the law keeps and not a record more."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.builders import A_CITY, A_MASTER_KEY, NOON, a_legal_profile, a_plan
from tests.fakes.clock import FrozenClock
from tests.fakes.gateway import OTHER_PHONE, PHONE, SimulatedGateway
from wifi_manager.domain.errors import BadInput, Conflict, Forbidden, NotFound
from wifi_manager.domain.lawful import Scope
from wifi_manager.domain.operators import Operator, Role
from wifi_manager.domain.visits import Consent
from wifi_manager.services.admission import Admission
from wifi_manager.services.lawful import Lawful
from wifi_manager.storage.vault import Vault

ASKER, CHIEF = Operator("asker", Role.OPERATOR), Operator("chief", Role.ADMIN)
OTHER, VIEWER = Operator("other", Role.ADMIN), Operator("viewer", Role.VIEWER)
DAY = timedelta(days=1)
SCOPE = Scope(NOON - DAY, NOON + DAY, PHONE)
PROFILE = a_legal_profile("seoul")


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def city(store, clock):
    vault = Vault(A_MASTER_KEY, A_CITY.slug)
    with store.begin() as tx:
        tx.plans.save(a_plan())
    SimulatedGateway(store, "gw-1").enrol(vault)
    return Admission(store, vault, clock, held=PROFILE.held)


@pytest.fixture
def lawful(city, clock):
    return Lawful(city.store, city.vault, clock, PROFILE)


def ticket(city, device=PHONE):
    return city.asking(SimulatedGateway(city.store, "gw-1").ticket(city.clock.now(), device))


def stays(city, device=PHONE):
    visit = city.accept(ticket(city, device), Consent("2026-11", "ko")).visit
    city.sign_out(ticket(city, device))
    return visit.public_id


def given_out(lawful, scope):
    number = lawful.request(ASKER, "2026-4711", scope)
    lawful.approve(CHIEF, number)
    body, seal = lawful.export(ASKER, number).rstrip("\n").rsplit("\n", 1)
    assert seal.startswith("Seal: ")
    return json.loads(body)


def test_d5_nothing_leaves_before_another_admin_has_approved(lawful):
    number = lawful.request(CHIEF, "2026-4711", SCOPE)
    with pytest.raises(Forbidden, match="not approved"):
        lawful.export(CHIEF, number)
    with pytest.raises(Forbidden, match="Whoever asked"):
        lawful.approve(CHIEF, number)
    with pytest.raises(Forbidden, match="not enough"):
        lawful.approve(ASKER, number)
    lawful.approve(OTHER, number)
    with pytest.raises(Conflict, match="by other before"):
        lawful.approve(OTHER, number)
    with pytest.raises(Forbidden, match="who asked for it or approved"):
        lawful.export(ASKER, number)
    assert lawful.export(CHIEF, number)


@pytest.mark.parametrize(
    "scope",
    [
        replace(SCOPE, device=None),
        replace(SCOPE, gateway="gw-1"),
        replace(SCOPE, ends=SCOPE.begins),
    ],
)
def test_a_request_for_everything_or_nothing_is_refused(lawful, scope):
    with pytest.raises(BadInput):
        lawful.request(ASKER, "2026-4711", scope)


@pytest.mark.parametrize("case", ["", " ", "x" * 81, "a\nb"])
def test_a_request_needs_a_case_number(lawful, case):
    with pytest.raises(BadInput, match="case number"):
        lawful.request(ASKER, case, SCOPE)


def test_a_viewer_asks_for_nothing_and_a_made_up_number_is_none(lawful):
    with pytest.raises(Forbidden):
        lawful.request(VIEWER, "2026-4711", SCOPE)
    with pytest.raises(NotFound):
        lawful.approve(CHIEF, 7)


def test_an_export_has_the_visits_of_its_scope_alone(lawful, city):
    mine, other = stays(city), stays(city, OTHER_PHONE)
    city.clock.advance(2 * DAY)
    later = stays(city)
    assert [each["visit"] for each in given_out(lawful, SCOPE)["visits"]] == [mine]
    assert [each["visit"] for each in given_out(lawful, replace(SCOPE, ends=NOON + 3 * DAY))["visits"]] == [
        mine,
        later,
    ]
    at_gateway = replace(SCOPE, device=None, gateway="gw-1")
    assert [each["visit"] for each in given_out(lawful, at_gateway)["visits"]] == [mine, other]
    one = replace(SCOPE, device=None, visit=other, ends=NOON + 3 * DAY)
    assert [each["visit"] for each in given_out(lawful, one)["visits"]] == [other]


def test_d5_what_the_law_holds_is_found_after_an_erasure_and_not_after_its_time(lawful, city):
    mine = stays(city)
    city.erase(ticket(city))
    with city.store.read() as tx:
        assert tx.visits.device(PHONE) is None
    (found,) = given_out(lawful, SCOPE)["visits"]
    assert (found["visit"], found["gateway"], found["method"]) == (mine, "gw-1", "click_through")
    city.clock.advance(92 * DAY)  # although nobody has tidied yet
    assert given_out(lawful, SCOPE)["visits"] == []


def test_the_trail_says_who_when_and_which_case_and_never_what(lawful, city, engine):
    visit = stays(city)
    given_out(lawful, SCOPE)
    with city.store.read() as tx:
        trail = tx.audit.newest(9, noun="lawful request")
    told = [(each.actor, each.action, each.after) for each in trail[::-1]]
    case = {"case_number": "2026-4711"}
    assert told == [("asker", "asked for", case), ("chief", "approved", case), ("asker", "exported", case)]
    with engine.connect() as connection:
        rows = repr([connection.execute(sa.text(f"SELECT * FROM {t}")).all() for t in ("audit", "lawful_request")])
    for secret in (visit, PHONE.full(), repr(PHONE.octets)[2:-1]):
        assert secret not in rows


def test_a_changed_file_is_told_from_the_exported_one(lawful, city):
    stays(city)
    number = lawful.request(ASKER, "2026-4711", SCOPE)
    lawful.approve(CHIEF, number)
    text = lawful.export(CHIEF, number)
    assert lawful.verify(text)
    assert not lawful.verify(text.replace("gw-1", "gw-2"))
    assert not lawful.verify("")
    assert lawful.all()[0].exported_by == "chief"
