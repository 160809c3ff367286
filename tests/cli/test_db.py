"""`wifi-manager db`: makes a database, and tells what one lacks."""

import sqlite3

import pytest
from click.testing import CliRunner

from wifi_manager.cli import main

pytestmark = pytest.mark.slow


@pytest.fixture
def run(upgraded_url, monkeypatch):
    monkeypatch.setenv("WIFI_MANAGER_DATABASE_URL", upgraded_url)
    return lambda *words: CliRunner().invoke(main, list(words))


def test_upgrade_is_done_once_and_check_agrees(database_url, monkeypatch):
    monkeypatch.setenv("WIFI_MANAGER_DATABASE_URL", database_url)
    monkeypatch.setenv("WIFI_MANAGER_CITY_SLUG", "haneul")

    def run(*words):
        return CliRunner().invoke(main, list(words))

    before = run("db", "check")
    assert (before.exit_code, "Migrations are missing: 0001" in before.stderr) == (1, True)
    first = run("db", "upgrade")
    assert (first.exit_code, first.stderr) == (0, "")
    assert first.output.startswith("Applied 0001")
    assert first.output.endswith("City: Public Wi-Fi (haneul).\n")
    assert run("db", "upgrade").output.startswith("The database was up to date.")
    assert run("db", "check").output == "The database is up to date.\n"


@pytest.mark.parametrize("upgraded_url", ["sqlite"], indirect=True)
def test_tables_that_somebody_changed_are_noticed(run, upgraded_url):
    connection = sqlite3.connect(upgraded_url.removeprefix("sqlite:///"))
    connection.execute("ALTER TABLE site ADD COLUMN colour TEXT")
    connection.close()
    changed = run("db", "check")
    assert changed.exit_code == 1
    assert "colour" in changed.stderr


def test_a_wrong_setting_is_told_without_a_traceback(monkeypatch):
    monkeypatch.setenv("WIFI_MANAGER_DATABASE_URL", "mysql://localhost/wifi")
    refused = CliRunner().invoke(main, ["db", "check"])
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: environment WIFI_MANAGER_DATABASE_URL: [database] url is sqlite:///")
