"""The desk from a shell: reports, visits and emergencies, with the same trail as in the console."""

import json
from datetime import timedelta

import pytest

from tests.builders import a_plan, a_site, a_visit, an_asker
from wifi_manager.clock import SystemClock
from wifi_manager.domain.problem_reports import ReportState, Told, Trouble
from wifi_manager.domain.visits import EndReason
from wifi_manager.storage.problem_reports import Circumstances


@pytest.fixture
def city(store):
    """A running visit in the park, and a report of its device."""
    now, asker = SystemClock().now(), an_asker()
    with store.begin() as tx:
        tx.plans.save(a_plan())
        tx.sites.save([a_site()])
        tx.gateways.add("gw-1", tx.sites.numbers()[a_site().key], b"d", now)
        number = tx.visits.device_number(asker.device, now)
        tx.visits.add(a_visit(number=number, asker=asker, opened_at=now, expires_at=now + timedelta(hours=1)))
        where = tx.problem_reports.whereabouts("gw-1", "guests")
        known = Circumstances("n-1", now, where, "guests", "running", number)
        tx.problem_reports.add(Told(Trouble.SLOW, "Slow at the pond"), known)
    return store


def trail(store, noun):
    with store.read() as tx:
        return [(each.actor, each.action) for each in tx.audit.newest(5, noun=noun)]


def test_a_report_is_listed_shown_answered_and_closed(wifi, city):
    listed = wifi("report", "list", "--state", "open")
    assert (listed.exit_code, "Willow park" in listed.output, "pond" in listed.output) == (0, True, False)
    assert json.loads(wifi("report", "list", "--site", "Elsewhere", "--json").output) == []
    shown = json.loads(wifi("report", "show", "1", "--json").output)
    assert (shown["text"], shown["visit"], shown["visit_runs"]) == ("Slow at the pond", "v-0001", True)
    assert shown["gateways"] == {"gw-1": "not_enrolled"}
    assert "text: Slow at the pond" in wifi("report", "show", "1").output
    assert wifi("report", "answer", "1", typed="Mended.\n").exit_code == 0
    assert wifi("report", "close", "1", "--why", "done").exit_code == 0
    with city.read() as tx:
        report = tx.problem_reports.get(1)
    assert (report.answer, report.state) == ("Mended.", ReportState.CLOSED)
    assert trail(city, "report") == [("command line", "closed"), ("command line", "answered")]
    refused = wifi("report", "show", "9")
    assert (refused.exit_code, "no report 9" in refused.output) == (1, True)


def test_a_visit_is_listed_without_its_device_and_ended(wifi, city):
    (line,) = json.loads(wifi("visit", "list", "--gateway", "gw-1", "--json").output)
    assert (line["public_id"], line["site"]) == ("v-0001", "Willow park")
    listed = wifi("visit", "list").output
    assert "v-0001" in listed
    assert "02:00:5e" not in listed + json.dumps(line)
    assert wifi("visit", "end", "v-0001", "--why", "asked").exit_code == 0
    with city.read() as tx:
        assert tx.visits.get("v-0001").end_reason is EndReason.ENDED_BY_OPERATOR
    assert trail(city, "visit") == [("command line", "ended")]
    assert wifi("visit", "end", "v-0001", "--why", "again").exit_code == 1


def test_a_district_is_opened_listed_and_closed(wifi, city):
    opened = wifi("emergency", "open", "River district", "--hours", "12", "--why", "flood")
    assert (opened.exit_code, "Emergency 1 is open until" in opened.output) == (0, True), opened.output
    (listed,) = json.loads(wifi("emergency", "list", "--json").output)
    assert (listed["district"], listed["site"], listed["is_open"]) == ("River district", None, True)
    assert wifi("emergency", "close", "1").exit_code == 0
    assert "over" in wifi("emergency", "list").output
    assert trail(city, "emergency") == [("command line", "closed"), ("command line", "opened")]
    for wrong in (("Nowhere", "--hours", "1"), ("River district", "--hours", "73")):
        assert wifi("emergency", "open", *wrong, "--why", "flood").exit_code != 0
