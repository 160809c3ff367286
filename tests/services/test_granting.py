"""Granting on both databases: what a gateway is told, and what its report changes."""

from datetime import timedelta

import pytest

from tests.builders import a_plan, a_visit
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.errors import NotFound
from wifi_manager.domain.grants import Usage
from wifi_manager.domain.visits import EndReason
from wifi_manager.services.granting import Granting, ReportOutcome
from wifi_manager.wire.reports import Report

PHONE = MacAddress.parse("02:00:5e:10:00:01")


@pytest.fixture
def granting(store, clock):
    with store.begin() as tx:
        tx.plans.save(a_plan(volume_bytes=1000))
        for name in ("gw-1", "gw-2"):
            tx.gateways.add(name, None, name.encode(), clock.now())
    return Granting(store, clock)


@pytest.fixture
def visit(store, clock, granting):
    now = clock.now()
    with store.begin() as tx:
        visit = a_visit(
            number=tx.visits.device_number(PHONE, now),
            site=None,
            plan=a_plan(volume_bytes=1000),
            opened_at=now,
            expires_at=now + timedelta(hours=1),
        )
        tx.visits.add(visit)
        tx.gateways.bump("gw-1")
    return visit


def test_a_gateway_is_told_its_running_visits_with_the_citys_time(granting, visit, clock):
    answer = granting.grants_for("gw-1")
    assert (answer.revision, answer.grants, answer.now) == (2, (visit.grant(),), clock.now())
    assert granting.grants_for("gw-2").grants == ()
    clock.advance(timedelta(hours=1))
    assert granting.grants_for("gw-1").grants == ()


def test_any_change_changes_the_mark_that_polls_watch(granting, store):
    marks = {granting.revision_mark()}
    for name in ("gw-1", "gw-2", "gw-1"):
        with store.begin() as tx:
            tx.gateways.bump(name)
        marks.add(granting.revision_mark())
    assert len(marks) == 4
    assert granting.revisions() == {"gw-1": 3, "gw-2": 2}
    assert granting.revision("gw-1") == 3


def test_an_acknowledgement_of_what_was_never_wanted_does_not_count(granting, visit, store, clock):
    assert granting.report("gw-1", Report(9, (Usage(visit.public_id, 1, 2),))) is ReportOutcome.AHEAD
    with store.read() as tx:
        gateway = tx.gateways.get("gw-1")
        assert (gateway.acknowledged, gateway.last_contact_at) == (0, clock.now())
        assert tx.visits.get(visit.public_id).down_bytes == 2, "what passed has passed"
    assert granting.report("gw-1", Report(2, ())) is ReportOutcome.ACKNOWLEDGED
    with store.read() as tx:
        assert tx.gateways.acknowledged("gw-1") == 2


def test_a_used_up_volume_ends_the_visit_once(granting, visit, store):
    used = Usage(visit.public_id, 400, 600)
    granting.report("gw-2", Report(1, (used,)))
    assert granting.revisions() == {"gw-1": 2, "gw-2": 1}, "another gateway cannot end it"
    granting.report("gw-1", Report(2, (used,)))
    granting.report("gw-1", Report(2, (used,)))
    assert granting.revisions() == {"gw-1": 3, "gw-2": 1}
    with store.read() as tx:
        ended = tx.visits.get(visit.public_id)
    assert (ended.end_reason, ended.asker) == (EndReason.VOLUME_USED, None)


def test_a_plan_without_a_volume_never_ends_a_visit(granting, visit, store):
    with store.begin() as tx:
        tx.plans.save(a_plan(volume_bytes=None))
    granting.report("gw-1", Report(2, (Usage(visit.public_id, 10**15, 10**15),)))
    assert granting.revision("gw-1") == 2


def test_an_unknown_gateway_is_named(granting):
    for ask in (granting.revision, granting.grants_for, lambda name: granting.report(name, Report(1, ()))):
        with pytest.raises(NotFound, match="gw-9"):
            ask("gw-9")
