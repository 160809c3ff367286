"""Budgets and tries of codes, by property and by race, on both databases."""

import threading
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import A_CITY, A_MASTER_KEY, NOON, a_legal_profile, a_plan
from tests.fakes.clock import FrozenClock
from tests.fakes.gateway import SimulatedGateway
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.budgets import Budget
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.domain.text_codes import CodeOver, DeviceBudgetUsed, PhoneNumber, SendingClosed, WrongCode
from wifi_manager.domain.visits import Consent, Method
from wifi_manager.services.admission import Admission
from wifi_manager.services.sms_budgets import SmsBudgets
from wifi_manager.services.stewardship import Stewardship
from wifi_manager.services.text_codes import Pace, TextCodes
from wifi_manager.settings.sms import Sms
from wifi_manager.storage.vault import Vault

LIMITS = Sms(device_a_day=3, number_a_day=4, prefix_a_day=6, place_an_hour=9, city_a_day=12)
DEVICES = [MacAddress(bytes([2, 0, 0, 0, 0, each])) for each in range(6)]
NUMBERS = [PhoneNumber(f"+8210{each // 3:04}{each:04}", "0", "+82") for each in range(9)]
CONSENT = Consent("2026-11", "ko")
OFTEN = settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@dataclass(slots=True)
class Inbox:
    """Keeps what was sent; fails while it is told to."""

    messages: list = field(default_factory=list)
    fails: bool = False

    def send(self, message):
        if self.fails:
            raise OutsideFailure("It does not answer.")
        self.messages.append(message)


@dataclass(slots=True)
class Counted:
    reasons: list = field(default_factory=list)

    def sent(self, seconds):
        self.reasons.append("sent")

    def verified(self):
        self.reasons.append("verified")

    def refused(self, reason):
        self.reasons.append(reason)


@dataclass(frozen=True, slots=True)
class Desk:
    """All that a test needs of one city."""

    codes: TextCodes
    inbox: Inbox
    counted: Counted
    clock: FrozenClock
    gateway: SimulatedGateway
    slept: list

    def ticket(self, device=DEVICES[0]):
        return self.codes.admission.asking(self.gateway.ticket(self.clock.now(), device=device))

    def send(self, device=DEVICES[0], number=NUMBERS[0]):
        self.codes.send(self.ticket(device), number, lambda code: f"Code {code}")
        return self.inbox.messages[-1].code if self.inbox.messages else ""

    def next_day(self):
        self.clock.moment = (self.clock.moment + timedelta(days=1)).replace(hour=NOON.hour, minute=0, second=0)
        self.inbox.messages.clear()
        self.counted.reasons.clear()


@pytest.fixture
def desk(store):
    clock, vault = FrozenClock(NOON), Vault(A_MASTER_KEY, A_CITY.slug)
    with store.begin() as tx:
        tx.plans.save(a_plan())
    gateway = SimulatedGateway(store)
    gateway.enrol(vault)
    admission = Admission(store, vault, clock, ways=(Method.SMS,))
    inbox, counted, slept = Inbox(), Counted(), []
    budgets = SmsBudgets(vault, ZoneInfo("Asia/Seoul"), LIMITS)
    codes = TextCodes(admission, budgets, inbox, counted, Pace(sleep=slept.append))
    return Desk(codes, inbox, counted, clock, gateway, slept)


@given(wanted=st.lists(st.tuples(st.sampled_from(DEVICES), st.sampled_from(NUMBERS)), min_size=10, max_size=24))
@OFTEN
def test_s2_whoever_asks_for_whatever_no_budget_is_ever_exceeded(desk, wanted):
    desk.next_day()
    asked = Counter()
    for device, number in wanted:
        desk.clock.advance(timedelta(seconds=61))
        try:
            desk.send(device, number)
        except (DeviceBudgetUsed, SendingClosed):
            continue
        asked[device] += 1
    sent = Counter(message.number for message in desk.inbox.messages)
    prefixes = Counter(message.number.prefix for message in desk.inbox.messages)
    assert max(asked.values(), default=0) <= LIMITS.device_a_day
    assert max(sent.values(), default=0) <= LIMITS.number_a_day
    assert max(prefixes.values(), default=0) <= LIMITS.prefix_a_day
    assert sent.total() <= LIMITS.city_a_day
    assert desk.counted.reasons.count("sent") == sent.total()


@given(guesses=st.lists(st.integers(0, 10**6 - 1).map("{:06}".format), max_size=9), right_at=st.integers(0, 9))
@OFTEN
def test_s2_the_right_code_gets_in_within_five_tries_and_never_after(desk, guesses, right_at):
    desk.next_day()
    code = desk.send()
    tried = [guess for guess in guesses if guess != code]
    tried.insert(min(right_at, len(tried)), code)
    place = tried.index(code)
    outcomes = []
    for guess in tried[: place + 1]:
        try:
            desk.codes.check(desk.ticket(), guess)
        except WrongCode:
            outcomes.append("wrong")
        except CodeOver:
            outcomes.append("over")
        else:
            outcomes.append("right")
    assert outcomes[-1] == ("right" if place < 5 else "over")
    assert "right" not in outcomes[:-1]
    assert outcomes.count("wrong") <= 4


@given(limit=st.integers(0, 5), tries=st.integers(0, 12), given_back=st.integers(0, 3))
@OFTEN
def test_a_budget_is_spent_as_often_as_its_limit_says(store, limit, tries, given_back):
    budget = Budget("property", uuid.uuid4().bytes, NOON, limit)
    with store.begin() as tx:
        counts = [tx.budgets.spend(budget) for _ in range(tries)]
        for _ in range(given_back):
            tx.budgets.give_back(budget)
        left = tx.budgets.left(budget)
    spent = min(limit, tries)
    assert counts == [*range(1, spent + 1), *([0] * (tries - spent))]
    assert left == limit - max(spent - given_back, 0)


def at_once(times, work):
    together, results = threading.Barrier(times), []

    def run():
        together.wait(60)
        results.append(work())

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(results) == times
    return results


def test_s2_who_spends_the_last_of_a_budget_at_once_is_one(store):
    budget = Budget("race", b"", NOON, 3)

    def spend():
        with store.begin() as tx:
            return tx.budgets.spend(budget)

    assert sorted(at_once(6, spend)) == [0, 0, 0, 1, 2, 3]


def test_s2_guesses_at_once_are_five_and_no_more(desk):
    code = desk.send()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    ticket = desk.ticket()

    def guess():
        try:
            desk.codes.check(ticket, wrong)
        except (WrongCode, CodeOver):
            return True

    at_once(8, guess)
    assert desk.counted.reasons.count("code_wrong") == 5
    assert desk.counted.reasons.count("code_over") == 3


def test_s2_one_code_proves_once_although_two_show_it_at_once(desk, store):
    ticket = desk.ticket()
    prove = desk.codes.check(ticket, desk.send())

    def use():
        try:
            with store.begin() as tx:
                return prove(tx, ticket, desk.clock.now()).method
        except CodeOver:
            return None

    assert sorted(map(str, at_once(2, use))) == ["None", "sms"]


def test_s2_a_code_is_bound_to_its_device_and_kept_as_no_digest_that_others_could_make(desk, store):
    code = desk.send()
    desk.send(DEVICES[1], NUMBERS[1])
    with store.read() as tx:
        mine, other = tx.text_codes.of(DEVICES[0]), tx.text_codes.of(DEVICES[1])
    assert mine.code != other.code
    assert code.encode() not in mine.code
    for guess in (code, *(f"{each:06}" for each in range(50))):
        if guess != desk.inbox.messages[-1].code:
            with pytest.raises((WrongCode, CodeOver)):
                desk.codes.check(desk.ticket(DEVICES[1]), guess)


def test_s2_a_number_whose_budget_is_used_up_is_answered_as_slowly_as_any(desk):
    ticking = iter(range(0, 1000, 7))
    desk.codes.pace.timer = lambda: float(next(ticking))
    for device in DEVICES[:4]:
        desk.send(device)
    assert desk.slept == []
    desk.send(DEVICES[4])
    assert (desk.slept, len(desk.inbox.messages)) == ([7.0], 4)


def test_a_hushed_number_leaves_the_same_traces_as_any_and_no_code_that_anybody_knows(desk, store):
    for device in DEVICES[:5]:
        desk.send(device)
    with store.read() as tx:
        hushed = tx.text_codes.of(DEVICES[4])
    assert (hushed.number, hushed.tries) == (NUMBERS[0], 0)
    with pytest.raises((WrongCode, CodeOver)):
        desk.codes.check(desk.ticket(DEVICES[4]), desk.inbox.messages[-1].code)


def test_a_visit_by_code_has_its_numbers_holder(desk):
    code = desk.send()
    prove = desk.codes.check(desk.ticket(), code)
    visit = desk.codes.admission.accept(desk.ticket(), CONSENT, prove).visit
    assert visit.method is Method.SMS
    assert visit.holder == Vault(A_MASTER_KEY, A_CITY.slug).digest("sms holder", NUMBERS[0].e164.encode())
    assert Vault(A_MASTER_KEY, "other").digest("sms holder", NUMBERS[0].e164.encode()) != visit.holder


def test_d3_tidying_forgets_numbers_after_ten_minutes_and_budgets_after_two_days(desk, store):
    desk.send()
    tidy = Stewardship(store, desk.clock, a_legal_profile()).tidy
    assert tidy().erased == {}
    desk.clock.advance(timedelta(minutes=10, seconds=1))
    assert tidy().erased == {"sms_code": 1}
    desk.clock.advance(timedelta(days=3))
    assert tidy().erased["budget"] == 6  # device, number, prefix, place, city, and the count of what was sent
    with store.read() as tx:
        assert tx.budgets.counts(["sms city"], NOON - timedelta(days=9), NOON + timedelta(days=9)) == {"sms city": 0}


def test_a_provider_that_works_again_closes_its_breaker(desk, store):
    desk.inbox.fails = True
    for device in DEVICES[:3]:
        with pytest.raises(SendingClosed):
            desk.send(device)
    with pytest.raises(SendingClosed, match="cannot be sent"):
        desk.codes.check_open(desk.ticket())
    desk.inbox.fails = False
    desk.clock.advance(timedelta(minutes=1))
    desk.send()
    with store.read() as tx:
        assert desk.codes.budgets.open_breakers(tx, desk.clock.now()) == set()
