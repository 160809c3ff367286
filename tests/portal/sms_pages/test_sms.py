"""A code by text message, as a phone without script and cookies walks it."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal import catalogue
from tests.fakes.gateway import OTHER_PHONE, PHONE
from tests.portal.conftest import Phone
from tests.portal.sms_pages.asking import (
    ANOTHER_NUMBER,
    E164,
    NATIONAL,
    NUMBER,
    ask,
    code_page,
    count,
    enter,
    other_than,
    sms_app,
    sms_settings,
    visit_of,
)
from wifi_manager.domain.visits import Method
from wifi_manager.settings.sms import Sms

pytestmark = pytest.mark.slow  # many pages each

both_databases = pytest.mark.usefixtures("store")


@both_databases
def test_l1_a_number_and_the_code_that_comes_to_it_lead_online(phone, provider, portal_store, registry):
    first = phone.open("/", phone.ticket())
    assert 'href="/sms?s=' in first.text
    asked = ask(phone)
    assert asked.headers["Location"].startswith("/sms?s=")
    arrived = phone.follow(phone.submit(phone.follow(asked), "/sms/code", code=provider.code))
    assert "You&#39;re online" in arrived.text
    visit = visit_of(phone, portal_store)
    assert (visit.method, visit.consent.language, len(visit.holder)) == (Method.SMS, "en", 32)
    assert [count(registry, f"wifi_sms_{name}_total") for name in ("sent", "verified")] == [1, 1]


def test_u9_number_and_code_are_filled_in_by_the_phone_and_can_be_pasted(phone):
    number = phone.open("/sms", phone.ticket()).text
    assert re.search(r'<input id="number" name="number" type="tel"[^>]* autocomplete="tel"', number)
    code = phone.follow(ask(phone)).text
    assert re.search(r'<input id="code"[^>]* inputmode="numeric"[^>]* autocomplete="one-time-code"', code)
    (room,) = re.findall(r'<input id="code"[^>]* maxlength="(\d+)"', code)
    assert int(room) >= 160  # a whole message
    assert "onpaste" not in code


def test_a_pasted_message_is_a_code(phone, provider):
    ask(phone)
    text = re.search(r'"text": "(.*)"', provider.taken[-1].body.decode())[1]
    assert enter(phone, text).status_code == 303


def test_u7_whoever_comes_back_from_the_message_finds_the_field_for_the_code_with_the_number_masked(phone, provider):
    ask(phone)
    phone.clock.advance(timedelta(minutes=6))  # the first ticket is too old by now
    back = phone.open("/", phone.ticket())
    assert back.headers["Location"].startswith("/sms?s=")
    page = phone.follow(back)
    assert "+82 ••• 432" in page.text
    assert not any(each in page.text for each in (E164, NATIONAL, NUMBER, NATIONAL[1:], "98765432"))
    assert phone.submit(page, "/sms/code", code=provider.code).status_code == 303


def test_u7_nobody_else_sees_that_a_code_is_under_way(phone):
    ask(phone)
    stranger = phone.ticket(device=OTHER_PHONE)
    assert phone.open("/", stranger).status_code == 200
    assert "••• 432" not in phone.open("/sms", stranger).text


def test_u8_whoever_waits_for_a_code_can_choose_another_way(phone):
    page = phone.follow(ask(phone))
    (link,) = re.findall(r'href="(/\?[^"]*other=1)"', page.text)
    ways = phone.client.get(link.replace("&amp;", "&"))
    assert phone.follow(phone.submit(ways, "/connect")).status_code == 200


def test_a_code_is_sent_again_after_a_wait_that_the_page_says_and_the_first_one_is_void(phone, provider):
    page = phone.follow(ask(phone))
    first = provider.code
    assert 'action="/sms/again' not in page.text
    assert "2 min" in page.text  # rounded up
    phone.clock.advance(timedelta(seconds=61))
    assert phone.submit(code_page(phone), "/sms/again").status_code == 303
    assert len(provider.taken) == 2
    if first != provider.code:
        assert enter(phone, first).status_code == 422
    assert enter(phone, provider.code).status_code == 303


def test_l5_sending_the_form_twice_sends_one_message(phone, provider):
    page = phone.open("/sms", phone.ticket())
    for _ in range(2):
        assert phone.submit(page, "/sms", number=NUMBER).status_code == 303
    assert len(provider.taken) == 1


def test_l5_the_back_button_after_the_code_leads_to_the_same_visit(phone, provider):
    page = phone.follow(ask(phone))
    for _ in range(2):
        assert phone.submit(page, "/sms/code", code=provider.code).headers["Location"].startswith("/connected?")


@both_databases
def test_s2_a_code_works_once(phone, provider):
    ask(phone)
    code, kept = provider.code, code_page(phone)
    phone.submit(kept, "/sms/code", code=code)
    phone.submit(phone.open("/status", phone.ticket()), "/sign-out")
    assert (
        phone.submit(kept, "/sms/code", code=code, s=phone.ticket()).status_code == 403
    )  # its form's ticket is used
    asked = phone.open("/sms", phone.ticket())
    assert 'action="/sms/code' not in asked.text


def test_s2_a_code_is_good_for_ten_minutes(phone, provider):
    ask(phone)
    phone.clock.advance(timedelta(minutes=9, seconds=59))
    page = code_page(phone)
    phone.clock.advance(timedelta(seconds=1))
    answer = phone.submit(page, "/sms/code", code=provider.code)
    assert answer.status_code == 422
    assert "not good any more" in answer.text


@both_databases
def test_s2_a_code_has_five_tries_and_then_even_the_right_one_is_refused(phone, provider):
    ask(phone)
    wrong = other_than(provider.code)
    answers = [enter(phone, wrong) for _ in range(5)]
    assert [each.status_code for each in answers] == [422] * 5
    assert "its six digits again" in answers[3].text
    assert 'action="/sms/code' not in answers[4].text
    kept = phone.open("/sms", phone.ticket())
    assert 'action="/sms/code' not in kept.text
    phone.clock.advance(timedelta(seconds=61))
    assert phone.submit(code_page(phone), "/sms/again").status_code == 303
    assert enter(phone, provider.code).status_code == 303


def test_s2_a_page_kept_open_gives_no_sixth_try(phone, provider):
    page = phone.follow(ask(phone))
    for _ in range(5):
        phone.submit(page, "/sms/code", code=other_than(provider.code))
    assert phone.submit(page, "/sms/code", code=provider.code).status_code == 422


def test_s2_a_code_lets_no_other_device_in(phone, provider):
    ask(phone)
    code = provider.code
    ask(phone, ANOTHER_NUMBER, OTHER_PHONE)
    if code != provider.code:
        assert enter(phone, code, OTHER_PHONE).status_code == 422


def test_what_is_no_code_uses_up_no_try(phone, provider):
    ask(phone)
    for typed in ("", "12345", "1234567", "abcdef", "x" * 500, "１２３４５"):
        assert enter(phone, typed).status_code == 422
    assert enter(phone, provider.code).status_code == 303


class TestWithoutOneTap:
    @pytest.fixture
    def ways(self):
        return (Method.SMS,)

    def test_s8_a_provider_that_fails_gets_the_citizen_a_short_pass(self, phone, provider, portal_store):
        provider.mode = "fails"
        page = ask(phone)
        assert page.status_code == 503
        assert "Text messages do not arrive right now." in page.text
        phone.follow(phone.submit(page, "/relief"))
        assert visit_of(phone, portal_store).method is Method.RELIEF


def test_a_message_that_did_not_leave_costs_nobody_a_try_or_a_place_in_a_budget(phone, provider, portal_store):
    provider.mode = "fails"
    for _ in range(2):
        ask(phone)
    with portal_store.read() as tx:
        used = tx.connection.execute(
            sa.text("SELECT what, used FROM budget WHERE what IN ('sms device', 'sms number')")
        ).all()
    assert {tuple(each) for each in used} == {("sms device", 0), ("sms number", 0)}
    assert phone.open("/sms", phone.ticket()).status_code == 200  # no code is under way
    provider.mode = "works"
    assert ask(phone).status_code == 303


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "not a mobile"), ("12", "not a mobile"), ("02-120", "not a mobile"), ("+1 202 555 0123", "no text messages to this country"), ("+" * 9000, "not a mobile")],
)  # fmt: skip
def test_what_is_no_number_of_a_served_country_is_said_and_sent_nowhere(phone, provider, typed, said):
    answer = ask(phone, typed)
    assert answer.status_code == (413 if len(typed) > 8192 else 422)
    assert said in answer.text or answer.status_code == 413
    assert provider.taken == []


def test_a_number_of_another_served_country_is_chosen_in_the_picker_or_written_whole(phone, provider):
    page = phone.open("/sms", phone.ticket())
    assert '<option value="PH">Pilipinas \u2066+63\u2069</option>' in page.text
    ask(phone, "0917 123 4567", country="PH")
    ask(phone, "+63 917 123 4567", OTHER_PHONE)
    assert ["+639171234567" in each.body.decode() for each in provider.taken] == [True, True]


def test_a_country_that_the_picker_does_not_have_means_the_first_one(phone, provider):
    assert ask(phone, country="../XX").status_code == 303
    assert E164 in provider.taken[0].body.decode()


def test_one_country_needs_no_picker(face, provider, gateway, clock):
    app = sms_app(face, sms_settings(provider.url, countries=("KR",)))
    page = Phone(app.test_client(), gateway, clock).open("/sms", gateway.ticket(clock.now()))
    assert "<select" not in page.text


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_message_speaks_the_pages_language_and_names_the_portal_where_wanted(
    face, provider, gateway, clock, language
):
    app = sms_app(face, sms_settings(provider.url, origin_line=True))
    ask(Phone(app.test_client(), gateway, clock, language))
    text = re.search(r'"text": "(.*)"', provider.taken[-1].body.decode())[1]
    assert ("code" in text) == (language == "en")
    assert text.endswith(f"\\n\\n@wifi.example #{provider.code}")  # the format of web.dev/articles/sms-otp-form


def test_visits_of_one_number_share_their_holder(phone, provider, portal_store):
    holders = []
    for device in (PHONE, OTHER_PHONE):
        ask(phone, NUMBER, device)
        enter(phone, provider.code, device)
        holders.append(visit_of(phone, portal_store).holder)
        phone.submit(phone.open("/status", phone.ticket(device=device)), "/sign-out")
    assert holders[0] == holders[1]


@pytest.mark.parametrize("form", ["/sms", "/sms/code"])
@pytest.mark.parametrize("change", [{"token": ""}, {"s": "other"}])
def test_s3_a_form_of_another_device_is_refused(phone, provider, form, change):
    ask(phone)
    page = code_page(phone) if form == "/sms/code" else phone.open("/sms", phone.ticket(), other=1)
    changed = {
        name: phone.ticket(device=OTHER_PHONE) if value == "other" else value for name, value in change.items()
    }
    assert phone.submit(page, form, number=NUMBER, code=provider.code, **changed).status_code == 403
    assert len(provider.taken) == 1


def test_a_place_that_does_not_offer_it_sends_nothing(face, provider, gateway, clock, portal_store):
    with portal_store.begin() as tx:
        tx.sites.offer(next(iter(tx.sites.numbers().values())), (Method.CLICK_THROUGH,))
    phone = Phone(sms_app(face, sms_settings(provider.url)).test_client(), gateway, clock)
    assert phone.open("/sms", phone.ticket()).status_code == 403


@both_databases
def test_d1_the_number_is_nowhere_in_the_log_the_addresses_the_metrics_and_the_database(
    phone, provider, logged, registry, engine, tmp_path
):
    asked = ask(phone)
    enter(phone, other_than(provider.code))
    provider.mode = "fails"
    ask(phone, NUMBER, OTHER_PHONE)
    ask(phone, "+1 202 555 0123")
    code = provider.taken[0].code
    answer = enter(phone, code)
    places = {
        "log": logged.getvalue(),
        "addresses": " ".join(
            (asked.headers["Location"], answer.headers["Location"], *(each.path for each in provider.taken))
        ),
        "metrics": "".join(f"{each.name}{each.labels}" for family in registry.collect() for each in family.samples),
        "database": str(_all_rows(engine)),
    }
    assert '"route": "/sms' in places["log"]
    for place, text in places.items():
        for secret in (E164, NATIONAL, NUMBER, E164[1:], "98765432", f"'{code}'", f'"{code}"'):
            assert secret not in text, place


def _all_rows(engine):
    tables = sa.inspect(engine).get_table_names()
    with engine.connect() as connection:
        return {name: connection.execute(sa.text(f'SELECT * FROM "{name}"')).all() for name in tables}


@both_databases
def test_d5_who_has_their_data_deleted_has_no_number_left_here(phone, portal_store):
    phone.submit(phone.open("/", phone.ticket()), "/connect")
    phone.submit(phone.open("/status", phone.ticket()), "/sign-out")
    ask(phone)
    phone.submit(phone.open("/status", phone.ticket()), "/erase")
    with portal_store.read() as tx:
        assert tx.text_codes.of(PHONE) is None


def test_the_settings_without_a_provider_offer_no_such_way():
    from portal.identity import sms_making
    from wifi_manager.settings import Settings

    assert sms_making.maker(Settings(sms=Sms())) is None


def test_d4_whoever_reads_a_draft_goes_online_by_a_sentence_in_the_citys_own_language(phone):
    ask(phone)
    page = phone.open("/sms", phone.ticket(), l="vi").text
    spoken = catalogue.load(["ko", "vi"])
    assert f'lang="ko" dir="ltr">{spoken["ko"]("sms.accept")}</p>' in page
    assert spoken["vi"]("sms.accept") not in page
