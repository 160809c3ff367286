import dataclasses
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.conftest import NOW, grant
from wifi_manager.domain.grants import Usage
from wifi_manager.gateway.netfilter.elements import Verb
from wifi_manager.gateway.passing.passages import passage_for
from wifi_manager.gateway.passing.reconcile import Seen, effective, plan


def seen(*grants):
    return Seen({each.number: passage_for(each, each.expires_at - NOW) for each in grants})


def test_what_is_as_wanted_is_left_alone():
    grants = [grant(1), grant(2, down_bps=8_000_000, volume_bytes=10**9)]

    assert plan(grants, seen(*grants), NOW, {}).is_empty


def test_an_end_that_differs_by_less_than_two_seconds_is_left_alone_and_more_is_not():
    soon, later = grant(1), grant(1, minutes=61)

    assert plan([soon], seen(soon), NOW + timedelta(seconds=-1.5), {}).is_empty
    assert [passage.number for passage in plan([later], seen(soon), NOW, {}).begin] == [1]


def test_an_extended_grant_keeps_its_counters_and_its_connections():
    old = passage_for(grant(1, volume_bytes=1000), timedelta(minutes=60), Usage("visit-1", 70, 30))

    changes = plan([grant(1, minutes=90, volume_bytes=1000)], Seen({1: old}), NOW, {})

    (new,) = changes.begin
    assert (new.up_bytes, new.down_bytes, new.quota_bytes) == (70, 30, 100)
    assert changes.cut() == {}
    assert changes.addresses_opened() == set()


def test_a_new_visit_of_the_same_device_begins_at_nothing_and_cuts_the_old_ones_connections():
    old = passage_for(grant(1), timedelta(minutes=60), Usage("visit-1", 70, 30))

    changes = plan([grant(1, visit="visit-b")], Seen({1: old}), NOW, {})

    assert [(new.visit, new.up_bytes) for new in changes.begin] == [("visit-b", 0)]
    assert changes.cut() == {1: grant(1).device}


def test_what_a_visit_used_before_a_reboot_goes_on_counting():
    (new,) = plan([grant(1)], Seen(), NOW, {"visit-1": Usage("visit-1", 5, 6)}).begin

    assert new.usage == Usage("visit-1", 5, 6)


def test_an_address_lent_to_another_phone_ends_the_first_phones_grant():
    assert effective([grant(1, last=9), grant(2, last=9)], NOW).keys() == {2}
    assert effective([grant(1, last=9), grant(2, last=9), grant(1, last=10)], NOW).keys() == {1, 2}


def test_grants_that_are_over_or_cannot_be_enforced_are_not():
    over, nobody, too_large = grant(1, minutes=0), grant(0), dataclasses.replace(grant(2), number=2**32)

    assert effective([over, nobody, too_large], NOW) == {}


def test_a_changed_passage_is_removed_and_made_in_one_transaction():
    changes = plan([grant(1, down_bps=1_000_000), grant(2)], seen(grant(1), grant(3)), NOW, {})

    batches = list(changes.batches())

    gone = {(operation.element.set, operation.verb) for operation in batches[0]}
    assert gone == {
        (name, Verb.DESTROY) for name in ("up4", "dn4", "s_up", "s_dn", "s_quota", "s_rate_up", "s_rate_dn")
    }
    assert [operation.verb for operation in batches[1]].count(Verb.ADD) == 9
    assert len(batches) == 2


GRANTS = st.lists(
    st.builds(
        grant, st.integers(1, 6), st.integers(1, 6), st.sampled_from([0, 30, 60]), visit=st.sampled_from("abc")
    ),
    max_size=8,
)


@given(GRANTS, GRANTS)
def test_after_a_plan_exactly_the_effective_grants_pass_whatever_passed_before(before, wanted):
    present = seen(*effective(before, NOW).values())

    changes = plan(wanted, present, NOW, {})

    after = {number: passage for number, passage in present.passages.items() if passage not in changes.end}
    after.update({passage.number: passage for passage in changes.begin})
    expected = effective(wanted, NOW)
    assert after.keys() == expected.keys()
    assert all(after[number].serves(each) for number, each in expected.items())
    assert len({passage.address for passage in after.values()}) == len(after)
