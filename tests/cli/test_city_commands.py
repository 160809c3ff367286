"""The city's commands about networks, blocks and plans."""

import json

import pytest

from tests.builders import NOON, a_plan, a_site
from tests.fakes.gateway import PHONE


@pytest.fixture
def city(store):
    with store.begin() as tx:
        tx.plans.save(a_plan())
        tx.sites.save([a_site()])
        tx.gateways.add("gw-1", None, b"digest", NOON)
    return store


def test_a_network_is_set_listed_and_removed(wifi, city):
    where = ("--district", "River district", "--site", "Willow park")
    has = ("--plan", "day", "--greeting", "en=Welcome to the hall", "--way", "voucher")
    done = wifi("network", "set", "gw-1", "hall", *where, *has)
    assert done.exit_code == 0, done.output
    assert json.loads(wifi("network", "list", "--json").output) == [
        {
            "gateway": "gw-1",
            "network": "hall",
            "site": ["River district", "Willow park"],
            "plan": "day",
            "greetings": {"en": "Welcome to the hall"},
            "ways": ["voucher"],
        }
    ]
    assert "Willow park, River district" in wifi("network", "list").output
    assert wifi("network", "remove", "gw-1", "hall").exit_code == 0
    assert json.loads(wifi("network", "list", "--json").output) == []


@pytest.mark.parametrize("greeting", ["Welcome", "fr=Bienvenue"])
def test_a_greeting_in_no_language_of_the_city_is_refused(wifi, city, greeting):
    refused = wifi("network", "set", "gw-1", "hall", "--greeting", greeting)
    assert (refused.exit_code, "ko, en" in refused.output) == (1, True)


def test_a_device_is_blocked_by_the_address_that_is_typed_and_never_shown(wifi, city):
    done = wifi("block", "add", "--until", "2090-03-31", typed=f"{PHONE.full()}\n")
    assert (done.exit_code, "Block 1" in done.output) == (0, True), done.output
    (found,) = json.loads(wifi("block", "list", "--json").output)
    assert (found["number"], found["until"]) == (1, "2090-03-31T15:00:00+00:00"), "the day is over in Seoul"
    shown = wifi("block", "list").output
    assert PHONE.full() not in shown + done.output
    assert str(PHONE) in shown
    assert wifi("block", "remove", "1").exit_code == 0
    assert json.loads(wifi("block", "list", "--json").output) == []


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        ((), PHONE.full(), "--for-good"),
        (("--for-good", "--until", "2090-01-01"), PHONE.full(), "either"),
        (("--until", "tomorrow"), PHONE.full(), "2027-03-31"),
        (("--until", "2001-01-01"), PHONE.full(), "future"),
        (("--for-good",), "", "not a MAC address"),
        (("--for-good", "--visit", "nobody"), "", "no visit"),
    ],
)
def test_a_block_that_cannot_be_is_refused_in_words(wifi, city, words, typed, said):
    refused = wifi("block", "add", *words, typed=typed)
    assert (refused.exit_code, said in refused.output) == (1, True), refused.output


def test_plans_are_applied_from_a_file_and_listed(wifi, city, tmp_path):
    file = tmp_path / "plans.toml"
    file.write_text("[day]\nlifetime_hours = 24\nidle_minutes = 30\nup_volume_mb = 100\n", encoding="utf-8")
    assert wifi("plan", "apply", str(file)).output == "Changed: day.\n"
    assert wifi("plan", "apply", str(file)).output == "Nothing has changed.\n"
    (day,) = json.loads(wifi("plan", "list", "--json").output)
    assert (day["idle_seconds"], day["up_volume_bytes"], day["down_bps"]) == (1800, 100_000_000, None)
    assert "no limit" in wifi("plan", "list").output
