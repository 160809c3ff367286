"""Operators: who gets in, who does not, and what the trail says about it."""

import threading
from datetime import timedelta
from typing import cast

import pytest
from argon2 import PasswordHasher

from wifi_manager.domain.errors import BadInput, Conflict, Forbidden, NotFound, TooManyTries
from wifi_manager.domain.operators import Operator, Role
from wifi_manager.services.staffing import Staffing
from wifi_manager.storage.store import Store

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # kibibytes: tests prove behaviour, not slowness
HOME, ELSEWHERE = "192.0.2.7", "198.51.100.9"


@pytest.fixture
def staffing(store, clock):
    return Staffing(store, clock, b"k" * 32, QUICK)


@pytest.fixture
def password(staffing):
    """That of the admin `chief`."""
    return staffing.add("chief", Role.ADMIN, "command line")


def trail(store):
    with store.read() as tx:
        return [(each.actor, each.action, each.subject) for each in tx.audit.newest(50)]


def fail(staffing, times, name="chief", address=HOME):
    for _ in range(times):
        with pytest.raises(Forbidden):
            staffing.sign_in(name, "wrong", address)


def test_the_generated_password_signs_in_and_the_cookie_is_believed(staffing, password):
    signed_in = staffing.sign_in("chief", password, HOME)
    assert signed_in.operator == Operator("chief", Role.ADMIN)
    assert staffing.recall("chief", signed_in.cookie_stamp) == signed_in.operator
    assert staffing.recall("chief", "another") is None
    assert staffing.recall("nobody", signed_in.cookie_stamp) is None


def test_generated_passwords_differ_and_have_no_letters_that_look_alike(staffing):
    made = {staffing.add(f"op-{number}", Role.VIEWER, "test") for number in range(20)}
    assert len(made) == 20
    assert not set("".join(made)) & set("il1o0")


def test_the_first_admin_is_added_once(staffing):
    assert staffing.add_first_admin("admin", "command line")
    assert staffing.add_first_admin("admin", "command line") is None
    assert staffing.all() == [Operator("admin", Role.ADMIN)]


def test_a_login_name_that_does_not_fit_is_refused(staffing):
    for name in ("", "a", "Admin", "1st", "이름", "a b", "x" * 41, "ab\n", "../etc"):
        with pytest.raises(BadInput, match="does not fit"):
            staffing.add(name, Role.VIEWER, "test")
    assert staffing.all() == []


def test_a_taken_name_is_refused(staffing, password):
    with pytest.raises(Conflict, match="already"):
        staffing.add("chief", Role.VIEWER, "test")


def test_unknown_wrong_and_disabled_are_told_the_same(staffing, password, store):
    viewer = staffing.add("viewer", Role.VIEWER, "test")
    staffing.disable("viewer", "test")
    said = set()
    for name, typed in [("nobody", password), ("chief", "wrong"), ("viewer", viewer), ("chief", password * 20)]:
        with pytest.raises(Forbidden) as refused:
            staffing.sign_in(name, typed, HOME)
        said.add(str(refused.value))
    assert len(said) == 1
    assert trail(store)[:4] == [
        ("console", "refused a sign-in of", name) for name in ("chief", "viewer", "chief", "(unknown name)")
    ]
    assert "nobody" not in str(trail(store))


def test_five_failures_close_a_name_for_a_quarter_of_an_hour_even_for_the_right_password(staffing, password, clock):
    fail(staffing, 5)
    with pytest.raises(TooManyTries, match="15 minutes"):
        staffing.sign_in("chief", password, ELSEWHERE)
    clock.advance(timedelta(minutes=14))
    with pytest.raises(TooManyTries):
        staffing.sign_in("chief", password, ELSEWHERE)
    clock.advance(timedelta(minutes=2))
    assert staffing.sign_in("chief", password, ELSEWHERE)


def test_an_unknown_name_is_closed_in_the_same_way(staffing):
    fail(staffing, 5, name="nobody")
    with pytest.raises(TooManyTries):
        staffing.sign_in("nobody", "wrong", ELSEWHERE)


def test_twenty_failures_close_an_address_whatever_the_names(staffing, password):
    for number in range(20):
        fail(staffing, 1, name=f"guess-{number}", address=f"2001:db8::{number:x}")
    with pytest.raises(TooManyTries):
        staffing.sign_in("chief", password, "2001:db8::ffff")
    assert staffing.sign_in("chief", password, "2001:db8:0:1::1")


def test_a_success_forgives_the_name_but_not_the_address(staffing, password):
    for _ in range(4):
        fail(staffing, 4)
        staffing.sign_in("chief", password, HOME)
    fail(staffing, 4)
    with pytest.raises(TooManyTries):
        staffing.sign_in("chief", password, HOME)


def test_many_guesses_at_once_cannot_slip_below_the_limit(staffing, password):
    outcomes = []

    def guess():
        try:
            staffing.sign_in("chief", "wrong", HOME)
        except (Forbidden, TooManyTries) as refused:
            outcomes.append(type(refused))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 12
    assert outcomes.count(Forbidden) <= 5


def test_no_name_and_no_address_is_kept_with_the_failures(staffing, password, engine):
    fail(staffing, 2)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT who_digest FROM failed_sign_in").all()
    assert len(rows) == 4
    assert all(len(row[0]) == 64 for row in rows)


def test_a_new_password_ends_old_cookies_and_forgives(staffing, password):
    cookie = staffing.sign_in("chief", password, HOME).cookie_stamp
    fail(staffing, 5)
    fresh = staffing.reset_password("chief", "command line")
    assert staffing.recall("chief", cookie) is None
    assert staffing.sign_in("chief", fresh, ELSEWHERE)


def test_a_disabled_operator_is_out_at_once_and_old_cookies_stay_dead(staffing, password):
    secret = staffing.add("viewer", Role.VIEWER, "test")
    cookie = staffing.sign_in("viewer", secret, HOME).cookie_stamp
    staffing.disable("viewer", "chief")
    assert staffing.recall("viewer", cookie) is None
    staffing.enable("viewer", "chief")
    assert staffing.recall("viewer", cookie) is None
    assert staffing.sign_in("viewer", secret, HOME)


def test_the_last_active_admin_stays(staffing, password):
    for change in (
        lambda: staffing.disable("chief", "x"),
        lambda: staffing.set_role("chief", Role.VIEWER, "x"),
    ):
        with pytest.raises(Conflict, match="last active admin"):
            change()
    staffing.add("second", Role.ADMIN, "x")
    staffing.set_role("chief", Role.VIEWER, "second")
    assert staffing.all()[0].role is Role.VIEWER


def test_a_change_is_in_the_trail_with_before_and_after_and_a_repeat_is_not(staffing, password, store):
    staffing.add("viewer", Role.VIEWER, "chief")
    staffing.set_role("viewer", Role.OPERATOR, "chief")
    staffing.set_role("viewer", Role.OPERATOR, "chief")
    with store.read() as tx:
        newest, added = tx.audit.newest(2)
    assert (newest.action, newest.before, newest.after) == ("changed", {"role": "viewer"}, {"role": "operator"})
    assert added.action == "added"


def test_an_unknown_operator_cannot_be_changed(staffing):
    for change in (staffing.disable, staffing.enable, staffing.reset_password):
        with pytest.raises(NotFound, match="operator list"):
            change("nobody", "x")


def test_ones_own_password_needs_the_current_one(staffing, password):
    cookie = staffing.sign_in("chief", password, HOME).cookie_stamp
    with pytest.raises(Forbidden, match="current"):
        staffing.change_password("chief", "wrong", "a heron stands in the river")
    fresh = staffing.change_password("chief", password, "a heron stands in the river")
    assert staffing.recall("chief", cookie) is None
    assert staffing.recall("chief", fresh)
    assert staffing.sign_in("chief", "a heron stands in the river", HOME)


def test_a_weak_password_is_refused(staffing, password):
    for weak in ("short", "x" * 201, "aaaaaaaaaaaaaaa", "chief-is-here", password):
        with pytest.raises(BadInput):
            staffing.change_password("chief", password, weak)


def test_neither_key_nor_hash_is_in_the_repr(clock):
    shown = repr(Staffing(cast("Store", None), clock, b"k" * 32, QUICK))
    assert "kkkk" not in shown
    assert "argon2id" not in shown


def test_the_default_hash_is_argon2id_as_rfc_9106_recommends():
    assert PasswordHasher().hash("x").startswith("$argon2id$v=19$m=65536,t=3,p=4$")
