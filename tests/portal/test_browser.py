"""What a browser does with the portal's pages: in one request, by one tap, without script and cookies, on paper.

How each page looks, and to whom it is open, is in test_gallery.py. With WIFI_SCREENSHOTS=<folder> the README's pictures
are kept there; `make screenshots` does that.
"""

import os
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from portal import catalogue
from tests.browser import chromium
from tests.browser.chromium import DESKTOP, NARROWEST, PHONE, PHONE_DARK
from tests.builders import NOON
from tests.portal.served import served
from wifi_manager.domain.vouchers import Allowance, Batch
from wifi_manager.web.card_words import WORDS
from wifi_manager.web.cards import Card, Design, page

pytestmark = pytest.mark.browser

WITHOUT_SCRIPT = "--blink-settings=scriptEnabled=false"


@pytest.fixture(scope="module")
def browser():
    with chromium.running() as driver:
        yield driver


@pytest.fixture
def city(app, gateway):
    """The portal on a port, and a gateway that answers."""
    with gateway.acknowledging(), served(app) as running:
        yield running


def address(city, path, ticket="", **query):
    more = "".join(f"&{name}={value}" for name, value in query.items())
    return f"{city.url}{path}?s={ticket}{more}"


def follow(driver, selector, title):
    """Press it and wait for the page of that title: without script the driver does not wait by itself."""
    chromium.when_there(driver, selector).click()
    chromium.wait_for_title(driver, title)


def test_l1_u2_one_tap_leads_online_with_script_and_cookies_off(city, gateway, clock):
    with chromium.running(WITHOUT_SCRIPT) as driver:
        driver.execute_cdp_cmd("Emulation.setDocumentCookieDisabled", {"disabled": True})
        driver.get(address(city, "/", gateway.ticket(clock.now()), l="en"))
        follow(driver, "form button", "You're online")
        follow(driver, "main a.button", "My status")
        follow(driver, "form[action^='/sign-out'] button", "Signed out")
        assert driver.get_cookies() == []


def test_l1_u1_the_first_page_is_one_request(browser, city, gateway, clock):
    chromium.show_as(browser, PHONE)
    browser.get("about:blank")
    city.requests.clear()
    browser.get(address(city, "/", gateway.ticket(clock.now())))
    loaded = browser.execute_script("return performance.getEntriesByType('resource').map(each => each.name)")
    assert loaded == []
    assert len(city.requests) == 1
    assert chromium.errors(browser) == []


def test_u2_the_keyboard_alone_leads_online(browser, city, gateway, clock):
    browser.get(address(city, "/", gateway.ticket(clock.now()), l="en"))
    for _ in range(20):
        ActionChains(browser, duration=0).send_keys(Keys.TAB).perform()
        if browser.execute_script("return document.activeElement.matches('.button.big')"):
            break
    ActionChains(browser, duration=0).send_keys(Keys.ENTER).perform()
    chromium.wait_for_title(browser, "You're online")


def test_pictures_for_the_readme_are_small(browser, city, gateway, clock, tmp_path):
    folder, ticket = Path(os.environ.get("WIFI_SCREENSHOTS", tmp_path)), gateway.ticket(clock.now())
    for name, look, path, language in (
        ("phone-light", PHONE, "/", "en"),
        ("phone-dark", PHONE_DARK, "/", "ko"),
        ("status-phone-light", PHONE, "/status", "en"),
    ):
        chromium.show_as(browser, look)
        browser.get(address(city, "/", ticket, l=language))
        if path == "/status":
            follow(browser, "form button", "You're online")
            browser.get(address(city, path, ticket, l=language))
        picture = folder / f"portal-{name}.png"
        chromium.picture(browser, picture)
        assert picture.stat().st_size < chromium.LARGEST_PICTURE


def test_u9_the_tap_is_large(browser, city, gateway, clock):
    chromium.show_as(browser, NARROWEST)
    browser.get(address(city, "/", gateway.ticket(clock.now())))
    assert browser.find_element(By.CSS_SELECTOR, "form button").rect["height"] >= 48


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_tap_is_on_the_first_screen_of_the_smallest_phone(browser, city, gateway, clock, language):
    chromium.show_as(browser, NARROWEST)
    browser.get(address(city, "/", gateway.ticket(clock.now()), l=language))
    box = browser.find_element(By.CSS_SELECTOR, "form button").rect
    assert box["y"] + box["height"] < 568


def test_u9_the_box_is_large_and_its_text_ticks_it(browser, city, gateway, clock):
    chromium.show_as(browser, NARROWEST)
    browser.get(address(city, "/", gateway.ticket(clock.now()), l="en"))
    box = browser.find_element(By.ID, "remember")
    assert min(box.rect["width"], box.rect["height"]) >= 24
    assert not box.is_selected()
    browser.find_element(By.CSS_SELECTOR, "label[for='remember']").click()
    assert box.is_selected()


@pytest.mark.parametrize("look", [PHONE, DESKTOP], ids=str)
def test_u9_cards_to_print_are_for_everybody(browser, tmp_path, look):
    batch = Batch("library-spring", Allowance(lasts=timedelta(hours=2), volume_bytes=10**9), NOON, "somebody")
    design = Design("Haneul Public WiFi", "City WiFi", "http://wifi.home.arpa", ZoneInfo("Asia/Seoul"), ("ko", "en"))
    (tmp_path / "cards.html").write_text(page(design, batch, [Card(n, "ABCDEFGHJ") for n in range(1, 9)]))
    chromium.show_as(browser, look)
    browser.get(f"file://{tmp_path}/cards.html")
    assert chromium.complaints(browser) == []
    assert chromium.sideways_pixels(browser) == 0


def test_cards_name_the_portals_own_button_in_each_language():
    for tag, words in WORDS.items():
        assert catalogue.load([tag])[tag]("voucher.offer") in words.choose
