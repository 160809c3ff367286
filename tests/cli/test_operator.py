"""`wifi-manager operator`: from nothing to an admin who can sign in, and back out."""

import json
import re

import pytest
from click.testing import CliRunner

from wifi_manager.cli import main

pytestmark = pytest.mark.slow


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The command line in an empty folder of its own."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()

    def call(*words):
        return runner.invoke(main, words)

    assert call("db", "upgrade").exit_code == 0
    return call


def test_the_first_admin_is_added_with_a_password_that_is_printed_once(run, tmp_path):
    added = run("operator", "add", "chief", "--role", "admin")
    assert added.exit_code == 0
    password = re.search(r"Password: ([a-z2-9]{5}(?:-[a-z2-9]{5}){3})\n", added.output)[1]
    assert password not in run("operator", "list").output
    assert (tmp_path / "var" / "console.key").stat().st_mode & 0o777 == 0o600
    assert json.loads(run("operator", "list", "--json").output) == [
        {"name": "chief", "role": "admin", "is_active": True}
    ]


def test_an_operator_is_disabled_enabled_and_gets_a_new_password(run):
    run("operator", "add", "chief", "--role", "admin")
    first = run("operator", "add", "viewer").output
    assert "cannot sign in any more" in run("operator", "disable", "viewer").output
    assert re.search(r"viewer +viewer +disabled", run("operator", "list").output)
    assert "may sign in again" in run("operator", "enable", "viewer").output
    renewed = run("operator", "reset-password", "viewer")
    assert "Password: " in renewed.output
    assert renewed.output not in first


def test_a_refusal_says_what_to_do_and_ends_with_status_1(run):
    assert "operator add NAME --role admin" in run("operator", "list").output
    run("operator", "add", "chief", "--role", "admin")
    for words in (["disable", "chief"], ["disable", "nobody"], ["add", "chief"], ["add", "Bad Name"]):
        refused = run("operator", *words)
        assert refused.exit_code == 1
        assert refused.output.startswith("Error: ")
