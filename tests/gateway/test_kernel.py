from datetime import timedelta

import pytest

from tests.gateway.conftest import NOW, grant
from wifi_manager.domain.grants import Usage
from wifi_manager.gateway.netfilter.elements import Element, Operation, Verb
from wifi_manager.gateway.passing.passages import number_key

pytestmark = pytest.mark.root


def passing(kernel):
    return {passage.visit for passage in kernel.seen().passages.values()}


def test_exactly_the_granted_pass_sign_in_by_sign_in(kernel):
    for grants in ([grant(1)], [grant(1), grant(2)], [grant(2)], []):
        kernel.enforce(grants, NOW, {})

        assert passing(kernel) == {each.visit for each in grants}
        assert kernel.seen().strays == ()


def test_a_plan_with_rates_and_a_volume_is_read_back_as_it_was_granted(kernel):
    wanted = grant(1, down_bps=10_000_000, up_bps=2_000_000, volume_bytes=5_000_000_000)

    kernel.enforce([wanted], NOW, {})

    passage = kernel.passage(wanted.device, wanted.address)
    assert passage.serves(wanted)
    assert timedelta(minutes=59) < passage.left <= timedelta(minutes=60)


def test_an_address_that_moves_to_another_phone_takes_one_call(kernel):
    kernel.enforce([grant(1, last=9)], NOW, {})

    kernel.enforce([grant(1, last=9), grant(2, last=9)], NOW, {})

    assert passing(kernel) == {"visit-2"}
    assert kernel.seen().strays == ()


def test_a_phone_that_changes_its_address_leaves_nothing_behind(kernel):
    kernel.enforce([grant(1, last=9)], NOW, {})

    kernel.enforce([grant(1, last=10)], NOW, {})

    assert kernel.passage(grant(1).device, grant(1, last=9).address) is None
    assert kernel.seen().strays == ()


def test_reconciling_removes_what_nobody_granted_and_mends_what_was_broken(kernel, table):
    kernel.enforce([grant(1), grant(2)], NOW, {})
    table.apply(
        [
            Operation(Verb.ADD, Element("s_up", number_key(99), None, 60_000)),
            Operation(Verb.ADD, Element("dn4", bytes([10, 99, 8, 99]), number_key(99), 60_000)),
            Operation(Verb.DELETE, Element("s_dn", number_key(2))),
        ]
    )

    kernel.reconcile([grant(1), grant(2)], NOW, {})

    assert passing(kernel) == {"visit-1", "visit-2"}
    assert kernel.seen().strays == ()


def test_a_restarted_agent_finds_visits_and_usage_in_the_kernel(kernel):
    kernel.enforce([grant(1)], NOW, {"visit-1": Usage("visit-1", 11, 22)})

    assert kernel.reconcile([grant(1)], NOW, {}).is_empty
    assert kernel.usage() == (Usage("visit-1", 11, 22),)


def test_usage_goes_on_when_a_visit_is_extended_and_begins_anew_with_a_new_visit(kernel):
    kernel.enforce([grant(1)], NOW, {"visit-1": Usage("visit-1", 11, 22)})

    kernel.enforce([grant(1, minutes=90, volume_bytes=100)], NOW, {})
    assert kernel.usage() == (Usage("visit-1", 11, 22),)
    assert kernel.passage(grant(1).device, grant(1).address).quota_bytes == 33

    kernel.enforce([grant(1, visit="again")], NOW, {})
    assert kernel.usage() == (Usage("again", 0, 0),)


def test_a_thousand_are_restored_and_read_back_without_one_lost(kernel):
    grants = [grant(number) for number in range(1, 1201)]

    kernel.reconcile(grants, NOW, {})

    assert passing(kernel) == {each.visit for each in grants}
    assert kernel.enforce(grants, NOW, {}).is_empty
