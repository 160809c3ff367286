"""What the texts of every language owe to the pages, messages and cards that they stand on."""

import re
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import portal
from portal import catalogue
from tests.builders import NOON
from wifi_manager.domain.vouchers import Allowance, Batch
from wifi_manager.web.card_words import WORDS
from wifi_manager.web.cards import Card, Design, page

TEMPLATES = Path(portal.__file__).parent / "templates"
SPOKEN = catalogue.load(sorted(path.stem for path in catalogue.FOLDER.glob("*.toml")))
TWO_PARTS = 2 * 67  # characters beyond Latin, in a text message of two parts (3GPP TS 23.040, 9.2.3.24.1)
every_language = pytest.mark.parametrize("say", SPOKEN.values(), ids=SPOKEN)


@every_language
def test_a_page_or_link_that_a_text_names_is_called_just_that(say):
    assert say("common.report") in say("report.sent_lead", address="")
    assert say("common.report") == say("report.title")
    assert say("status.title") in say("remember.box_meaning")


@every_language
def test_a_code_costs_the_city_at_most_two_parts_of_a_message(say):
    text = say("sms.text", code="123456", city="Haneul Public WiFi")
    assert len(f"{text}\n\n@portal.wifi.haneul.example #123456") <= TWO_PARTS


def test_d4_what_citizens_accept_is_said_in_the_language_of_the_terms_on_every_page():
    aside = [path.name for path in TEMPLATES.rglob("*.html") if re.search(r"say\('\w+\.accept'", path.read_text())]
    assert aside == [], "use `consent` and `in_terms` of parts.html"


def test_cards_speak_every_language_that_the_portal_speaks_and_name_its_button():
    assert set(WORDS) == set(SPOKEN)
    for tag, words in WORDS.items():
        assert SPOKEN[tag]("voucher.offer") in words.choose
        assert SPOKEN[tag]("direction") == words.direction


@pytest.mark.parametrize("network", ["City WiFi", ""], ids=["network", "any"])
@pytest.mark.parametrize("tag", WORDS)
def test_a_card_says_all_it_allows_in_its_language(tag, network):
    allowance = Allowance(lasts=timedelta(hours=2), volume_bytes=10**9, devices=3, good_until=NOON)
    look = Design("Haneul", network, "http://wifi.home.arpa", ZoneInfo("Asia/Seoul"), (tag,))
    side = page(look, Batch("spring", allowance, NOON, "somebody"), [Card(7, "ABCDEFGHJ")])
    said = "".join(re.findall(rf'<(?:ol class="how"|p) lang="{tag}" dir="\w+">(.*?)</(?:ol|p)>', side))
    assert "{" not in said
    assert all(value in said for value in (network, "http://wifi.home.arpa", "2", "1 GB", "3", "2026-", "7"))
