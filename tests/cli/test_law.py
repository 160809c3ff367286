"""What the city's law is, whether the database holds to it, and lawful requests, by the command line."""

import json
import stat
from datetime import UTC, datetime

import pytest

from tests.fakes.gateway import PHONE
from tests.services.test_staffing import QUICK
from wifi_manager.domain.law import Kind
from wifi_manager.domain.operators import Role
from wifi_manager.services.staffing import Staffing

pytestmark = pytest.mark.slow


@pytest.fixture
def people(store, clock, tmp_path, monkeypatch):
    """Passwords of two admins."""
    monkeypatch.setenv("WIFI_MANAGER_CONSOLE_SECRET_KEY_FILE", str(tmp_path / "console.key"))
    staffing = Staffing(store, clock, b"k" * 32, QUICK)
    return {name: staffing.add(name, Role.ADMIN, "command line") for name in ("chief", "other")}


def test_d3_the_law_is_said_in_plain_words(wifi, monkeypatch):
    monkeypatch.setenv("WIFI_MANAGER_CITY_LAW", "seoul")
    said = wifi("law", "show").output
    assert "visits: 90 days, also when its citizen asks for erasure" in said
    assert "not by lawyers" in said
    assert all(kind.value.replace("_", " ") in said for kind in Kind)


def test_a_law_that_is_not_there_is_refused_with_those_that_are(wifi, monkeypatch):
    monkeypatch.setenv("WIFI_MANAGER_CITY_LAW", "mars")
    refused = wifi("law", "show")
    assert refused.exit_code == 1
    assert "eu-strict, manila, seoul" in refused.output


def test_d3_check_tells_what_is_too_old_until_tidy_has_run(wifi, store):
    assert wifi("law", "check").exit_code == 0
    with store.begin() as tx:
        tx.operators.note_failure("digest", datetime(2020, 1, 1, tzinfo=UTC))
    found = wifi("law", "check", "--json")
    assert found.exit_code == 1
    rows = {each["table"]: each for each in json.loads(found.output[: found.output.rindex("]") + 1])}
    assert (rows["failed_sign_in"]["overdue"], rows["visit"]["overdue"]) == (1, 0)
    assert "erased failed sign in: 1" in wifi("tidy").output
    assert wifi("law", "check").exit_code == 0


def test_d5_a_lawful_request_takes_two_people_with_their_passwords(wifi, people, tmp_path):
    times = ("--from", "2026-06-01T12:00", "--to", "2026-06-02T12:00")
    asked = wifi(
        "lawful", "request", "2026-4711", "--as", "chief", *times, typed=f"{people['chief']}\n{PHONE.full()}\n"
    )
    assert (asked.exit_code, "Request 1" in asked.output) == (0, True), asked.output
    path = tmp_path / "case.json"
    early = wifi("lawful", "export", "1", "--as", "chief", "--file", str(path), typed=people["chief"])
    assert (early.exit_code, path.exists()) == (1, False)
    assert wifi("lawful", "approve", "1", "--as", "other", typed="a wrong guess").exit_code == 1
    assert wifi("lawful", "approve", "1", "--as", "chief", typed=people["chief"]).exit_code == 1
    assert wifi("lawful", "approve", "1", "--as", "other", typed=people["other"]).exit_code == 0
    done = wifi("lawful", "export", "1", "--as", "chief", "--file", str(path), typed=people["chief"])
    assert (done.exit_code, stat.S_IMODE(path.stat().st_mode)) == (0, 0o600), done.output
    assert PHONE.full() not in asked.output + done.output + path.read_text()
    again = wifi("lawful", "export", "1", "--as", "chief", "--file", str(path), typed=people["chief"])
    assert (again.exit_code, "never written over" in again.output) == (1, True)
    assert wifi("lawful", "verify", str(path)).exit_code == 0
    path.write_text(path.read_text().replace("2026-4711", "2026-4712"))
    assert wifi("lawful", "verify", str(path)).exit_code == 1
    (listed,) = json.loads(wifi("lawful", "list", "--json").output)
    assert (listed["asked_by"], listed["approved_by"], listed["exported_by"]) == ("chief", "other", "chief")
    assert "2026-4711" in wifi("lawful", "list").output


def test_a_request_without_a_moment_is_refused(wifi, people):
    times = ("--from", "yesterday", "--to", "2026-06-02T12:00")
    refused = wifi("lawful", "request", "1", "--as", "chief", "--gateway", "gw-1", *times, typed=people["chief"])
    assert (refused.exit_code, "is no moment" in refused.output) == (1, True)
