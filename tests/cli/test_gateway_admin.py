"""The city's commands about gateways, and that a gateway without a database is not bothered by them."""

import json
import subprocess
import sys

import pytest

from tests.builders import a_site

pytestmark = pytest.mark.slow

WITHOUT_A_DATABASE = """
import sys
sys.modules.update(dict.fromkeys(["sqlalchemy", "alembic", "flask", "gunicorn"]))
from wifi_manager.cli import main
main(sys.argv[1:], prog_name="wifi-manager")
"""


def test_a_gateway_is_added_at_its_site_and_listed(wifi, store):
    with store.begin() as tx:
        tx.sites.save([a_site()])
    added = wifi("gateway", "add", "gw-1", "--district", "River district", "--site", "Willow park")
    assert (added.exit_code, len(added.output.split())) == (0, 1), added.output
    assert wifi("gateway", "token", "gw-1").output != added.output
    assert "waits for its token" in wifi("gateway", "list").output
    listed = json.loads(wifi("gateway", "list", "--json").output)
    assert [(each["name"], each["site"], each["is_enrolled"]) for each in listed] == [
        ("gw-1", ["River district", "Willow park"], False)
    ]


def test_a_refusal_is_a_sentence(wifi):
    refused = wifi("gateway", "token", "gw-9")
    assert (refused.exit_code, "gw-9" in refused.output, "Traceback" in refused.output) == (1, True, False)


def test_tidy_says_what_it_did(wifi):
    done = wifi("tidy")
    assert (done.exit_code, "expired visits: 0" in done.output) == (0, True), done.output


def without_a_database(*words):
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_A_DATABASE, *words], capture_output=True, text=True, check=False
    )


def test_a_gateway_without_a_database_still_shows_its_own_commands():
    shown = without_a_database("gateway", "--help")
    assert shown.returncode == 0, shown.stderr
    assert "Be a gateway until told to stop" in shown.stdout
    assert "(not installed on this machine)" in shown.stdout
    assert without_a_database("--help").returncode == 0


def test_a_command_that_cannot_run_here_names_the_extra():
    refused = without_a_database("gateway", "add", "gw-1")
    assert (refused.returncode, "[city]" in refused.stderr) == (1, True)
