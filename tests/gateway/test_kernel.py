import itertools
import threading
import time
from datetime import datetime, timedelta

import pytest

from tests.gateway.conftest import NOW, device, grant
from tests.lab.namespaces import wait_for
from wifi_manager.domain.blocks import Block
from wifi_manager.domain.grants import Usage
from wifi_manager.domain.openings import Opening
from wifi_manager.gateway.netfilter.elements import Counter, Element, ElementTable, Operation, Quota, Verb
from wifi_manager.gateway.netfilter.netlink import NetfilterSocket
from wifi_manager.gateway.passing.kernel import Kernel
from wifi_manager.gateway.passing.passages import number_key
from wifi_manager.gateway.passing.reconcile import Seen
from wifi_manager.gateway.rules.declarations import TABLE

pytestmark = pytest.mark.root


def passing(kernel):
    return {passage.visit for passage in kernel.seen().passages.values()}


def test_exactly_the_granted_pass_sign_in_by_sign_in(kernel):
    for grants in ([grant(1)], [grant(1), grant(2)], [grant(2)], []):
        kernel.enforce(grants, NOW, {})

        assert passing(kernel) == {each.visit for each in grants}
        assert kernel.seen().strays == ()


STEPS = (  # what is wanted, and whose grants have changed
    ({1: grant(1), 2: grant(2), 3: grant(3)}, {1, 2, 3}),
    ({1: grant(1, minutes=30), 2: grant(2), 4: grant(4)}, {1, 3, 4, 99}),
    ({2: grant(2, visit="visit-22"), 4: grant(4, volume_bytes=5)}, {1, 2, 4}),
    ({2: grant(2, visit="visit-22"), 5: grant(5, device=device(4))}, {4, 5}),
    ({2: grant(2, visit="visit-22"), 5: grant(5, minutes=0)}, {5}),
)


@pytest.mark.parametrize("unknown", [None, *range(len(STEPS))])
def test_changes_make_what_the_whole_list_would_make(kernel, unknown):
    for step, (wanted, numbers) in enumerate(STEPS):
        if step == unknown:
            kernel.reconcile(wanted.values(), NOW, {})  # as after a failure
        kernel.change(wanted, numbers, NOW, {})

        assert passing(kernel) == {each.visit for each in wanted.values() if each.expires_at > NOW}
        assert kernel.reconcile(wanted.values(), NOW, {}).is_empty


def test_changes_leave_what_nobody_changed_alone(kernel):
    kernel.change({1: grant(1), 2: grant(2)}, {1, 2}, NOW, {})

    made = kernel.change({1: grant(1), 2: grant(2), 3: grant(3)}, {3}, NOW, {})

    assert [each.visit for each in made.begin] == ["visit-3"]
    assert (made.end, made.change) == ((), ())
    assert kernel.count(NOW) == 3


def test_a_plan_with_rates_and_a_volume_is_read_back_as_it_was_granted(kernel):
    volumes = {"volume_bytes": 5_000_000_000, "up_volume_bytes": 2_000_000_000, "down_volume_bytes": 4_000_000_000}
    wanted = grant(1, down_bps=10_000_000, up_bps=2_000_000, **volumes)

    kernel.enforce([wanted], NOW, {})

    passage = kernel.passage(wanted.device)
    assert passage.serves(wanted)
    assert timedelta(minutes=59) < passage.left <= timedelta(minutes=60)


def test_a_number_that_moves_to_another_device_leaves_nothing_behind(kernel):
    kernel.enforce([grant(1)], NOW, {})

    kernel.enforce([grant(1, device=device(9), visit="other")], NOW, {})

    assert kernel.passage(device(1)) is None
    assert kernel.passage(device(9)).visit == "other"
    assert kernel.seen().strays == ()


def test_a_device_that_gets_another_number_passes_under_that_alone(kernel):
    kernel.enforce([grant(1)], NOW, {})

    kernel.enforce([grant(2, device=device(1))], NOW, {})

    assert kernel.passage(device(1)).visit == "visit-2"
    assert kernel.seen().passages.keys() == {2}
    assert kernel.seen().strays == ()


def test_reconciling_removes_what_nobody_granted_and_mends_what_was_broken(kernel, table):
    granted = [grant(1), grant(2), grant(3)]
    kernel.enforce(granted, NOW, {})
    table.apply(
        [
            Operation(Verb.ADD, Element("s_up", number_key(99))),
            Operation(Verb.ADD, Element("online", device(99).octets, number_key(99), 60_000)),
            Operation(Verb.ADD, Element("live", number_key(99), None, 60_000)),
            Operation(Verb.DELETE, Element("live", number_key(2))),
            Operation(Verb.DELETE, Element("s_dn", number_key(3))),
        ]
    )

    kernel.reconcile(granted, NOW, {})

    assert passing(kernel) == {"visit-1", "visit-2", "visit-3"}
    assert all(passage.left for passage in kernel.seen().passages.values())
    assert kernel.seen().strays == ()


def test_healing_mends_what_was_broken_and_leaves_alone_what_is_as_it_was_enforced(kernel, table):
    granted = [grant(number) for number in range(1, 6)]
    kernel.enforce(granted, NOW, {"visit-4": Usage("visit-4", 5, 6)})
    assert kernel.heal(NOW, {}).is_empty
    other = device(99).octets
    table.apply(
        [
            Operation(Verb.DELETE, Element("online", device(2).octets)),
            Operation(Verb.DELETE, Element("s_dn", number_key(3))),
            Operation(Verb.ADD, Element("online", other, number_key(4), 60_000)),
            Operation(Verb.ADD, Element("s_quota", number_key(98), None, None, Quota(1))),
        ]
    )

    changes = kernel.heal(NOW, {"visit-3": Usage("visit-3", 7, 8)})

    assert [each.new.number for each in changes.change] == [2]
    assert [passage.usage for passage in changes.begin] == [Usage("visit-3", 7, 8)]
    assert {(each.set, each.key) for each in changes.strays} == {
        *((name, number_key(3)) for name in ("live", "s_up")),
        ("online", device(3).octets),
        ("online", other),
        ("s_quota", number_key(98)),
    }
    assert passing(kernel) == {each.visit for each in granted}
    assert kernel.passage(device(4)).usage == Usage("visit-4", 5, 6)
    assert kernel.seen().strays == ()
    assert kernel.heal(NOW, {}).is_empty


def test_healing_reads_visits_that_are_over_for_the_last_time(kernel):
    kernel.enforce([grant(1), grant(2, minutes=30)], NOW, {"visit-2": Usage("visit-2", 5, 6)})

    changes = kernel.heal(NOW + timedelta(minutes=31), {})

    assert [passage.usage for passage in changes.end] == [Usage("visit-2", 5, 6)]
    assert kernel.enforce([grant(1), grant(2, minutes=30)], NOW + timedelta(minutes=31), {}).is_empty


def test_healing_beside_sign_ins_and_sign_outs_ends_nobody_and_begins_nothing(bare_gateway, table, kernel):
    """A dump is no snapshot: what it misses, and what changes after it, must not count."""
    stays = [grant(number) for number in range(1, 100)]
    stop, start = threading.Event(), time.monotonic()

    def now() -> datetime:
        return NOW + timedelta(seconds=time.monotonic() - start)

    def come_and_go(kernel: Kernel) -> None:
        for first in itertools.count(1000, 7):
            if stop.is_set():
                break
            kernel.enforce([*stays, *(grant(first % 5000 + n) for n in range(10))], now(), {})

    with bare_gateway.call(NetfilterSocket) as sock:
        beside = Kernel(table, ElementTable(sock, TABLE))
        beside.reconcile(stays, NOW, {})
        going = threading.Thread(target=come_and_go, args=(beside,))
        going.start()
        try:
            found = [beside.heal(now(), {}) for _ in range(6)]
        finally:
            stop.set()
            going.join()
        assert [(changes.end, changes.begin, changes.strays) for changes in found] == [((), (), ())] * len(found)
        beside.enforce(stays, NOW, {})
    assert passing(kernel) == {each.visit for each in stays}
    assert kernel.seen().strays == ()


def test_a_restarted_agent_finds_visits_and_usage_in_the_kernel(kernel):
    kernel.enforce([grant(1)], NOW, {"visit-1": Usage("visit-1", 11, 22)})

    assert kernel.reconcile([grant(1)], NOW, {}).is_empty
    assert kernel.usage() == (Usage("visit-1", 11, 22),)


def test_usage_goes_on_when_a_visit_is_extended_and_begins_anew_with_a_new_visit(kernel):
    kernel.enforce([grant(1)], NOW, {"visit-1": Usage("visit-1", 11, 22)})

    kernel.enforce([grant(1, minutes=90, volume_bytes=100)], NOW, {})
    assert kernel.usage() == (Usage("visit-1", 11, 22),)
    assert kernel.passage(device(1)).volume == Quota(100, 33)
    assert kernel.passage(device(1)).left > timedelta(minutes=89)

    changes = kernel.enforce([grant(1, visit="again")], NOW, {})
    assert [passage.usage for passage in changes.end] == [Usage("visit-1", 11, 22)]
    assert kernel.usage() == (Usage("again", 0, 0),)


def test_a_visit_that_goes_on_keeps_the_elements_that_count_it(kernel, table):
    """What passes between reading and writing would be lost otherwise."""
    kernel.enforce([grant(1, volume_bytes=1000, down_bps=8000)], NOW, {})
    counted = [Element("s_up", number_key(1), None, None, Counter(500), "visit-1")]
    table.apply([Operation(verb, each) for each in counted for verb in (Verb.DESTROY, Verb.ADD)])  # as if 500 passed

    changes = kernel.enforce([grant(1, minutes=90, volume_bytes=1000, down_bps=16_000)], NOW, {})

    touched = {operation.element.set for batch in changes.makes() for operation in batch}
    assert touched == {"online", "live", "s_rate_dn"}
    assert kernel.usage() == (Usage("visit-1", 500, 0),)


def test_limits_that_are_taken_away_are_gone(kernel):
    kernel.enforce([grant(1, volume_bytes=1000, up_volume_bytes=10, down_bps=8000)], NOW, {})

    kernel.enforce([grant(1)], NOW, {})

    assert kernel.passage(device(1)).serves(grant(1))
    assert kernel.passage(device(1)).bytes_left is None


def test_an_expired_visit_is_counted_until_it_is_read_for_the_last_time(kernel):
    soon = grant(1, minutes=1 / 1000)
    kernel.enforce([soon], NOW, {"visit-1": Usage("visit-1", 7, 8)})
    wait_for("the end of 60 ms", lambda: kernel.passage(device(1)) is None)

    assert kernel.usage() == (Usage("visit-1", 7, 8),)
    changes = kernel.reconcile([soon], NOW + timedelta(seconds=1), {})

    assert [(passage.usage, passage.left) for passage in changes.end] == [(Usage("visit-1", 7, 8), timedelta(0))]
    assert changes.cut() == {1: device(1)}
    assert kernel.usage() == ()
    assert kernel.seen() == Seen()


def test_a_visit_that_is_extended_just_after_its_end_goes_on_counting(kernel):
    kernel.enforce([grant(1, minutes=1 / 1000)], NOW, {"visit-1": Usage("visit-1", 7, 8)})
    wait_for("the end of 60 ms", lambda: kernel.passage(device(1)) is None)

    changes = kernel.enforce([grant(1)], NOW, {})

    assert changes.cut() == {}
    assert kernel.passage(device(1)).usage == Usage("visit-1", 7, 8)


def test_exactly_the_blocked_devices_are_blocked_for_as_long_as_control_says(kernel, table):
    def blocked() -> dict[bytes, int | None]:
        return {key: element.left_ms for key, element in table.dump("blocked").items()}

    kernel.block([Block(device(1)), Block(device(2), NOW + timedelta(minutes=1)), Block(device(3), NOW)], NOW)
    assert blocked().keys() == {device(1).octets, device(2).octets}
    assert blocked()[device(1).octets] is None
    assert 50_000 < blocked()[device(2).octets] <= 60_000

    kernel.block([Block(device(2))], NOW)
    assert blocked() == {device(2).octets: None}
    kernel.block([], NOW)
    assert blocked() == {}


def test_a_thousand_are_restored_and_read_back_without_one_lost(kernel):
    grants = [grant(number) for number in range(1, 1201)]

    kernel.reconcile(grants, NOW, {})

    assert passing(kernel) == {each.visit for each in grants}
    assert kernel.enforce(grants, NOW, {}).is_empty


def test_exactly_the_devices_that_sign_in_with_an_eid_reach_it_for_as_long_as_control_says(kernel, table):
    def opened() -> dict[bytes, int | None]:
        return {key: element.left_ms for key, element in table.dump("eid_devices").items()}

    kernel.open([Opening(device(1), NOW + timedelta(minutes=1)), Opening(device(2), NOW)], NOW)
    assert opened().keys() == {device(1).octets}
    assert 50_000 < opened()[device(1).octets] <= 60_000

    kernel.open([Opening(device(3), NOW + timedelta(minutes=1))], NOW)
    assert opened().keys() == {device(3).octets}
    kernel.open([], NOW)
    assert opened() == {}
