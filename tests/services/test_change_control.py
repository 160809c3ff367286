"""Changes of access points: nothing without approval, every step in the audit trail, one outcome."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import an_access_point
from wifi_manager.domain.access_points import LifeCycle, Management
from wifi_manager.domain.errors import NotFound
from wifi_manager.domain.pushes import PushState
from wifi_manager.services.change_control import ChangeControl, Reach

REACH = Reach(Management("10.4.0.2", 22, "root", "SHA256:abc"), "PRIVATE KEY", "openwrt")


@pytest.fixture
def changes(store, clock):
    """Change control over one enrolled access point."""
    point = an_access_point("AP-1")
    with store.begin() as tx:
        tx.sites.save([point.site])
        tx.access_points.save([point], tx.sites.numbers())
    control = ChangeControl(store, clock)
    control.enrol("AP-1", "openwrt", REACH, by="dispatcher")
    return control


def running(changes):
    push = changes.propose("AP-1", "intent", "d1", by="dispatcher")
    changes.approve(push.number, by="second person")
    return changes.claim("worker-1")


def state_of(changes, push):
    with changes.store.read() as tx:
        return tx.pushes.get(push.number).state


def test_enrolling_pins_the_key_and_makes_it_managed(changes):
    assert changes.reach("AP-1") == REACH
    with changes.store.read() as tx:
        assert tx.access_points.get("AP-1").life_cycle is LifeCycle.MANAGED
        trail = repr(tx.audit.newest(9))
    assert "SHA256:abc" in trail
    assert "PRIVATE KEY" not in trail
    assert "PRIVATE KEY" not in repr(changes.reach("AP-1"))


def test_one_that_is_not_enrolled_says_how_to_enrol(changes):
    with pytest.raises(NotFound, match="provision enrol"):
        changes.reach("AP-9")


def test_every_step_is_in_the_audit_trail(changes):
    push = running(changes)
    changes.finish(push, "worker-1", PushState.COMMITTED)
    with changes.store.read() as tx:
        steps = [(entry.actor, entry.action) for entry in tx.audit.newest(9, noun="push")]
    assert steps == [
        ("provision worker", "committed"),
        ("second person", "approved"),
        ("dispatcher", "proposed"),
    ]


def test_a_committed_push_becomes_what_should_run_and_moves_the_address(changes):
    assert changes.finish(running(changes), "worker-1", PushState.COMMITTED, host="10.4.0.9")
    with changes.store.read() as tx:
        assert (tx.pushes.wanted("AP-1").intent, tx.pushes.wanted("AP-1").digest) == ("intent", "d1")
    assert changes.reach("AP-1").management == replace(REACH.management, host="10.4.0.9")


def test_an_undone_push_changes_nothing_that_should_run(changes):
    push = running(changes)
    assert changes.finish(push, "worker-1", PushState.UNDONE, reason="timeout", host="10.4.0.9")
    assert state_of(changes, push) is PushState.UNDONE
    with changes.store.read() as tx:
        assert tx.pushes.wanted("AP-1") is None
    assert changes.reach("AP-1") == REACH


def test_a_worker_that_was_replaced_has_no_say(changes, clock):
    push = running(changes)
    clock.advance(changes.silence + timedelta(seconds=1))
    assert changes.claim("worker-2").number == push.number
    assert not changes.heartbeat(push, "worker-1")
    assert not changes.finish(push, "worker-1", PushState.REFUSED)
    assert state_of(changes, push) is PushState.RUNNING


def test_an_unreachable_device_is_tried_again_after_ever_longer_waits(changes, clock):
    push = running(changes)
    for wait in (15, 30, 60, 120):
        changes.postpone(push, "worker-1", "no answer")
        clock.advance(timedelta(seconds=wait - 1))
        assert changes.claim("worker-1") is None
        clock.advance(timedelta(seconds=1))
        push = changes.claim("worker-1")
        assert push is not None


def test_a_cancelled_push_reaches_nobody(changes):
    push = changes.propose("AP-1", "intent", "d1", by="dispatcher")
    changes.cancel(push.number, by="dispatcher")
    assert changes.claim("worker-1") is None
