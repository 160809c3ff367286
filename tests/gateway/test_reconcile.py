import dataclasses
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.conftest import NOW, device, grant
from wifi_manager.domain.grants import Usage
from wifi_manager.gateway.netfilter.elements import Quota, Verb
from wifi_manager.gateway.passing.passages import number_key, passage_for
from wifi_manager.gateway.passing.reconcile import Seen, effective, plan


def seen(*grants):
    return Seen({each.number: passage_for(each, each.expires_at - NOW) for each in grants})


def test_what_is_as_wanted_is_left_alone():
    grants = [grant(1), grant(2, down_bps=8_000_000, volume_bytes=10**9)]

    assert plan(grants, seen(*grants), NOW, {}).is_empty


def test_an_end_that_differs_by_less_than_two_seconds_is_left_alone_and_more_is_not():
    soon, later = grant(1), grant(1, minutes=61)

    assert plan([soon], seen(soon), NOW + timedelta(seconds=-1.5), {}).is_empty
    assert [change.new.number for change in plan([later], seen(soon), NOW, {}).change] == [1]


def test_an_extended_grant_keeps_its_counters_and_its_connections():
    old = passage_for(grant(1, volume_bytes=1000), timedelta(minutes=60), Usage("visit-1", 70, 30))

    changes = plan([grant(1, minutes=90, volume_bytes=1000)], Seen({1: old}), NOW, {})

    ((change),) = changes.change
    assert (change.new.up_bytes, change.new.down_bytes, change.new.volume) == (70, 30, Quota(1000, 100))
    assert (changes.end, changes.begin, changes.cut()) == ((), (), {})


def test_a_new_visit_of_the_same_device_begins_at_nothing_and_cuts_the_old_ones_connections():
    old = passage_for(grant(1), timedelta(minutes=60), Usage("visit-1", 70, 30))

    changes = plan([grant(1, visit="visit-b")], Seen({1: old}), NOW, {})

    assert [(new.visit, new.up_bytes) for new in changes.begin] == [("visit-b", 0)]
    assert changes.cut() == {1: grant(1).device}


def test_what_a_visit_used_before_a_reboot_goes_on_counting():
    (new,) = plan([grant(1)], Seen(), NOW, {"visit-1": Usage("visit-1", 5, 6)}).begin

    assert new.usage == Usage("visit-1", 5, 6)


def test_of_two_grants_for_one_device_or_one_number_the_later_counts():
    assert effective([grant(1), grant(2, device=device(1))], NOW).keys() == {2}
    assert effective([grant(1), grant(1, device=device(2))], NOW)[1].device == device(2)
    assert effective([grant(1), grant(1, device=device(2)), grant(3, device=device(1))], NOW).keys() == {1, 3}


def test_grants_that_are_over_or_cannot_be_enforced_are_not():
    over, unmarked, nobody = grant(1, minutes=0), grant(0), dataclasses.replace(grant(2), number=2**32 - 1)

    assert effective([over, unmarked, nobody], NOW) == {}


def test_what_ends_stops_before_what_begins_is_made():
    changes = plan([grant(1, visit="b"), grant(2)], seen(grant(1), grant(3)), NOW, {})

    stopped = [(each.element.set, each.verb) for batch in changes.stops() for each in batch]
    made = list(changes.makes())

    assert stopped == [("online", Verb.DESTROY), ("live", Verb.DESTROY)] * 2
    assert {(each.verb, each.element.key) for each in made[0]} == {(Verb.DESTROY, number_key(n)) for n in (1, 3)}
    assert [operation.verb for operation in made[1]] == [Verb.ADD] * 8
    assert len(made) == 2


def test_a_changed_passage_is_changed_in_one_transaction():
    changes = plan([grant(1, down_bps=1_000_000)], seen(grant(1)), NOW, {})

    ((*operations,),) = changes.makes()

    assert list(changes.stops()) == []
    assert [(each.verb, each.element.set) for each in operations] == [
        (Verb.DESTROY, "online"),
        (Verb.DESTROY, "live"),
        (Verb.ADD, "online"),
        (Verb.ADD, "live"),
        (Verb.ADD, "s_rate_dn"),
    ]


GRANTS = st.lists(
    st.builds(
        grant,
        st.integers(1, 6),
        st.sampled_from([0, 30, 60]),
        visit=st.sampled_from("abc"),
        device=st.integers(1, 6).map(device),
    ),
    max_size=8,
)


@given(GRANTS, GRANTS)
def test_after_a_plan_exactly_the_effective_grants_pass_whatever_passed_before(before, wanted):
    present = seen(*effective(before, NOW).values())

    changes = plan(wanted, present, NOW, {})

    after = {number: passage for number, passage in present.passages.items() if passage not in changes.end}
    after.update({passage.number: passage for passage in changes.begin})
    after.update({change.new.number: change.new for change in changes.change})
    expected = effective(wanted, NOW)
    assert after.keys() == expected.keys()
    assert all(after[number].serves(each) for number, each in expected.items())
    assert len({passage.device for passage in after.values()}) == len(after)
