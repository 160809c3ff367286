"""The eID in a real browser, without script: the tap really leads to the provider. Its pages are in the gallery."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from portal.identity.eid import BACK_PATH
from tests.browser import chromium
from tests.lab.openid_provider import USERS
from tests.portal.conftest import PORTAL
from tests.portal.served import served
from tests.portal.test_browser import WITHOUT_SCRIPT, address

pytestmark = pytest.mark.browser


# Names of the portal are nowhere: the browser shows that it was sent there.
ELSEWHERE = ("--ignore-certificate-errors", "--host-resolver-rules=MAP wifi.example ~NOTFOUND")


@pytest.fixture
def city(app, gateway):
    with gateway.acknowledging(), served(app) as running:
        yield running


def test_the_tap_leads_to_the_provider_and_from_there_back_to_the_portal(city, gateway, clock, provider):
    with chromium.running(*ELSEWHERE, WITHOUT_SCRIPT) as browser:
        _there_and_back(browser, address(city, "/eid", gateway.ticket(clock.now()), l="en"), provider)


def _there_and_back(browser, first_page, provider):
    browser.get(first_page)
    browser.find_element(By.CSS_SELECTOR, "form[action^='/eid'] button").click()
    WebDriverWait(browser, 60).until(lambda driver: driver.current_url.startswith(f"{provider.issuer}/authorize"))

    chromium.when_there(browser, "[name=username]").send_keys("mina")
    chromium.when_there(browser, "[name=password]").send_keys(USERS["mina"][0])
    chromium.when_there(browser, "button").click()
    WebDriverWait(browser, 60).until(
        lambda driver: driver.current_url.startswith(f"{PORTAL.public_url}{BACK_PATH}?code=")
    )
