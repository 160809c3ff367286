"""`wifi-manager voucher`: codes go into files that only their maker can open, and nowhere else."""

import json
import re

import pytest

from tests.builders import a_plan

SHOWN = re.compile(r"\b(?:[2-9A-HJKMNP-Z]{3}-){2}[2-9A-HJKMNP-Z]{3}\b")


@pytest.fixture
def folder(tmp_path, store):
    with store.begin() as tx:
        tx.plans.save(a_plan())
    return tmp_path


def test_a_batch_is_issued_listed_printed_again_and_revoked(wifi, folder):
    codes, cards, again = folder / "codes.txt", folder / "cards.html", folder / "again.html"
    limits = ("--plan", "day", "--hours", "2", "--megabytes", "500", "--until", "2090-03-31", "--uses", "0")
    done = wifi("voucher", "issue", "spring", "--count", "5", *limits, "--codes", str(codes), "--cards", str(cards))
    assert done.exit_code == 0, done.output
    issued = codes.read_text().split()
    assert (len(set(issued)), sorted(SHOWN.findall(cards.read_text()))) == (5, sorted(issued))
    assert not SHOWN.search(done.output)
    assert [path.stat().st_mode & 0o777 for path in (codes, cards)] == [0o600, 0o600]
    (listed,) = json.loads(wifi("voucher", "list", "--json").output)
    assert listed == {
        "name": "spring", "state": "valid", "codes": 5, "used": 0, "revoked": 0, "plan": "day", "uses": None,
        "devices": 1, "until": "2090-03-31", "seconds": 7200, "bytes": 500_000_000,
    }  # fmt: skip
    assert "2090-03-31" in wifi("voucher", "list").output
    printed = wifi("voucher", "print", "spring", "--codes", str(codes), "--cards", str(again))
    assert printed.exit_code == 0, printed.output
    assert again.read_text() == cards.read_text()
    assert "1 codes are revoked" in wifi("voucher", "revoke", "spring", "--number", "2").output
    assert "4 codes are revoked" in wifi("voucher", "revoke", "spring").output


def test_a_card_says_what_to_do_and_its_qr_code_holds_no_code(wifi, folder, store):
    cards = folder / "cards.html"
    wifi("voucher", "issue", "a<b", "--count", "1", "--hours", "24", "--cards", str(cards))
    text = cards.read_text()
    for said in (
        "Public Wi-Fi",
        "http://wifi.home.arpa",
        "1 d from the first use",
        "처음 쓴 때부터 1일",
        "<p>a&lt;b</p>",
        "카드 1",
        '<symbol id="square"',
    ):
        assert said in text
    assert "http" not in text.replace("http://wifi.home.arpa", ""), "nothing is loaded from elsewhere"


def test_codes_never_overwrite_a_file_and_nothing_is_issued_that_could_not_be_written(wifi, folder):
    there = folder / "there.txt"
    there.write_text("mine")
    for path in (there, folder / "no folder" / "codes.txt"):
        refused = wifi("voucher", "issue", "spring", "--count", "1", "--codes", str(path))
        assert (refused.exit_code, "cannot be written" in refused.output) == (1, True)
    assert there.read_text() == "mine"
    assert wifi("voucher", "issue", "spring", "--count", "1").exit_code == 1
    assert "no batch yet" in wifi("voucher", "list").output


def test_a_refused_batch_leaves_no_empty_file(wifi, folder):
    path = folder / "codes.txt"
    for words in (("--plan", "nowhere"), ("--until", "2020-01-01"), ("--until", "soon"), ("--megabytes", "1")):
        refused = wifi("voucher", "issue", "spring", "--count", "1", "--codes", str(path), *words)
        assert (refused.exit_code, refused.output[:7], path.exists()) == (1, "Error: ", False)


def test_codes_of_another_batch_are_not_printed(wifi, folder):
    codes, cards = folder / "codes.txt", folder / "cards.html"
    wifi("voucher", "issue", "spring", "--count", "1", "--codes", str(codes))
    wifi("voucher", "issue", "summer", "--count", "1", "--cards", str(cards))
    refused = wifi("voucher", "print", "summer", "--codes", str(codes), "--cards", str(folder / "new.html"))
    assert (refused.exit_code, "not of batch" in refused.output) == (1, True)
    assert not (folder / "new.html").exists()
