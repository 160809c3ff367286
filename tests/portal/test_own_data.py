"""D4, D5 and D7 as citizens meet them: a copy of all we know, erasure, an optional consent and taking it back."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal.app import create_app
from portal.own_data import keep_terms
from tests.builders import a_legal_profile
from tests.fakes.gateway import ANOTHER_ADDRESS, OTHER_PHONE, PHONE
from tests.portal.conftest import Phone
from wifi_manager.domain.errors import Conflict
from wifi_manager.domain.visits import Method
from wifi_manager.services.stewardship import Stewardship

pytestmark = pytest.mark.usefixtures("store")

REMEMBER, FORGET = "Remember this device", "Stop remembering"


def under(face, law):
    """The face of a city under another law."""
    profile = a_legal_profile(law)
    return replace(face, own=replace(face.own, profile=profile), admission=replace(face.admission, held=profile.held))


def exported(phone, **given):
    answer = phone.open("/data.json", phone.ticket(**given))
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer.headers["Cache-Control"]
    return json.loads(answer.text)


def agrees(phone):
    phone.go_online(phone.ticket())
    return phone.submit(phone.open("/status", phone.ticket()), "/agree")


def test_d5_a_citizen_downloads_everything_that_is_kept_and_by_which_rule(phone):
    phone.go_online(phone.ticket())
    found = exported(phone)
    (device,) = found["records"]
    (visit,) = device["visit"]
    assert visit["method"] == "click_through"
    assert (visit["terms_version"], visit["terms_language"], visit["gateway"]) == ("2026-11", "en", "gw-1")
    assert found["law"]["kept_for_days"]["visits"] == 30
    assert found["law"]["never_kept"]
    assert PHONE.full() not in json.dumps(found)


def test_d5_nobody_reads_the_data_of_another_device(phone):
    phone.go_online(phone.ticket())
    assert exported(phone, device=OTHER_PHONE, address=ANOTHER_ADDRESS)["records"] == []


def test_d5_an_erasure_leaves_nothing_where_no_law_holds_anything(phone, engine):
    agrees(phone)
    phone.follow(phone.submit(phone.open("/status", phone.ticket()), "/erase"))
    assert exported(phone)["records"] == exported(phone)["held_by_law_after_erasure"] == []
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT device_id, holder FROM visit")).all() == [(None, None)]
        for table in ("device", "agreement"):
            assert connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 0


def test_d5_an_erasure_says_what_the_law_holds_and_until_then_nobody_meets_the_device_by_it(
    face, gateway, clock, portal_store, engine
):
    app = create_app(under(face, "seoul"))
    with gateway.acknowledging():
        phone = Phone(app.test_client(use_cookies=False), gateway, clock)
        for _ in range(2):  # erased twice within the time of the law
            agrees(phone)
            status = phone.open("/status", phone.ticket())
            assert "for 90 days" in status.text
            done = phone.follow(phone.submit(status, "/erase"))
            assert "keep the record of your visits for 90 days" in done.text
            assert "We know nothing about this device" in phone.open("/status", phone.ticket()).text
    found = exported(phone)
    assert found["records"] == []
    (held,) = found["held_by_law_after_erasure"]
    assert (len(held["visit"]), held["agreement"]) == (2, [])
    clock.advance(timedelta(days=92))
    Stewardship(portal_store, clock, a_legal_profile("seoul")).tidy()
    assert exported(phone)["held_by_law_after_erasure"] == []
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM device")) == 0


def test_d4_a_consent_is_recorded_whole(phone, clock):
    answer = agrees(phone)
    assert answer.status_code == 303
    (device,) = exported(phone)["records"]
    assert device["agreement"] == [
        {
            "what": "remember_device",
            "given_at": str(clock.now()),
            "withdrawn_at": None,
            "terms_version": "2026-11",
            "terms_language": "en",
            "gateway": "gw-1",
            "network": "guests",
            "method": "click_through",
        }
    ]


def test_u4_a_device_that_is_remembered_is_online_without_a_page(phone, clock):
    agrees(phone)
    clock.advance(timedelta(hours=25))
    answer = phone.open("/", phone.ticket())
    assert answer.headers["Location"].startswith("/connected?")
    (device,) = exported(phone)["records"]
    assert [each["method"] for each in device["visit"]] == ["click_through", Method.REMEMBERED.value]
    assert "This device was remembered" in phone.open("/status", phone.ticket()).text


def test_d4_a_consent_is_taken_back_as_easily_and_then_the_page_comes_again(phone, clock):
    agrees(phone)
    page = phone.open("/status", phone.ticket())
    assert FORGET in page.text
    assert REMEMBER not in page.text
    phone.submit(page, "/withdraw")
    (device,) = exported(phone)["records"]
    assert device["agreement"][0]["withdrawn_at"] == str(clock.now())
    clock.advance(timedelta(hours=25))
    assert "one tap away" in phone.open("/", phone.ticket()).text


def test_whoever_signed_out_is_asked_again(phone):
    agrees(phone)
    phone.submit(phone.open("/status", phone.ticket()), "/sign-out")
    assert "one tap away" in phone.open("/", phone.ticket()).text


def test_d4_new_terms_are_shown_to_a_device_that_is_remembered(face, phone, clock):
    agrees(phone)
    clock.advance(timedelta(hours=25))
    newer = replace(face.terms, versions={**face.terms.versions, "2027-01": face.terms.versions["2026-11"]})
    changed = create_app(replace(face, terms=replace(newer, current="2027-01")))
    other = Phone(changed.test_client(use_cookies=False), phone.gateway, clock)
    assert "one tap away" in other.open("/", other.ticket()).text


def test_d7_nothing_optional_is_collected_to_get_online_and_the_young_are_told_to_leave_it_out(phone, clock):
    first = phone.open("/", phone.ticket())
    assert 'type="checkbox"' not in first.text
    assert phone.go_online(phone.ticket()).status_code == 200
    assert exported(phone)["records"][0]["agreement"] == []
    assert "younger than 16" in phone.open("/status", phone.ticket()).text


def test_d7_a_city_that_offers_no_optional_consent_asks_for_none(face, gateway, clock):
    profile = replace(face.own.profile, optional_consents=())
    app = create_app(replace(face, own=replace(face.own, profile=profile)))
    with gateway.acknowledging():
        phone = Phone(app.test_client(use_cookies=False), gateway, clock)
        phone.go_online(phone.ticket())
        page = phone.open("/status", phone.ticket())
        assert REMEMBER not in page.text


@pytest.mark.parametrize("deed", ["/agree", "/withdraw"])
def test_s3_a_consent_needs_the_token_of_its_own_form(phone, deed):
    phone.go_online(phone.ticket())
    ticket = phone.ticket()
    stolen = {"s": ticket, "token": "0" * 32}
    assert phone.client.post(deed, data=stolen).status_code == 403


def test_d4_terms_that_citizens_accepted_are_not_changed_afterwards(face, phone):
    keep_terms(face)
    keep_terms(face)
    words = face.terms.versions["2026-11"]
    changed = {**words, "en": replace(words["en"], title="Other terms")}
    other = replace(face, terms=replace(face.terms, versions={"2026-11": changed}))
    keep_terms(other)  # nobody has accepted them yet
    keep_terms(face)
    phone.go_online(phone.ticket())
    with pytest.raises(Conflict, match="new folder"):
        keep_terms(other)
