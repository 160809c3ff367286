"""The account's way in, as a phone without script and cookies walks it."""

import html
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from portal.app import create_app
from portal.identity import account
from tests.builders import A_CITY, A_MASTER_KEY
from tests.fakes.gateway import OTHER_PHONE, PHONE
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.visits import Method
from wifi_manager.services.accounts import Accounts
from wifi_manager.services.passwords import Passwords
from wifi_manager.settings import City, Settings
from wifi_manager.settings.accounts import AccountSettings
from wifi_manager.storage.vault import Vault

pytestmark = pytest.mark.slow

SETTINGS = Settings(city=City(slug=A_CITY.slug))
QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
SECRET, OTHER = "correct horse", "battery staple"


@pytest.fixture
def face(face):
    return replace(face, admission=replace(face.admission, ways=(Method.CLICK_THROUGH, Method.ACCOUNT)))


@pytest.fixture
def app(face):
    return create_app(face, {Method.ACCOUNT: lambda given: account.make(SETTINGS, given, QUICK)})


@pytest.fixture
def accounts(portal_store, clock, gateway):
    return Accounts(portal_store, Vault(A_MASTER_KEY, A_CITY.slug), clock, passwords=QUICK)


@pytest.fixture
def resident(accounts):
    (opened,) = accounts.add(["first.last"], "somebody")
    accounts.complete("first.last", opened.code, SECRET, lambda _tx: None)
    return opened


def sign_in(phone, name="first.last", password=SECRET, **given):
    return phone.submit(phone.open("/account", phone.ticket(**given)), "/account", name=name, password=password)


def problem(answer):
    found = re.search(r'role="alert" id="problem"><p>(.*?)</p>', answer.text)
    return found and html.unescape(found[1])


def test_a_resident_is_online_with_name_and_password(phone, resident, registry):
    assert "I have an account" in phone.open("/", phone.ticket()).text
    assert "online" in phone.follow(sign_in(phone, "First.Last")).text
    assert "/account/own?" in phone.open("/status", phone.ticket()).text
    assert registry.get_sample_value("wifi_sign_ins_total", {"city": "haneul", "method": "account"}) == 1


def test_the_first_password_is_chosen_with_the_code_and_leads_online(phone, accounts):
    (opened,) = accounts.add(["first.last"], "somebody")
    page = phone.open("/account/code", phone.ticket())
    typed = {"name": "first.last", "code": opened.code.lower()}
    weak = phone.submit(page, "/account/code", **typed, wanted="password1")
    assert (weak.status_code, "guess" in problem(weak)) == (422, True)
    assert all(f'value="{each}"' in weak.text for each in typed.values())
    assert phone.follow(phone.submit(page, "/account/code", **typed, wanted=SECRET)).status_code == 200
    assert sign_in(phone, device=OTHER_PHONE).status_code == 303


def test_one_answer_for_unknown_names_wrong_passwords_and_disabled_accounts(phone, accounts, resident):
    answers = [sign_in(phone, "nobody.here"), sign_in(phone, password=OTHER), sign_in(phone, "x")]
    accounts.disable(resident.number, "somebody")
    answers.append(sign_in(phone, device=OTHER_PHONE))
    assert len({(each.status_code, problem(each)) for each in answers}) == 1
    assert answers[0].status_code == 422
    assert SECRET not in "".join(each.text for each in answers)


def test_s2_a_device_waits_after_five_wrong_passwords_and_weak_ones_cost_nothing(phone, resident):
    page = phone.open("/account/own", phone.ticket())
    for _ in range(6):
        weak = phone.submit(page, "/account/password", name="first.last", password=SECRET, wanted="short")
        assert (weak.status_code, "too short" in problem(weak)) == (422, True)
    for _ in range(5):
        assert sign_in(phone, password=OTHER).status_code == 422
    refused = sign_in(phone)
    assert (refused.status_code, "Wait" in problem(refused)) == (429, True)
    phone.clock.advance(timedelta(minutes=1))
    assert sign_in(phone).status_code == 303


def test_s2_many_devices_that_guess_one_account_share_its_limit(phone, resident):
    for last in range(10):
        device = MacAddress.parse(f"02:00:5e:30:00:{last:02x}")
        assert sign_in(phone, password=OTHER, device=device).status_code == 422
    assert sign_in(phone).status_code == 429
    phone.clock.advance(timedelta(minutes=10))
    assert sign_in(phone).status_code == 303


def test_a_citizen_changes_the_password_and_deletes_the_account(phone, resident, accounts):
    sign_in(phone, device=OTHER_PHONE)
    page = phone.open("/account/own", phone.ticket())
    changed = phone.submit(page, "/account/password", name="first.last", password=SECRET, wanted=OTHER)
    assert "password is changed" in phone.follow(changed).text
    wrong = phone.submit(page, "/account/delete", name="first.last", password=SECRET)
    assert wrong.status_code == 422
    gone = phone.submit(page, "/account/delete", name="first.last", password=OTHER)
    assert "account is deleted" in phone.follow(gone).text
    assert accounts.all() == ()
    assert phone.open("/connected", phone.ticket(device=OTHER_PHONE)).headers["Location"].startswith("/?")


def test_a_full_account_says_so_to_whoever_knows_its_password(phone, resident):
    for last in range(5):
        assert sign_in(phone, device=MacAddress.parse(f"02:00:5e:30:00:{last:02x}")).status_code == 303
    full = sign_in(phone)
    assert (full.status_code, "As many devices" in problem(full)) == (422, True)


@pytest.mark.parametrize(
    ("page", "action"),
    [
        ("/account", "/account"),
        ("/account/code", "/account/code"),
        ("/account/own", "/account/password"),
        ("/account/own", "/account/delete"),
    ],
)
def test_s3_forms_without_their_own_token_and_hostile_texts_change_nothing(phone, resident, accounts, page, action):
    shown = phone.open(page, phone.ticket())
    given = {"name": "first.last", "password": SECRET, "wanted": OTHER, "code": "222222222"}
    assert phone.submit(shown, action, **given, token="x").status_code == 403
    for hostile in ("", "\0", "<script>alert(1)</script>", "가" * 100, "\u202e"):
        answer = phone.submit(shown, action, **dict.fromkeys(given, hostile))
        assert answer.status_code in {422, 429}
        assert "<script>alert" not in answer.text
    assert [each.name for each in accounts.all()] == ["first.last"]


def test_password_managers_are_told_what_each_field_is(phone):
    pages = [phone.open(path, phone.ticket()).text for path in ("/account", "/account/code", "/account/own")]
    found = [re.findall(r'autocomplete="([a-z-]+)"', page) for page in pages]
    assert found == [
        ["username", "current-password"],
        ["username", "one-time-code", "new-password"],
        ["username", "current-password", "new-password", "username", "current-password"],
    ]


def test_d1_no_name_and_no_password_reaches_a_link_or_the_log(phone, resident, logged):
    answers = [sign_in(phone), sign_in(phone, password=OTHER, device=OTHER_PHONE)]
    said = logged.getvalue() + answers[0].headers["Location"]
    assert not [each for each in ("first.last", SECRET, "correct", OTHER, PHONE.full()) if each in said]


@pytest.mark.parametrize(("plan", "is_offered"), [("", True), ("resident", False)])
def test_a_resident_may_have_the_device_remembered_unless_accounts_have_a_plan_of_their_own(
    face, phone, plan, is_offered
):
    chosen = replace(SETTINGS, account=AccountSettings(plan=plan))
    app = create_app(face, {Method.ACCOUNT: lambda given: account.make(chosen, given, QUICK)})
    page = app.test_client(use_cookies=False).get("/account", query_string={"s": phone.ticket()})
    assert ('name="remember"' in page.text) == is_offered
