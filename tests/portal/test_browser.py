"""The portal in a real browser: without script and cookies, in one request, and for everybody (WCAG 2.2 AA).

With WIFI_SCREENSHOTS=<folder> pictures of its pages are kept there; `make screenshots` keeps those of the README.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import title_contains
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser import chromium
from tests.browser.chromium import DESKTOP, NARROWEST, PHONE, PHONE_DARK
from tests.portal.served import served
from wifi_manager.services.report_desk import ReportDesk

pytestmark = pytest.mark.browser

NARROWEST_DARK = replace(NARROWEST, scheme="dark")
SCREENS = [(NARROWEST, "ko"), (PHONE_DARK, "en"), (NARROWEST_DARK, "ko"), (DESKTOP, "en")]
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
    driver.find_element(By.CSS_SELECTOR, selector).click()
    WebDriverWait(driver, 60).until(title_contains(title))


def keep_picture(driver, name):
    if folder := os.environ.get("WIFI_SCREENSHOTS"):
        chromium.picture(driver, Path(folder) / f"portal-{name}.png")


def complaints(driver, except_for="nothing"):
    """What is wrong for somebody on this page, beside the one named rule."""
    found = [each for each in chromium.complaints(driver) if not each.startswith(except_for)]
    sideways = chromium.sideways_pixels(driver)
    return [*found, *chromium.small_targets(driver), *([f"{sideways} px sideways"] if sideways else [])]


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


@pytest.mark.parametrize(("look", "language"), SCREENS, ids=map(str, (look for look, _ in SCREENS)))
def test_u9_every_page_is_for_everybody(browser, city, gateway, clock, look, language):
    ticket = gateway.ticket(clock.now())
    chromium.show_as(browser, look)
    for path in ("/", "/terms", "/connected", "/status", "/signed-out", "/report"):
        if path == "/connected":
            browser.get(address(city, "/", ticket, l=language))
            browser.find_element(By.CSS_SELECTOR, "form button").click()
        else:
            browser.get(address(city, path, ticket, l=language))
        keep_picture(browser, f"{path[1:] or 'welcome'}-{language}-{look}")
        if path == "/status":
            browser.execute_script("document.querySelector('details').open = true")
            keep_picture(browser, f"known-{language}-{look}")
        assert complaints(browser) == [], path
    assert chromium.errors(browser) == []


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


@pytest.mark.parametrize("look", [NARROWEST, PHONE_DARK], ids=str)
def test_u9_a_problem_is_reported_and_its_answer_read(browser, city, gateway, clock, portal_store, look):
    chromium.show_as(browser, look)
    browser.get(address(city, "/report", gateway.ticket(clock.now()), l="en"))
    browser.find_element(By.CSS_SELECTOR, "input[value=slow]").click()
    browser.find_element(By.ID, "text").send_keys("It is slow at the pond")
    browser.find_element(By.CSS_SELECTOR, "form[action^='/report'] button").click()
    WebDriverWait(browser, 60).until(lambda driver: driver.find_elements(By.CSS_SELECTOR, ".note.good"))
    ReportDesk(portal_store, clock).answer(1, "Mended this morning.", "somebody")
    browser.refresh()
    keep_picture(browser, f"reported-en-{look}")
    assert "Mended this morning." in browser.find_element(By.TAG_NAME, "main").text
    assert complaints(browser) == []
    browser.get(f"{city.url}/report?l=ko")
    keep_picture(browser, f"report-lost-ko-{look}")
    assert complaints(browser) == []


@pytest.mark.parametrize("look", [NARROWEST, NARROWEST_DARK], ids=str)
def test_u9_errors_and_waiting_pages_are_for_everybody(browser, impatient_app, gateway, clock, look):
    with served(impatient_app) as city:
        chromium.show_as(browser, look)
        ticket = gateway.ticket(clock.now())
        browser.get(address(city, "/", ticket, l="ko"))
        browser.find_element(By.CSS_SELECTOR, "form button").click()
        keep_picture(browser, f"connecting-ko-{look}")
        # The page renews itself to show the outcome that the citizen asked for, and has a link that does the same.
        assert complaints(browser, except_for="meta-refresh") == []
        for name, page in (
            ("late", address(city, "/connecting", ticket, l="ko", n=10)),
            ("lost", f"{city.url}/?l=ko"),
            ("missing", f"{city.url}/nowhere?l=ko"),
            ("ticket", address(city, "/", "broken", l="ko")),
        ):
            browser.get(page)
            keep_picture(browser, f"{name}-ko-{look}")
            assert complaints(browser) == [], name
    browser.get_log("browser")  # it notes every 403 and 404; the next test shall not read them


def test_u9_the_tap_is_large_and_text_may_grow_to_200_percent(browser, city, gateway, clock):
    chromium.show_as(browser, NARROWEST)
    browser.get(address(city, "/", gateway.ticket(clock.now())))
    assert browser.find_element(By.CSS_SELECTOR, "form button").rect["height"] >= 48
    browser.execute_script("document.documentElement.style.fontSize = '200%'")
    assert chromium.sideways_pixels(browser) == 0


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_tap_is_on_the_first_screen_of_the_smallest_phone(browser, city, gateway, clock, language):
    chromium.show_as(browser, NARROWEST)
    browser.get(address(city, "/", gateway.ticket(clock.now()), l=language))
    box = browser.find_element(By.CSS_SELECTOR, "form button").rect
    assert box["y"] + box["height"] < 568


def test_the_keyboard_reaches_everything_and_shows_where_it_is(browser, city, gateway, clock):
    chromium.show_as(browser, PHONE)
    browser.get(address(city, "/", gateway.ticket(clock.now())))
    reached = browser.execute_script(
        "return [...document.querySelectorAll('a,button')].map(e => { e.focus({focusVisible: true});"
        "const style = getComputedStyle(e); return [document.activeElement === e, parseFloat(style.outlineWidth)]; })"
    )
    assert reached
    assert all(focused and width >= 2 for focused, width in reached)
