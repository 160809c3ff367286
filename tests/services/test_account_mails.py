"""Codes by mail on both databases: what happens before the answer is the same for every name."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import pytest

from tests.builders import A_CITY, A_MASTER_KEY, NOON, a_plan
from tests.fakes.clock import FrozenClock
from tests.fakes.gateway import PHONE, SimulatedGateway
from tests.portal.test_account import OTHER, QUICK
from wifi_manager.domain.accounts import AccountRefused
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.mails import AGAIN_AFTER, Mail, read_address
from wifi_manager.services.account_mails import CodesByMail, MailBudgets
from wifi_manager.services.accounts import Accounts
from wifi_manager.services.admission import Admission
from wifi_manager.settings import mail as settings
from wifi_manager.storage.vault import Vault

ADDRESS = "mina@mail.example"


@dataclass(frozen=True, slots=True)
class Box:
    """A carrier that keeps what it is given."""

    mails: list[Mail] = field(default_factory=list)

    @contextmanager
    def open(self):
        yield self

    def send(self, mail):
        self.mails.append(mail)


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def vault():
    return Vault(A_MASTER_KEY, A_CITY.slug)


@pytest.fixture
def accounts(store, vault, clock):
    return Accounts(store, vault, clock, passwords=QUICK)


@pytest.fixture
def ticket(store, vault, clock):
    with store.begin() as tx:
        tx.plans.save(a_plan())
    gateway = SimulatedGateway(store)
    gateway.enrol(vault)
    return Admission(store, vault, clock).asking(gateway.ticket(NOON, PHONE))


@pytest.fixture
def waiting():
    return []


@pytest.fixture
def box():
    return Box()


@pytest.fixture
def codes(store, vault, clock, box, waiting):
    budgets = MailBudgets(vault, ZoneInfo("Asia/Seoul"), settings.Mail())
    return CodesByMail(store, vault, clock, budgets, box, waiting.append)


def compose(address, code):
    return Mail(address, "code", code, "en")


def test_what_is_of_the_account_happens_after_the_answer_alone(codes, accounts, ticket, box, waiting):
    accounts.add([f"first.last,{ADDRESS}"], "somebody")
    for name in ("First.Last", "nobody.here"):
        codes.ask(ticket, name, compose)
        assert accounts.all()[0].mailed_digest is None
    assert box.mails == []
    for work in waiting:
        work()
    (mail,) = box.mails
    assert mail.to == ADDRESS
    accounts.complete("first.last", mail.text, OTHER, lambda _tx: None)
    with pytest.raises(AccountRefused):
        accounts.complete("first.last", mail.text, OTHER, lambda _tx: None)


def test_an_address_is_sealed_changed_and_removed_and_takes_the_code_that_went_there_along(
    codes, accounts, ticket, box, waiting, store
):
    accounts.add(["first.last"], "somebody")
    assert not accounts.all()[0].has_address
    accounts.set_address(1, f" {ADDRESS} ", "chief")
    codes.ask(ticket, "first.last", compose)
    waiting.pop()()
    with store.read() as tx:
        assert tx.accounts.address(1) == ADDRESS
    accounts.set_address(1, "other@mail.example", "chief")
    with pytest.raises(AccountRefused):
        accounts.complete("first.last", box.mails[0].text, OTHER, lambda _tx: None)
    accounts.set_address(1, "", "chief")
    with store.read() as tx:
        assert tx.accounts.address(1) is None
        trail = [each.action for each in tx.audit.newest(9, noun="account")]
        said = str([(each.before, each.after) for each in tx.audit.newest(9)])
    assert trail[0] == "removed the mail address of"
    assert "mailed a code to" in trail
    assert "mail.example" not in said


@pytest.mark.parametrize(
    "typed",
    ["", "mina", "mina@", "@mail.example", "mina@mail", "a b@mail.example", "mina@mail.example\r\nBcc: x@y.example",
     "가@mail.example", f"{'a' * 250}@mail.example", "a,b@mail.example", "<mina@mail.example>", "a@b@mail.example"],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(BadInput):
        read_address(typed)


def test_a_reload_that_waits_for_its_turn_is_still_a_reload_and_sends_no_second_mail(
    codes, accounts, ticket, box, waiting, clock
):
    accounts.add([f"first.last,{ADDRESS}"], "somebody")
    codes.ask(ticket, "first.last", compose)
    codes.ask(ticket, "first.last", compose)
    for work in waiting:
        work()
        clock.advance(2 * AGAIN_AFTER)
    assert len(box.mails) == 1
