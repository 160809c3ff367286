"""The pages of vouchers and accounts, and the cards, in a real browser, for everybody (WCAG 2.2 AA)."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from selenium.webdriver.common.by import By

from portal.app import create_app
from portal.identity import configured
from tests.browser import chromium
from tests.browser.chromium import DESKTOP, PHONE
from tests.builders import NOON
from tests.portal.served import served
from tests.portal.test_browser import NARROWEST, PHONE_DARK, address, complaints, follow, keep_picture
from tests.portal.test_browser import browser as browser  # noqa: PLC0414 - the fixture
from wifi_manager.domain.visits import Method
from wifi_manager.domain.vouchers import Allowance, Batch
from wifi_manager.settings import Settings
from wifi_manager.web.cards import Card, Design, page

pytestmark = pytest.mark.browser
SCREENS = [(NARROWEST, "ko"), (PHONE_DARK, "en"), (DESKTOP, "en")]


@pytest.fixture
def city(face, gateway):
    admission = replace(face.admission, ways=(Method.CLICK_THROUGH, Method.VOUCHER, Method.ACCOUNT))
    app = create_app(replace(face, admission=admission), configured.ways(Settings()))
    with gateway.acknowledging(), served(app) as running:
        yield running


@pytest.mark.parametrize(("look", "language"), SCREENS, ids=map(str, (look for look, _ in SCREENS)))
def test_u9_the_page_of_vouchers_is_for_everybody(browser, city, gateway, clock, look, language):
    chromium.show_as(browser, look)
    browser.get(address(city, "/", gateway.ticket(clock.now()), l=language))
    keep_picture(browser, f"ways-{language}-{look}")
    follow(browser, "a[href^='/voucher']", "")
    assert complaints(browser) == []
    keep_picture(browser, f"voucher-{language}-{look}")
    browser.find_element(By.ID, "code").send_keys("abc-def-ghj")
    browser.find_element(By.CSS_SELECTOR, "form button").click()
    assert browser.find_element(By.ID, "code").get_attribute("value") == "abc-def-ghj"
    assert complaints(browser) == []
    keep_picture(browser, f"voucher-refused-{language}-{look}")
    browser.get_log("browser")  # it notes the 422


@pytest.mark.parametrize(("look", "language"), SCREENS, ids=map(str, (look for look, _ in SCREENS)))
def test_u9_the_pages_of_accounts_are_for_everybody(browser, city, gateway, clock, look, language):
    chromium.show_as(browser, look)
    for path in ("/account", "/account/code", "/account/own"):
        browser.get(address(city, path, gateway.ticket(clock.now()), l=language))
        assert complaints(browser) == [], path
        keep_picture(browser, f"{path[1:].replace('/', '-')}-{language}-{look}")
    browser.get(address(city, "/account/code", gateway.ticket(clock.now()), l=language))
    for field, typed in (("name", "resident-1"), ("code", "abc-def-ghj"), ("wanted", "password1")):
        browser.find_element(By.ID, field).send_keys(typed)
    browser.find_element(By.CSS_SELECTOR, "form button").click()
    assert complaints(browser) == []
    keep_picture(browser, f"account-refused-{language}-{look}")
    browser.get_log("browser")  # it notes the 422


@pytest.mark.parametrize("languages", [("ko", "en"), ("ar", "ja")], ids="-".join)
@pytest.mark.parametrize("look", [PHONE, DESKTOP], ids=str)
def test_cards_to_print_are_for_everybody(browser, tmp_path, look, languages):
    batch = Batch("library-spring", Allowance(lasts=timedelta(hours=2), volume_bytes=10**9), NOON, "somebody")
    design = Design("Haneul Public WiFi", "City WiFi", "http://wifi.home.arpa", ZoneInfo("Asia/Seoul"), languages)
    (tmp_path / "cards.html").write_text(page(design, batch, [Card(n, "ABCDEFGHJ") for n in range(1, 9)]))
    chromium.show_as(browser, look)
    browser.get(f"file://{tmp_path}/cards.html")
    keep_picture(browser, f"cards-{'-'.join(languages)}-{look}")
    assert complaints(browser) == []
