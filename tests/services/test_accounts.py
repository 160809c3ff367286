"""Accounts on both databases: from the one-time code to the deletion, and nobody's name in the open."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from tests.builders import A_CITY, A_MASTER_KEY, NOON, a_plan
from tests.fakes.clock import FrozenClock
from tests.fakes.gateway import SimulatedGateway
from tests.services.test_vouchers import a_phone
from wifi_manager.domain.accounts import AccountRefused, AccountState, WeakPassword
from wifi_manager.domain.errors import BadInput, Conflict, NotFound
from wifi_manager.domain.remembering import Remembered
from wifi_manager.domain.visits import Consent, EndReason, Method
from wifi_manager.services.accounts import Accounts, Rules, TooManyDevices
from wifi_manager.services.admission import Admission
from wifi_manager.services.passwords import Passwords
from wifi_manager.storage.vault import Vault

CONSENT = Consent("2026-11", "ko")
QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
SECRET, OTHER = "correct horse", "battery staple"


def nothing(_tx):
    pass


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def accounts(store, clock):
    return Accounts(store, Vault(A_MASTER_KEY, A_CITY.slug), clock, Rules(devices=2), QUICK)


@pytest.fixture
def resident(accounts):
    """An account with a password, and the number of it."""
    (opened,) = accounts.add(["First.Last"], "somebody")
    accounts.complete("first.last", opened.code, SECRET, nothing)
    return opened.number


@pytest.fixture
def enter(store, clock):
    """A function: this phone shows this proof, and gets the visit or is refused."""
    vault = Vault(A_MASTER_KEY, A_CITY.slug)
    with store.begin() as tx:
        tx.plans.save(a_plan())
    gateway = SimulatedGateway(store)
    gateway.enrol(vault)
    admission = Admission(store, vault, clock, ways=(Method.ACCOUNT,))

    def show(prove, phone=1):
        ticket = admission.asking(gateway.ticket(clock.now(), a_phone(phone)))
        return admission.accept(ticket, CONSENT, prove).visit

    return show


def test_a_citizen_chooses_a_password_with_the_code_and_signs_in_with_it(accounts, enter):
    (opened,) = accounts.add(["First.Last"], "somebody")
    assert [each.state for each in accounts.all()] == [AccountState.WAITING]
    first = enter(accounts.complete("FIRST.LAST", opened.code.lower(), SECRET, nothing))
    second = enter(accounts.prove("First.last", SECRET, nothing), phone=2)
    assert (first.method, first.holder) == (Method.ACCOUNT, second.holder)
    assert [each.state for each in accounts.all()] == [AccountState.ACTIVE]


def test_a_code_is_good_once_for_its_account_and_for_its_time(accounts, clock):
    opened, other = accounts.add(["first.last", "second.last"], "somebody")
    for name, code in (("second.last", opened.code), ("nobody.here", opened.code), ("first.last", "222222222")):
        with pytest.raises(AccountRefused):
            accounts.complete(name, code, SECRET, nothing)
    accounts.complete("first.last", opened.code, SECRET, nothing)
    with pytest.raises(AccountRefused):
        accounts.complete("first.last", opened.code, OTHER, nothing)
    clock.advance(timedelta(days=14))
    with pytest.raises(AccountRefused):
        accounts.complete("second.last", other.code, SECRET, nothing)
    accounts.complete("second.last", accounts.renew_code(other.number, "somebody").code, SECRET, nothing)


def test_a_weak_password_and_a_mistyped_code_leave_the_code_good(accounts):
    (opened,) = accounts.add(["first.last"], "somebody")
    with pytest.raises(WeakPassword):
        accounts.complete("first.last", opened.code, "password1", nothing)
    with pytest.raises(BadInput):
        accounts.complete("first.last", "O00", SECRET, nothing)
    accounts.complete("first.last", opened.code, SECRET, nothing)


@pytest.mark.parametrize("name", ["nobody.here", "x", "", "a\0b" * 9, "first.last"])
def test_a_wrong_name_and_a_wrong_password_are_refused_alike(accounts, resident, name):
    with pytest.raises(AccountRefused, match="do not belong to an account"):
        accounts.prove(name, OTHER, nothing)


def test_an_account_that_waits_for_its_citizen_has_no_password_yet(accounts):
    accounts.add(["first.last"], "somebody")
    with pytest.raises(AccountRefused):
        accounts.prove("first.last", "", nothing)


def test_a_disabled_account_ends_its_visits_and_proves_nothing(accounts, resident, enter, store):
    visit, late = enter(accounts.prove("first.last", SECRET, nothing)), accounts.prove("first.last", SECRET, nothing)
    accounts.disable(resident, "somebody")
    with store.read() as tx:
        assert tx.visits.get(visit.public_id).end_reason is EndReason.REVOKED
    with pytest.raises(AccountRefused):
        accounts.prove("first.last", SECRET, nothing)
    with pytest.raises(AccountRefused):
        enter(late)
    accounts.enable(resident, "somebody")
    enter(accounts.prove("first.last", SECRET, nothing))


@pytest.mark.parametrize("change", ["disable", "delete", "password"])
def test_devices_that_were_remembered_with_an_account_are_not_once_it_has_changed(accounts, resident, store, change):
    with store.begin() as tx:
        number, holder = tx.visits.device_number(a_phone(1), NOON), tx.accounts.holder(resident)
        tx.remembered.set(number, Remembered(Method.ACCOUNT, CONSENT, NOON, NOON + timedelta(days=9), holder))
    if change == "disable":
        accounts.disable(resident, "somebody")
    elif change == "delete":
        accounts.delete("first.last", SECRET, nothing)
    else:
        accounts.change_password("first.last", SECRET, OTHER, nothing)
    with store.read() as tx:
        assert tx.remembered.of(number, NOON) is None


def test_only_so_many_devices_are_online_with_an_account_whoever_comes_at_once(accounts, resident, enter):
    together, outcomes = threading.Barrier(5), []

    def come(phone):
        prove = accounts.prove("first.last", SECRET, nothing)
        together.wait(60)
        try:
            enter(prove, phone)
        except TooManyDevices:
            outcomes.append("refused")
        else:
            outcomes.append("in")

    threads = [threading.Thread(target=come, args=(phone,)) for phone in range(1, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted(outcomes) == ["in", "in", "refused", "refused", "refused"]


def test_a_changed_password_ends_the_old_one_even_between_its_check_and_the_visit(accounts, resident, enter):
    late = accounts.prove("first.last", SECRET, nothing)
    with pytest.raises(AccountRefused):
        accounts.change_password("first.last", OTHER, "another secret", nothing)
    accounts.change_password("first.last", SECRET, OTHER, nothing)
    with pytest.raises(AccountRefused):
        enter(late)
    enter(accounts.prove("first.last", OTHER, nothing))


def test_d5_a_deleted_account_is_gone_with_its_visits_holder(accounts, resident, enter, store):
    visit = enter(accounts.prove("first.last", SECRET, nothing))
    with pytest.raises(AccountRefused):
        accounts.delete("first.last", OTHER, nothing)
    accounts.delete("first.last", SECRET, nothing)
    with store.read() as tx:
        kept = tx.visits.get(visit.public_id)
    assert (kept.end_reason, kept.holder) == (EndReason.ERASED, None)
    assert accounts.all() == ()
    (again,) = accounts.add(["first.last"], "somebody")
    assert again.number > resident
    accounts.remove(again.number, "somebody")
    assert accounts.all() == ()


def test_a_taken_name_and_an_unknown_number_are_refused_and_of_a_list_all_or_none_is_opened(accounts, resident):
    for refusal, names in ((Conflict, ["new.name", "FIRST.LAST"]), (BadInput, ["new.name", "x"])):
        with pytest.raises(refusal):
            accounts.add(names, "somebody")
    assert [each.number for each in accounts.all()] == [resident]
    for change in (accounts.renew_code, accounts.disable, accounts.enable, accounts.remove):
        with pytest.raises(NotFound, match="account list"):
            change(99, "somebody")


def test_d1_neither_name_nor_password_nor_code_is_kept_in_the_open(accounts, enter, engine, store):
    (opened,) = accounts.add(["first.last"], "somebody")
    enter(accounts.complete("first.last", opened.code, SECRET, nothing))
    accounts.disable(opened.number, "somebody")
    with engine.connect() as connection:
        tables = sa.inspect(engine).get_table_names()
        everything = repr([connection.execute(sa.text(f'SELECT * FROM "{each}"')).all() for each in tables])
    assert not [secret for secret in ("first.last", SECRET, opened.code) if secret in everything]
    with store.read() as tx:
        trail = [(each.actor, each.action, each.subject) for each in tx.audit.newest(9, noun="account")]
    assert trail == [
        ("somebody", "disabled", "1"),
        ("its citizen", "chose a password for", "1"),
        ("somebody", "added", "1"),
    ]
