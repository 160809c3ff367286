"""D4, D5 and D7 as citizens meet them: a copy of all we know, erasure, an optional consent and taking it back."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal.app import create_app
from portal.own_data import keep_terms
from tests.builders import a_legal_profile
from tests.fakes.gateway import ANOTHER_ADDRESS, OTHER_PHONE, PHONE
from tests.portal.conftest import Phone
from wifi_manager import assembly, shipped
from wifi_manager.domain.errors import Conflict
from wifi_manager.domain.problem_reports import Told, Trouble
from wifi_manager.services.stewardship import Stewardship
from wifi_manager.settings import City, Settings

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("store")]


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
    return phone.submit(phone.open("/status", phone.ticket()), "/remember")


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
        for table in ("device", "remembered_device"):
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
    assert (len(held["visit"]), held["remembered_device"]) == (2, [])
    clock.advance(timedelta(days=92))
    Stewardship(portal_store, clock, a_legal_profile("seoul")).tidy()
    assert exported(phone)["held_by_law_after_erasure"] == []
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM device")) == 0


def test_d4_a_consent_is_recorded_whole(phone, clock):
    answer = agrees(phone)
    assert answer.status_code == 303
    (device,) = exported(phone)["records"]
    assert device["remembered_device"] == [
        {
            "agreed_at": str(clock.now()),
            "until": str(clock.now() + timedelta(days=30)),
            "terms_version": "2026-11",
            "terms_language": "en",
            "method": "click_through",
        }
    ]


def test_d4_a_consent_is_taken_back_as_easily(phone):
    agrees(phone)
    page = phone.open("/status", phone.ticket())
    phone.submit(page, "/forget")
    (device,) = exported(phone)["records"]
    assert device["remembered_device"] == []


def test_d7_nothing_optional_is_collected_to_get_online_and_the_young_are_told_to_leave_it_out(phone):
    first = phone.open("/", phone.ticket())
    assert not re.search(r"<input[^>]*\bchecked", first.text)
    assert phone.go_online(phone.ticket()).status_code == 200
    assert exported(phone)["records"][0]["remembered_device"] == []
    assert "younger than 16" in phone.open("/status", phone.ticket()).text


@pytest.mark.parametrize(("optional", "days", "remembered_days"), [(False, 90, 0), (True, 90, 30), (True, 7, 7)])
def test_d7_a_device_is_remembered_only_where_the_law_lets_it_and_as_long(tmp_path, optional, days, remembered_days):
    text = (shipped.configs() / "law" / "eu-strict.toml").read_text(encoding="utf-8")
    law = tmp_path / "own.toml"
    text = text.replace("[keep.consents]\ndays = 90", f"[keep.consents]\ndays = {days}")
    law.write_text(text if optional else text.replace('["remember_device"]', "[]"), encoding="utf-8")
    made = assembly.returning(Settings(city=City(law=str(law))))
    assert made.remembered_for == timedelta(days=remembered_days)


def test_d5_what_a_citizen_has_reported_is_in_their_data_and_goes_with_it(face, phone, engine):
    phone.go_online(phone.ticket())
    ticket = face.admission.asking(phone.ticket())
    face.reporting.send(ticket, Told(Trouble.SLOW, "too slow"))
    (device,) = exported(phone)["records"]
    assert device["problem_report"][0]["trouble"] == "slow"
    assert device["said_in_reports"][0]["text"] == "too slow"
    phone.submit(phone.open("/status", phone.ticket()), "/erase")
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT device_id, text_sealed FROM problem_report")).all() == [
            (None, None)
        ]


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
