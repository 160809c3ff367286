"""What Prometheus reads about reports and emergencies, and that the shipped alarms go off when they should."""

import shutil
import subprocess
from datetime import timedelta

import pytest

from tests.builders import NOON, a_site
from tests.exporter.test_exporter import series
from tests.fakes.clock import FrozenClock
from wifi_manager import shipped
from wifi_manager.domain.problem_reports import Told, Trouble
from wifi_manager.exporter.app import create_app
from wifi_manager.storage.problem_reports import Circumstances

PARK, HALL = a_site(), a_site(district="Hill district", name="Hall")
RULES = """
rule_files: [desk.rules.yml]
evaluation_interval: 5m
tests:
  - interval: 5m
    input_series:
      - {series: 'wifi_reports_open{city="c", district="River"}', values: '9x5 10x20'}
      - {series: 'wifi_emergency_open{city="c", district="River", site=""}', values: '_x5 1x2 stale'}
    alert_rule_test:
      - {eval_time: 50m, alertname: ManyReportsOpen, exp_alerts: []}
      - eval_time: 65m
        alertname: ManyReportsOpen
        exp_alerts:
          - exp_labels: {severity: warning, city: c, district: River}
            exp_annotations:
              summary: 10 problem reports of River wait for an answer.
              description: "`wifi-manager report list --state open` and the console's page Reports show them."
      - {eval_time: 20m, alertname: EmergencyOpen, exp_alerts: []}
      - eval_time: 35m
        alertname: EmergencyOpen
        exp_alerts:
          - exp_labels: {severity: warning, city: c, district: River}
            exp_annotations:
              summary: "River is open to everybody."
              description: "It ends by itself; `wifi-manager emergency close` ends it now."
      - {eval_time: 60m, alertname: EmergencyOpen, exp_alerts: []}
"""


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


def test_ten_reports_that_wait_for_half_an_hour_and_every_open_place_alarm(tmp_path):
    shutil.copy(shipped.configs() / "prometheus" / "desk.rules.yml", tmp_path)
    (tmp_path / "tests.yml").write_text(RULES)
    done = subprocess.run(
        ["promtool", "test", "rules", "tests.yml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
