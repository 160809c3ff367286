"""What keeps the bill for text messages small, as citizens meet it."""

import re
from datetime import timedelta

import pytest

from tests.fakes.gateway import OTHER_PHONE
from tests.portal.sms_pages.asking import (
    ANOTHER_NUMBER,
    NUMBER,
    ask,
    count,
    enter,
    sms_settings,
)

pytestmark = pytest.mark.slow

both_databases = pytest.mark.usefixtures("store")


class TestBudgets:
    @pytest.fixture
    def chosen(self, provider):
        return sms_settings(
            provider.url, device_a_day=4, number_a_day=2, prefix_a_day=3, place_an_hour=20, city_a_day=40
        )

    def again(self, phone):
        phone.clock.advance(timedelta(seconds=61))

    def test_s2_a_device_has_so_many_codes_a_day_and_is_told_so(self, phone, provider, registry):
        for number in ("010-1111-2222", "010-2222-3333", "010-3333-4444", "010-4444-5555"):
            assert ask(phone, number).status_code == 303
        answer = ask(phone, "010-5555-6666")
        assert answer.status_code == 429
        assert "come back tomorrow" in answer.text
        assert 'value="010-5555-6666"' in answer.text
        assert count(registry, "wifi_sms_refused_total", reason="device") == 1
        phone.clock.advance(timedelta(days=1))
        assert ask(phone, "010-5555-6666").status_code == 303
        assert len(provider.taken) == 5

    def test_s2_a_number_has_so_many_codes_a_day_and_nobody_learns_that_it_was_used(self, phone, provider, registry):
        for _ in range(2):
            ask(phone)
            self.again(phone)
        answers = [ask(phone, NUMBER, OTHER_PHONE), ask(phone, ANOTHER_NUMBER, OTHER_PHONE)]
        pages = [
            re.sub(r'(s=|value=")[^"]*|nonce-?"?=?[^"]*|••• \d+', "", phone.follow(each).text) for each in answers
        ]
        assert [each.status_code for each in answers] == [303, 303]
        assert len(pages[0]) == len(pages[1])
        assert len(provider.taken) == 3
        assert count(registry, "wifi_sms_refused_total", reason="number") == 1

    def test_s2_numbers_that_follow_each_other_share_a_budget(self, phone, provider, registry):
        for last in range(4):
            assert ask(phone, f"010-7777-000{last}").status_code == 303
        assert len(provider.taken) == 3
        assert count(registry, "wifi_sms_refused_total", reason="prefix") == 1


class TestOneAnHour:
    @pytest.fixture
    def chosen(self, provider):
        return sms_settings(provider.url, place_an_hour=1)

    def test_s2_a_place_has_so_many_codes_an_hour_and_other_places_have_their_own(self, phone, provider):
        ask(phone)
        refused = phone.open("/sms", phone.ticket(device=OTHER_PHONE))
        assert refused.status_code == 503
        assert "Text messages do not arrive right now." in refused.text
        assert phone.open("/sms", phone.ticket(device=OTHER_PHONE, network="hall")).status_code == 200
        phone.clock.advance(timedelta(hours=1))
        assert ask(phone, ANOTHER_NUMBER, OTHER_PHONE).status_code == 303


class TestOneADay:
    @pytest.fixture
    def chosen(self, provider):
        return sms_settings(provider.url, city_a_day=1)

    def test_s2_when_the_days_budget_is_used_up_the_breaker_opens_and_offers_another_way(self, phone, registry):
        page = phone.open("/sms", phone.ticket(device=OTHER_PHONE))
        assert count(registry, "wifi_sms_breaker_open", reason="budget") == 0
        assert count(registry, "wifi_sms_budget_left_ratio") == 1
        ask(phone)
        late = phone.submit(page, "/sms", number=ANOTHER_NUMBER)
        assert late.status_code == 503
        assert count(registry, "wifi_sms_breaker_open", reason="budget") == 1
        assert count(registry, "wifi_sms_budget_left_ratio") == 0
        assert phone.follow(phone.submit(late, "/connect")).status_code == 200
        phone.clock.advance(timedelta(days=1))
        assert phone.open("/sms", phone.ticket()).status_code == 200


class TestFewComeBack:
    @pytest.fixture
    def chosen(self, provider):
        return sms_settings(provider.url, verified_from=4, verified_share=0.5, device_a_day=90)

    def test_s2_when_too_few_codes_come_back_the_breaker_opens_for_an_hour(self, phone, provider, registry):
        for number in range(4):
            ask(phone, f"010-{number}111-2222")
            if number == 0:
                enter(phone, provider.code)
                phone.submit(phone.open("/status", phone.ticket()), "/sign-out")
        assert count(registry, "wifi_sms_breaker_open", reason="unverified") == 0  # they may still come
        phone.clock.advance(timedelta(minutes=21))
        assert count(registry, "wifi_sms_breaker_open", reason="unverified") == 1
        assert phone.open("/sms", phone.ticket()).status_code == 503
        phone.clock.advance(timedelta(hours=1))
        assert phone.open("/sms", phone.ticket()).status_code == 200

    def test_s2_codes_that_come_back_keep_the_breaker_closed(self, phone, provider, registry):
        for number in range(4):
            ask(phone, f"010-{number}111-2222")
            if number % 2:
                enter(phone, provider.code)
                phone.submit(phone.open("/status", phone.ticket()), "/sign-out")
        phone.clock.advance(timedelta(minutes=21))
        assert count(registry, "wifi_sms_breaker_open", reason="unverified") == 0


@both_databases
def test_s2_a_provider_that_fails_three_times_is_left_alone_for_a_minute(phone, provider, registry):
    provider.mode = "fails"
    for _ in range(3):
        ask(phone)
    assert count(registry, "wifi_sms_breaker_open", reason="provider") == 1
    assert phone.open("/sms", phone.ticket()).status_code == 503
    assert len(provider.taken) == 3
    phone.clock.advance(timedelta(minutes=1))
    provider.mode = "works"
    assert ask(phone).status_code == 303
    assert count(registry, "wifi_sms_breaker_open", reason="provider") == 0
