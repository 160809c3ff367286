"""Every alarm that we ship goes off when it should, says what it should, and stays silent otherwise."""

import re
import subprocess

import pytest

from tests.house.sources import ROOT
from tests.prometheus import alarms, cases_access_points, cases_city, cases_desk
from tests.prometheus.alarms import FOLDER

pytestmark = pytest.mark.slow

CASES = {each.alert: each for each in (*cases_access_points.CASES, *cases_city.CASES, *cases_desk.CASES)}
RUNBOOKS = "docs/runbooks.md"
SMS = ("SmsBudgetEnds", "SmsFails", "SmsStopped")


@pytest.mark.parametrize("alert", SMS)
def test_s2_an_open_breaker_a_budget_that_ends_and_a_failing_provider_alarm(alert, tmp_path):
    alarms.check(CASES[alert], tmp_path)


@pytest.mark.parametrize("alert", sorted(set(CASES) - set(SMS)))
def test_it_goes_off_when_it_should_and_only_then(alert, tmp_path):
    alarms.check(CASES[alert], tmp_path)


def test_every_alarm_has_series_that_set_it_off_and_some_that_do_not():
    assert set(CASES) == set(alarms.rules())
    assert [each.alert for each in CASES.values() if not each.quiet] == []


def test_every_alarm_has_its_place_in_the_runbooks_and_every_place_its_alarm():
    headings = re.findall(r"^### (\w+)$", (ROOT / RUNBOOKS).read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(headings) == sorted(alarms.rules())
    links = {name: rule["annotations"]["runbook_url"] for name, rule in alarms.rules().items()}
    assert links == {name: f"{RUNBOOKS}#{name.lower()}" for name in headings}


def test_every_alarm_says_how_bad_it_is_what_it_is_and_what_follows():
    for name, rule in alarms.rules().items():
        assert rule["labels"]["severity"] in {"critical", "warning"}, name
        assert rule["annotations"]["summary"].endswith("."), name
        assert rule["annotations"]["description"].endswith((".", "?")), name


def test_promtool_finds_nothing_wrong_with_the_whole_configuration():
    command = ["promtool", "check", "config", FOLDER / "prometheus.yml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "FAILED" in done.stdout + done.stderr) == (0, False), done.stdout + done.stderr


def test_prometheus_reads_every_file_of_rules():
    config = (FOLDER / "prometheus.yml").read_text(encoding="utf-8")

    assert sorted(re.findall(r"^  - (\S+\.rules\.yml)$", config, re.MULTILINE)) == sorted(
        path.name for path in FOLDER.glob("*.rules.yml")
    )
