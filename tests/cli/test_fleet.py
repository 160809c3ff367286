"""`wifi-manager fleet` and `db` as a person types them, with a database of their own."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from tests.fakes import city_list
from wifi_manager.cli import main

pytestmark = pytest.mark.slow


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the command line in an empty folder; settings say that the city is Seoul."""
    monkeypatch.chdir(tmp_path)
    for name in [each for each in os.environ if each.startswith("WIFI_MANAGER_")]:
        monkeypatch.delenv(name)
    (tmp_path / "wifi-manager.toml").write_text('[city]\nslug = "seoul"\nname = "Seoul"\n', "utf-8")
    return lambda *words: CliRunner().invoke(main, list(words))


@pytest.fixture
def a_list(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(city_list.as_csv(city_list.rows(40)), "utf-8")
    return path


def test_a_list_is_imported_listed_shown_and_imported_again(run, a_list):
    assert run("db", "upgrade").exit_code == 0
    would = run("fleet", "import", "list.csv", "--dry-run")
    assert "Would be added 40," in would.output
    assert run("fleet", "list").output.endswith("0 of 0 access points.\n")
    done = run("fleet", "import", "list.csv")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "Added 40, changed 0, unchanged 0, in the inventory but not in the file 0." in done.output
    again = run("fleet", "import", "list.csv")
    assert "Added 0, changed 0, unchanged 40," in again.output
    page = json.loads(run("fleet", "list", "--kind", "bus_stop", "--limit", "2", "--json").output)
    assert page["total"] >= len(page["access_points"]) == 2
    assert "HN00001" in run("fleet", "show", "HN00001").output
    shown = json.loads(run("fleet", "show", "HN00001", "--json").output)
    assert (shown["external_id"], shown["life_cycle"]) == ("HN00001", "registered")


def test_a_change_is_shown_field_by_field(run, a_list):
    run("db", "upgrade")
    run("fleet", "import", "list.csv")
    rows = city_list.rows(40)
    rows[0]["설치년도"] = "2021" if rows[0]["설치년도"] != "2021" else "2020"
    a_list.write_text(city_list.as_csv(rows[:39]), "utf-8")
    said = run("fleet", "import", "list.csv", "--dry-run").output
    old = city_list.rows(40)[0]["설치년도"]
    assert "in the inventory but not in the file 1." in said
    assert f"HN00001: installed_year {old} → {rows[0]['설치년도']}" in said


def test_bad_rows_are_listed_and_kept_and_the_exit_code_tells(run, a_list):
    run("db", "upgrade")
    rows = city_list.rows(30)
    for row in rows[:25]:
        row["설치년도"] = "soon"
    a_list.write_text(city_list.as_csv(rows), "utf-8")
    refused = run("fleet", "import", "list.csv")
    assert refused.exit_code == 1
    assert "line 2, '설치년도': 'soon' is not a year from 1990 to 2100" in refused.output
    assert "… and 5 more" in refused.output
    assert "Error: 25 of 30 rows are bad, so nothing was imported." in refused.stderr
    assert run("fleet", "list").output.endswith("0 of 0 access points.\n")
    report = json.loads(run("fleet", "import", "list.csv", "--skip-bad-rows", "--json").output)
    assert (len(report["added"]), report["rejected_rows"], report["rejects_file"]) == (5, 25, "list.csv.rejects.csv")


@pytest.mark.parametrize(("file_format", "mapping"), [("csv", "wifi-manager"), ("geojson", "wifi-manager-geojson")])
def test_an_export_goes_back_in_without_a_change(run, a_list, tmp_path, file_format, mapping):
    run("db", "upgrade")
    run("fleet", "import", "list.csv")
    assert run("fleet", "export", "--format", file_format, "--output", "out").exit_code == 0
    assert run("fleet", "export", "--format", file_format).stdout_bytes == (tmp_path / "out").read_bytes()
    assert "Added 0, changed 0, unchanged 40," in run("fleet", "import", "out", "--mapping", mapping).output


def test_an_export_that_cannot_be_written_says_so(run, a_list):
    run("db", "upgrade")
    refused = run("fleet", "export", "--output", "nowhere/out.csv")
    assert (refused.exit_code, refused.stderr) == (
        1,
        "Error: nowhere/out.csv cannot be written: No such file or directory.\n",
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("fleet", "import", "nothing.csv"), "Error: nothing.csv cannot be read"),
        (("fleet", "import", "list.csv", "--mapping", "soul"), "Did you mean seoul?"),
        (("fleet", "import", "list.csv"), "wifi-manager db upgrade"),
        (("fleet", "show", "HN1"), "wifi-manager db upgrade"),
        (("--config", "nowhere.toml", "fleet", "list"), "nowhere.toml: cannot be read"),
    ],
)
def test_a_refusal_is_one_error_and_no_traceback(run, a_list, words, said):
    refused = run(*words)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: ")
    assert said in refused.stderr
    assert refused.exception.__class__ is SystemExit


def test_korean_columns_stand_under_each_other(run, a_list):
    from wifi_manager.cli.output import width

    run("db", "upgrade")
    run("fleet", "import", "list.csv")
    heading, *lines = run("fleet", "list").output.splitlines()[:-1]
    column = heading.index("kind")
    assert {width(line[: _at(line, column)]) for line in lines} == {column}


def test_help_about_an_import_waits_for_no_database_library():
    code = (
        "import sys; from click.testing import CliRunner; from wifi_manager.cli import main;"
        "assert CliRunner().invoke(main, ['fleet', 'import', '--help']).exit_code == 0;"
        "assert 'sqlalchemy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def _at(line, column):
    """Where in the line the cell begins that stands at this column of a terminal."""
    from wifi_manager.cli.output import width

    return next(end for end in range(len(line)) if width(line[:end]) == column)
