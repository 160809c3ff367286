"""Granting on both databases: what a gateway is told, and what its report changes."""

import ipaddress
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.builders import a_plan, a_visit, an_asker
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.errors import NotFound, WifiError
from wifi_manager.domain.grants import Arrival, Cause, Ended, Usage
from wifi_manager.domain.passes import PassPolicy
from wifi_manager.domain.visits import EndReason
from wifi_manager.services.granting import Granting, ReportOutcome
from wifi_manager.storage.changes import MOST_CHANGES
from wifi_manager.wire.grants import GrantChanges, GrantList
from wifi_manager.wire.reports import Report

PHONE = MacAddress.parse("02:00:5e:10:00:01")
OTHER_PHONE = MacAddress.parse("02:00:5e:10:00:02")
THIRD_PHONE = MacAddress.parse("02:00:5e:10:00:03")
ADDRESS = ipaddress.ip_address("10.2.0.9")


@pytest.fixture
def granting(store, clock):
    with store.begin() as tx:
        tx.plans.save(a_plan(volume_bytes=1000))
        for name in ("gw-1", "gw-2"):
            tx.gateways.add(name, None, name.encode(), clock.now())
    return Granting(store, clock)


def opened(store, clock, device=PHONE, public_id="v-0001", gateway="gw-1"):
    """What the portal does for a citizen."""
    now = clock.now()
    with store.begin() as tx:
        visit = a_visit(
            public_id=public_id,
            number=tx.visits.device_number(device, now),
            gateway=gateway,
            site=None,
            plan=a_plan(volume_bytes=1000),
            asker=an_asker(gateway=gateway, device=device),
            opened_at=now,
            expires_at=now + timedelta(days=9),
        )
        tx.visits.add(visit)
        tx.changes.note(gateway, [visit.number], now)
    return visit


@pytest.fixture
def visit(store, clock, granting):
    return opened(store, clock)


def revisions(granting):
    found = granting.revisions()
    return found["gw-1"], found["gw-2"]


def test_a_gateway_is_told_its_running_visits_with_the_citys_time(granting, visit, clock):
    answer = granting.answer("gw-1", 0)
    assert answer == GrantList(granting.revision("gw-1"), (visit.grant(),), clock.now())
    assert granting.answer("gw-2", 0).grants == ()
    clock.advance(timedelta(days=9))
    assert granting.answer("gw-1", 0).grants == ()


def test_a_gateway_that_goes_on_is_told_the_news_alone(granting, visit, store, clock):
    base = granting.revision("gw-1")
    assert granting.answer("gw-1", base) == GrantChanges(base, base, (), (), clock.now())
    other = opened(store, clock, OTHER_PHONE, "v-2")
    assert granting.answer("gw-1", base).grants == (other.grant(),)
    with store.begin() as tx:
        tx.visits.end(visit.public_id, clock.now(), EndReason.SIGNED_OUT)
        after = tx.changes.note("gw-1", [visit.number], clock.now())
    told = GrantChanges(base, after, (other.grant(),), (visit.number,), clock.now())
    assert granting.answer("gw-1", base) == told


def test_news_and_the_list_before_make_the_list_of_now(granting, visit, store, clock):
    opened(store, clock, OTHER_PHONE, "v-2", gateway="gw-2")
    before = {gateway: granting.answer(gateway, 0) for gateway in ("gw-1", "gw-2")}
    opened(store, clock, THIRD_PHONE, "v-3")
    granting.report("gw-2", Report(1, (), arrivals=(Arrival(PHONE, ADDRESS, "guests"),)))
    for gateway, known in before.items():
        news = granting.answer(gateway, known.revision)
        assert isinstance(news, GrantChanges)
        now = granting.answer(gateway, 0)
        assert replace(known.after(news), grants=()) == replace(now, grants=())
        assert set(known.after(news).grants) == set(now.grants)


def test_what_this_database_never_told_is_told_whole(granting, visit, store, clock):
    known = granting.revision("gw-1")
    opened(store, clock, OTHER_PHONE, "v-2")
    for base in (0, known - 1, granting.revision("gw-1") + 1):
        assert isinstance(granting.answer("gw-1", base), GrantList)
    assert isinstance(granting.answer("gw-1", known), GrantChanges)


def test_a_backup_of_yesterday_gives_no_revision_a_second_time(granting, visit, store, clock):
    yesterday = granting.revision("gw-1")
    clock.advance(timedelta(days=1))
    with store.begin() as tx:
        lost = tx.changes.note("gw-1", [visit.number], clock.now())
        tx.connection.execute(sa.text("DELETE FROM grant_change WHERE revision = :lost"), {"lost": lost})
        tx.connection.execute(sa.text("UPDATE gateway SET revision = :then WHERE name = 'gw-1'"), {"then": yesterday})
    clock.advance(timedelta(seconds=1))
    assert isinstance(granting.answer("gw-1", lost), GrantList), "before anything changes"
    opened(store, clock, OTHER_PHONE, "v-2")
    assert granting.revision("gw-1") > lost
    assert isinstance(granting.answer("gw-1", lost), GrantList), "and after"


def test_what_every_gateway_has_heard_is_forgotten_and_the_next_news_go_on_from_it(granting, visit, store, clock):
    first = granting.revision("gw-1")
    opened(store, clock, OTHER_PHONE, "v-2")
    heard = granting.revision("gw-1")
    granting.report("gw-1", Report(heard, ()))
    clock.advance(timedelta(minutes=11))
    with store.begin() as tx:
        assert tx.changes.forget(clock.now() - timedelta(minutes=10)) == 1
    third = opened(store, clock, THIRD_PHONE, "v-3")
    assert isinstance(granting.answer("gw-1", first), GrantList)
    assert granting.answer("gw-1", heard).grants == (third.grant(),)
    clock.advance(timedelta(days=2))
    with store.begin() as tx:
        assert tx.changes.forget(clock.now()) == 2, "a gateway that is lost keeps nobody's number here"


def test_more_news_than_fit_are_told_as_the_whole_list(granting, visit, store, clock):
    base = granting.revision("gw-1")
    with store.begin() as tx:
        tx.changes.note("gw-1", range(1, MOST_CHANGES + 1), clock.now())
    assert isinstance(granting.answer("gw-1", base), GrantList)


def test_the_citys_policy_for_passes_comes_with_every_answer(granting, visit):
    policy = PassPolicy(600, 1, 2, 3, 4)
    granting = replace(granting, policy=policy)
    assert granting.answer("gw-1", 0).policy == policy
    assert granting.answer("gw-1", granting.revision("gw-1")).policy == policy


def test_any_change_changes_the_mark_that_polls_watch(granting, store, clock):
    marks = {granting.revision_mark()}
    for name in ("gw-1", "gw-2", "gw-1"):
        with store.begin() as tx:
            tx.changes.note_all(name, clock.now())
        marks.add(granting.revision_mark())
    with store.begin() as tx:
        tx.changes.note_everywhere(1, clock.now())
    marks.add(granting.revision_mark())
    assert len(marks) == 5


def test_an_acknowledgement_of_what_was_never_wanted_does_not_count(granting, visit, store, clock):
    known = granting.revision("gw-1")
    assert granting.report("gw-1", Report(known + 9, (Usage(visit.public_id, 1, 2),))) is ReportOutcome.AHEAD
    with store.read() as tx:
        gateway = tx.gateways.get("gw-1")
        assert (gateway.acknowledged, gateway.last_contact_at) == (0, clock.now())
        assert tx.visits.get(visit.public_id).down_bytes == 2, "what passed has passed"
    assert granting.report("gw-1", Report(known, ())) is ReportOutcome.ACKNOWLEDGED
    with store.read() as tx:
        assert tx.gateways.acknowledged(["gw-1"]) == {"gw-1": known}


def test_a_used_up_volume_ends_the_visit_once(granting, visit, store):
    used, (here, there) = Usage(visit.public_id, 400, 600), revisions(granting)
    granting.report("gw-2", Report(1, (used,)))
    assert revisions(granting) == (here, there), "another gateway cannot end it"
    granting.report("gw-1", Report(here, (used,)))
    after = granting.revision("gw-1")
    assert after > here
    granting.report("gw-1", Report(here, (used,)))
    assert revisions(granting) == (after, there)
    with store.read() as tx:
        ended = tx.visits.get(visit.public_id)
    assert (ended.end_reason, ended.asker) == (EndReason.VOLUME_USED, None)


@pytest.mark.parametrize(
    ("limits", "over"),
    [
        ({"up_volume_bytes": 500}, (500, 1)),
        ({"down_volume_bytes": 500}, (1, 500)),
        ({"up_volume_bytes": 500, "down_volume_bytes": 500, "volume_bytes": 999}, (499, 500)),
    ],
)
def test_a_volume_may_be_limited_up_and_down_apart(granting, visit, store, limits, over):
    with store.begin() as tx:
        tx.plans.save(a_plan(**limits))
    granting.report("gw-1", Report(1, (Usage(visit.public_id, 499, 499),)))
    with store.read() as tx:
        assert tx.visits.get(visit.public_id).end_reason is None
    granting.report("gw-1", Report(1, (Usage(visit.public_id, *over),)))
    with store.read() as tx:
        assert tx.visits.get(visit.public_id).end_reason is EndReason.VOLUME_USED


def test_a_plan_without_a_volume_never_ends_a_visit(granting, visit, store):
    with store.begin() as tx:
        tx.plans.save(a_plan(volume_bytes=None))
    before = granting.revision("gw-1")
    granting.report("gw-1", Report(2, (Usage(visit.public_id, 10**15, 10**15),)))
    assert granting.revision("gw-1") == before


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (Cause.IDLE, EndReason.IDLE),
        (Cause.VOLUME, EndReason.VOLUME_USED),
        (Cause.COPIED, EndReason.COPIED),
    ],
)
def test_a_visit_that_its_gateway_let_go_ends_for_the_reason_that_it_gives(granting, visit, store, cause, reason):
    base, ended = granting.revision("gw-1"), (Ended(visit.public_id, cause),)
    granting.report("gw-2", Report(1, (), ended))
    granting.report("gw-1", Report(1, (), (Ended("nobody", cause), *ended)))
    granting.report("gw-1", Report(1, (), ended))
    with store.read() as tx:
        found = tx.visits.get(visit.public_id)
    assert (found.end_reason, found.asker) == (reason, None)
    assert granting.answer("gw-1", base).gone == (visit.number,)


def arrive(granting, gateway, device=PHONE, address=ADDRESS, network="guests"):
    granting.report(gateway, Report(1, (), arrivals=(Arrival(device, address, network),)))


def test_a_device_that_comes_to_another_gateway_takes_its_visit_along_and_both_hear_of_it(granting, visit, store):
    here = granting.revision("gw-1")
    arrive(granting, "gw-2")
    with store.read() as tx:
        moved = tx.visits.get(visit.public_id)
    assert (moved.gateway, moved.asker.address, moved.plan) == ("gw-2", ADDRESS, visit.plan)
    assert granting.answer("gw-1", here).gone == (visit.number,)
    assert granting.answer("gw-2", 0).grants == (moved.grant(),)


def test_a_device_that_comes_back_soon_takes_its_visit_along_again(granting, visit, store):
    there = an_asker().address
    for gateway, address in (("gw-2", ADDRESS), ("gw-1", there), ("gw-2", ADDRESS), ("gw-1", there)):
        before = granting.revision(gateway)
        arrive(granting, gateway, address=address)
        assert granting.revision(gateway) > before
        assert [grant.address for grant in granting.answer(gateway, 0).grants] == [address]


def test_an_arrival_changes_nothing_for_strangers_and_for_who_is_here_already(granting, visit):
    before = revisions(granting)
    arrive(granting, "gw-1", address=an_asker().address)
    arrive(granting, "gw-2", device=OTHER_PHONE)
    assert revisions(granting) == before


def test_passes_that_a_gateway_gave_by_itself_stand_in_the_audit_trail(granting, store):
    granting.report("gw-1", Report(1, (), passes=3))
    granting.report("gw-1", Report(1, ()))
    with store.read() as tx:
        trail = tx.audit.newest(9, noun="passes")
    assert [(each.actor, each.action, each.subject, each.after) for each in trail] == [
        ("gateway gw-1", "gave", "gw-1", {"passes": 3})
    ]


def test_an_unknown_gateway_is_named(granting):
    for ask in (
        granting.revision,
        lambda name: granting.answer(name, 0),
        lambda name: granting.report(name, Report(1, ())),
    ):
        with pytest.raises(NotFound, match="gw-9"):
            ask("gw-9")


def test_phones_that_swap_gateways_while_these_report_get_in_nobodys_way(granting, store, clock):
    """Reports, arrivals and ends lock rows of the same visits and gateways: in one order, or one of them is refused."""
    phones = [MacAddress(bytes([2, 0, 0, 0, 1, n])) for n in range(4)]
    visits = [opened(store, clock, phone, f"swap-{n}", f"gw-{n % 2 + 1}") for n, phone in enumerate(phones)]
    together, problems = threading.Barrier(len(phones)), []

    def wander(n):
        together.wait(20)
        try:
            for step in range(12):
                gateway = f"gw-{(n + step) % 2 + 1}"
                arrive(granting, gateway, device=phones[n])
                counted = (Usage(each.public_id, step, step) for each in visits)
                ended = (Ended(visits[n].public_id, Cause.IDLE),) if step == 11 else ()
                granting.report(gateway, Report(1, tuple(counted), ended))
        except WifiError as problem:
            problems.append(problem)

    threads = [threading.Thread(target=wander, args=[n]) for n in range(len(phones))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
