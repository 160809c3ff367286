"""What Prometheus reads about reports and emergencies."""

import shutil
from datetime import timedelta

import pytest

from tests.builders import NOON, a_site
from tests.exporter.test_exporter import series
from tests.fakes.clock import FrozenClock
from wifi_manager.domain.problem_reports import Told, Trouble
from wifi_manager.exporter.app import create_app
from wifi_manager.storage.problem_reports import Circumstances

PARK, HALL = a_site(), a_site(district="Hill district", name="Hall")


@pytest.fixture
def upgraded_url(upgraded_file, tmp_path):
    shutil.copy(upgraded_file, tmp_path / "city.db")
    return f"sqlite:///{tmp_path / 'city.db'}"


def test_open_reports_are_counted_by_district_and_open_places_named(store):
    with store.begin() as tx:
        tx.sites.save([PARK, HALL])
        numbers = tx.sites.numbers()
        tx.gateways.add("gw-1", numbers[PARK.key], b"d", NOON)
        where = tx.problem_reports.whereabouts("gw-1", "guests")
        for nonce in ("a", "b", "c"):
            tx.problem_reports.add(Told(Trouble.SLOW), Circumstances(nonce, NOON, where))
        tx.problem_reports.close(1, "somebody", NOON)
        for site in (PARK, HALL):
            place = tx.emergencies.place(site.district, site.name if site is HALL else None)
            until = NOON + timedelta(hours=1 if site is HALL else -1)
            tx.emergencies.add(place, NOON, until, "flood", "chief")
    text = create_app(store, FrozenClock(NOON)).test_client().get("/metrics").text
    found = {
        key: value for key, value in series(text).items() if key[0] in {"wifi_reports_open", "wifi_emergency_open"}
    }
    city = ("city", store.city)
    assert found == {
        ("wifi_reports_open", (city, ("district", "River district"))): 2,
        ("wifi_reports_open", (city, ("district", ""))): 0,
        ("wifi_emergency_open", (city, ("district", "Hill district"), ("site", "Hall"))): 1,
    }
