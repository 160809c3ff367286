"""`wifi-manager account`: names come in and codes go out where nobody else reads them."""

import json
import re


def test_an_account_is_opened_listed_disabled_and_deleted(wifi, store):
    added = wifi("account", "add", typed="First.Last\n")
    assert added.exit_code == 0, added.output
    code = re.search(r"One-time code: (\S+)", added.output)[1]
    renewed = wifi("account", "code", "1").output
    assert code not in renewed
    (listed,) = json.loads(wifi("account", "list", "--json").output)
    assert (listed["number"], listed["name"], listed["state"]) == (1, "first.last", "waiting")
    assert listed["has_address"] is False
    assert "has this mail address" in wifi("account", "address", "1", typed="mina@mail.example\n").output
    assert json.loads(wifi("account", "list", "--json").output)[0]["has_address"] is True
    assert "mina" not in wifi("account", "list").output
    assert wifi("account", "address", "1", typed="no address\n").exit_code == 1
    assert "has no mail address" in wifi("account", "address", "1", typed="\n").output
    assert "is disabled" in wifi("account", "disable", "1").output
    assert "disabled" in wifi("account", "list").output
    assert "is enabled" in wifi("account", "enable", "1").output
    assert "is deleted" in wifi("account", "remove", "1").output
    assert json.loads(wifi("account", "list", "--json").output) == []
    assert wifi("account", "disable", "1").exit_code == 1


def test_a_list_is_imported_as_a_whole_with_its_codes_in_a_new_file(wifi, store, tmp_path):
    names, codes = tmp_path / "names.txt", tmp_path / "codes.csv"
    names.write_text("first.last\n\nsecond.last\nFIRST.last\n", encoding="utf-8")
    assert wifi("account", "import", str(names), "--codes", str(codes)).exit_code == 1
    assert not codes.exists()
    names.write_text("first.last\nsecond.last, mina@mail.example\n", encoding="utf-8")
    done = wifi("account", "import", str(names), "--codes", str(codes))
    assert done.exit_code == 0, done.output
    lines = [line.split(",") for line in codes.read_text().splitlines()]
    assert [line[1] for line in lines] == ["name", "first.last", "second.last"]
    assert [each["has_address"] for each in json.loads(wifi("account", "list", "--json").output)] == [False, True]
    assert codes.stat().st_mode & 0o777 == 0o600
    assert not [line[2] for line in lines[1:] if line[2] in done.output]
    assert wifi("account", "import", str(names), "--codes", str(codes)).exit_code == 1
