"""The voucher's way in, as a phone without script and cookies walks it."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.app import create_app
from portal.identity import configured
from tests.builders import A_CITY, A_MASTER_KEY, a_plan
from tests.fakes.gateway import OTHER_PHONE, PHONE
from tests.portal.conftest import form_of
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.visits import Method
from wifi_manager.domain.vouchers import Allowance, show_code
from wifi_manager.services.admission import Admission
from wifi_manager.services.visiting import Visiting
from wifi_manager.services.vouchers import Vouchers
from wifi_manager.settings import City, Settings, VoucherSettings
from wifi_manager.storage.vault import Vault

pytestmark = pytest.mark.slow

SETTINGS = Settings(city=City(slug=A_CITY.slug), voucher=VoucherSettings(failures_at_a_place=10))
WAYS = (Method.CLICK_THROUGH, Method.VOUCHER)
WRONG = "ABC-DEF-GHJ"


@pytest.fixture
def face(face):
    return replace(face, admission=replace(face.admission, ways=WAYS))


@pytest.fixture
def app(face):
    return create_app(face, configured.ways(SETTINGS))


@pytest.fixture
def vouchers(portal_store, clock, gateway):
    return Vouchers(portal_store, Vault(A_MASTER_KEY, A_CITY.slug), clock, timedelta(days=90))


@pytest.fixture
def code(vouchers):
    return vouchers.issue("spring", Allowance(lasts=timedelta(hours=2)), 1, "somebody").codes[0]


def show(phone, code, **given):
    return phone.submit(phone.open("/voucher", phone.ticket(**given)), "/voucher", code=code)


def problem(answer):
    found = re.search(r'role="alert" id="problem"><p>(.*?)</p>', answer.text)
    return found and found[1]


def test_a_citizen_with_a_card_is_online_for_its_time(phone, code, registry):
    page = phone.open("/", phone.ticket())
    assert "I have a voucher" in page.text
    arrived = phone.follow(show(phone, f" {show_code(code).lower()} "))
    assert "2 h 0 min" in arrived.text
    found = registry.get_sample_value("wifi_sign_ins_total", {"city": "haneul", "method": "voucher"})
    assert found == 1


def test_the_same_answer_for_unknown_used_over_and_revoked_codes_and_what_was_typed_stays(phone, vouchers, clock):
    used, revoked = vouchers.issue("spring", Allowance(), 2, "somebody").codes
    (over,) = vouchers.issue("summer", Allowance(good_until=clock.now() + timedelta(hours=1)), 1, "somebody").codes
    vouchers.revoke("spring", "somebody", 2)
    show(phone, used, device=OTHER_PHONE)
    clock.advance(timedelta(hours=1))
    answers = {}
    for last, code in enumerate((WRONG, used, revoked, over)):
        answer = show(phone, code, device=MacAddress.parse(f"02:00:5e:30:00:{last:02x}"))
        answers[code] = (answer.status_code, problem(answer))
        assert f'value="{code}"' in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
    assert len(set(answers.values())) == 1
    assert answers[WRONG][0] == 422
    assert "does not work" in answers[WRONG][1]


def test_a_mistyped_code_is_told_so_without_costing_a_try(phone, code):
    for _ in range(8):
        answer = show(phone, "ABC-DEF-GH")
        assert (answer.status_code, "nine letters and digits" in problem(answer)) == (422, True)
    assert show(phone, code).status_code == 303


def test_s2_after_five_wrong_codes_a_device_waits_and_the_right_code_is_not_looked_at(phone, code, registry):
    for _ in range(5):
        assert show(phone, WRONG).status_code == 422
    refused = show(phone, code)
    assert (refused.status_code, "Wait 1 min" in problem(refused) or "Wait 2 min" in problem(refused)) == (429, True)
    assert show(phone, code, device=OTHER_PHONE).status_code == 303
    phone.clock.advance(timedelta(minutes=1))
    assert show(phone, code).status_code == 422, "the other phone has used it by now"
    counts = [
        registry.get_sample_value(
            "wifi_sign_in_tries_total", {"city": "haneul", "method": "voucher", "outcome": outcome}
        )
        for outcome in ("wrong", "refused")
    ]
    assert counts == [6, 1]


def test_s2_made_up_devices_meet_the_budget_of_their_place(phone, code):
    for last in range(10):
        assert show(phone, WRONG, device=MacAddress.parse(f"02:00:5e:30:00:{last:02x}")).status_code == 422
    assert show(phone, code).status_code == 429
    assert show(phone, code, network="staff").status_code == 303


def test_s3_a_code_without_the_pages_own_token_is_not_looked_at(phone, code):
    ticket = phone.ticket()
    answer = phone.client.post("/voucher", data={"s": ticket, "code": code, "token": "x"})
    assert answer.status_code == 403
    assert show(phone, code).status_code == 303


def test_a_place_that_does_not_offer_vouchers_has_no_page_for_them(app, face, phone, code):
    admission = face.admission
    without = Admission(admission.store, admission.vault, admission.clock, ways=(Method.CLICK_THROUGH,))
    other = create_app(replace(face, admission=without), configured.ways(SETTINGS))
    client = other.test_client(use_cookies=False)
    assert client.get("/voucher", query_string={"s": phone.ticket()}).status_code == 403
    page = phone.open("/voucher", phone.ticket())
    target, fields = form_of(page, "/voucher")
    assert client.post(target, data={**fields, "code": code}).status_code == 403


@pytest.mark.parametrize("typed", ["", "\0", "<script>alert(1)</script>", "%s" * 50, "가" * 5000])
def test_whatever_is_typed_is_answered_politely(phone, gateway, typed):
    answer = show(phone, typed)
    assert answer.status_code in {413, 422}
    assert "<script>alert" not in answer.text


def test_no_code_reaches_a_link_a_redirect_or_the_log(phone, code, logged):
    answer = show(phone, show_code(code))
    wrong = show(phone, WRONG, device=OTHER_PHONE)
    assert "code" not in answer.headers["Location"]
    assert WRONG not in re.sub(r'value="[^"]*"', "", wrong.text)
    said = logged.getvalue()
    assert not [each for each in (code, show_code(code), WRONG, PHONE.full()) if each in said]


def test_the_plan_of_a_batch_counts_before_that_of_the_place(phone, vouchers, portal_store):
    with portal_store.begin() as tx:
        tx.plans.save(a_plan(name="guest", lifetime=timedelta(minutes=30)))
    (code,) = vouchers.issue("spring", Allowance("guest"), 1, "somebody").codes
    assert "30 min" in phone.follow(show(phone, code)).text


def test_who_shares_a_voucher_cannot_sign_the_others_out(phone, vouchers, face, portal_store, clock):
    (code,) = vouchers.issue("spring", Allowance(uses=None, devices=None), 1, "somebody").codes
    for device in (PHONE, OTHER_PHONE):
        show(phone, code, device=device)
    visiting, ticket = Visiting(portal_store, clock), face.admission.asking(phone.ticket())
    assert visiting.known(ticket).others == ()
    assert visiting.sign_out_others(ticket) == []
