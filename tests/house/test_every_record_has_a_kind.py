"""Law as data: no table without a word on how long its rows are kept, and every profile says it for every kind."""

import pytest

from tests.house.pages import LAW_PAGE, law_page
from tests.house.sources import ROOT
from wifi_manager.domain.law import FIXED, STRICTEST, Kind
from wifi_manager.services import legal_profiles
from wifi_manager.settings import City
from wifi_manager.storage.rows import metadata
from wifi_manager.storage.rows.records import RECORDS, Aged

WHAT_TO_DO = (
    "Say in wifi_manager/storage/rows/records.py what each of these tables holds: Aged(kind, moment) with a Kind of "
    "wifi_manager/domain/law.py for records about people (`tidy` then erases them by the city's legal profile; "
    "of_device and shown put them into a citizen's own export and erasure), or Lasting(why) for anything else."
)


def test_d3_every_table_says_what_kind_of_record_it_holds():
    assert set(metadata.tables) - set(RECORDS) == set(), WHAT_TO_DO
    assert set(RECORDS) - set(metadata.tables) == set(), "these tables are gone: take their lines out of records.py"


def test_d5_what_a_citizen_reads_of_a_table_they_can_have_erased():
    aged = {name: record for name, record in RECORDS.items() if isinstance(record, Aged)}
    assert {name for name, record in aged.items() if record.shown and record.of_device is None} == set(), WHAT_TO_DO


def test_d5_a_table_that_points_to_a_device_is_in_its_citizens_export_and_erasure():
    pointing = {
        table.name
        for table in metadata.tables.values()
        if any(key.column.table.name == "device" for key in table.foreign_keys)
    }
    found = {name for name in pointing if getattr(RECORDS.get(name), "of_device", None) is None}
    assert found == set(), WHAT_TO_DO


@pytest.mark.parametrize("name", legal_profiles.names(ROOT / "configs"))
def test_d3_every_profile_has_a_time_for_every_kind_and_says_by_which_rule(name):
    profile = legal_profiles.load(ROOT / "configs", name)
    assert set(profile.keep) == set(Kind) - set(FIXED)
    assert all(keeping.source for keeping in profile.keep.values())
    assert "lawyer" in profile.not_legal_advice


def test_d3_a_city_that_chooses_no_law_gets_the_strictest():
    profiles = [legal_profiles.load(ROOT / "configs", name) for name in legal_profiles.names(ROOT / "configs")]
    strictest = legal_profiles.load(ROOT / "configs", STRICTEST)
    assert City().law == STRICTEST
    for kind in (Kind.VISITS, Kind.MOVEMENTS, Kind.CONSENTS, Kind.REPORTS):
        assert all(strictest.keep[kind].days <= each.keep[kind].days for each in profiles), kind
    assert not strictest.held


def test_the_page_about_the_law_has_the_days_of_every_profile():
    assert LAW_PAGE.read_text(encoding="utf-8") == law_page(), "make it again: python -m tests.house.pages"
