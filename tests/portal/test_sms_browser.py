"""The pages of the code by text message in a real browser, for everybody (WCAG 2.2 AA)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import title_contains
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser import chromium
from tests.browser.chromium import DESKTOP, NARROWEST, PHONE_DARK
from tests.builders import a_plan
from tests.fakes.gateway import OTHER_PHONE
from tests.fakes.sms_provider import provider as simulated
from tests.portal.served import served
from tests.portal.sms import NUMBER, sms_app, sms_settings
from tests.portal.test_browser import address, complaints, keep_picture
from wifi_manager.domain.visits import Method

pytestmark = pytest.mark.browser
SCREENS = [(NARROWEST, "ko"), (PHONE_DARK, "en"), (DESKTOP, "en")]
WAYS = (Method.SMS,)


@pytest.fixture(scope="module")
def browser():
    with chromium.running() as driver:
        yield driver


@pytest.fixture
def provider():
    with simulated() as made:
        yield made


@pytest.fixture
def city(face, provider, gateway, portal_store):
    with portal_store.begin() as tx:
        tx.plans.save(a_plan(name="relief", lifetime=timedelta(minutes=15)))
    relieved = replace(face, relief=replace(face.relief, plan="relief"))
    app = sms_app(relieved, sms_settings(provider.url), WAYS)
    with gateway.acknowledging(), served(app) as running:
        yield running


def press(driver, action):
    """Send the form and wait for the page that comes of it."""
    page = driver.find_element(By.TAG_NAME, "html")
    driver.find_element(By.CSS_SELECTOR, f"form[action^='{action}'] button").click()
    WebDriverWait(driver, 60).until(lambda there: there.find_element(By.TAG_NAME, "html") != page)


def type_in(driver, name, text):
    field = driver.find_element(By.ID, name)
    field.clear()
    field.send_keys(text)


@pytest.mark.parametrize(("look", "language"), SCREENS, ids=map(str, (look for look, _ in SCREENS)))
def test_u9_every_page_of_the_code_is_for_everybody(browser, city, provider, gateway, clock, look, language):
    def looked_at(name):
        keep_picture(browser, f"sms-{name}-{language}-{look}")
        assert complaints(browser) == [], name

    chromium.show_as(browser, look)
    browser.get(address(city, "/sms", gateway.ticket(clock.now()), l=language))
    looked_at("number")
    type_in(browser, "number", "12")
    press(browser, "/sms")
    looked_at("no-number")
    type_in(browser, "number", NUMBER)
    press(browser, "/sms")
    looked_at("code")
    type_in(browser, "code", f"{(int(provider.code) + 1) % 10**6:06}")
    press(browser, "/sms/code")
    looked_at("wrong-code")
    clock.advance(timedelta(minutes=2))
    browser.get(address(city, "/sms", gateway.ticket(clock.now()), l=language))
    looked_at("again")
    type_in(browser, "code", provider.code)
    press(browser, "/sms/code")
    WebDriverWait(browser, 60).until(title_contains({"en": "You're online", "ko": "연결되었습니다"}[language]))
    provider.mode = "fails"
    browser.get(address(city, "/sms", gateway.ticket(clock.now(), device=OTHER_PHONE), l=language))
    type_in(browser, "number", NUMBER)
    press(browser, "/sms")
    looked_at("relief")
    browser.get_log("browser")  # it notes every 422 and 503; the next test shall not read them
