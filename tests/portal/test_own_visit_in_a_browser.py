"""The status page with everything on it, and the first page after an end, are for everybody (WCAG 2.2 AA)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from selenium.webdriver.common.by import By

from tests.browser import chromium
from tests.browser.chromium import NARROWEST, PHONE
from tests.builders import a_plan
from tests.fakes.gateway import ANOTHER_ADDRESS, OTHER_PHONE
from tests.fakes.gateway import PHONE as A_PHONE
from tests.portal.served import served
from tests.portal.test_browser import address, complaints, keep_picture
from wifi_manager.domain.visits import Consent, EndReason, Method, Proof

pytestmark = pytest.mark.browser

SCREENS = [(replace(NARROWEST, scheme="dark"), "ko"), (PHONE, "en")]


@pytest.fixture(scope="module")
def browser():
    with chromium.running() as driver:
        yield driver


@pytest.fixture
def full(face, gateway, clock):
    """A visit of which little is left, with an extension, limits, another device and a note of the citizen's."""
    admission = face.admission
    with admission.store.begin() as tx:
        tx.plans.save(a_plan(extensions=1, volume_bytes=10**9, up_volume_bytes=10**8))
    for device, where in ((A_PHONE, "10.1.0.7"), (OTHER_PHONE, ANOTHER_ADDRESS)):
        ticket = admission.asking(gateway.ticket(clock.now(), device=device, address=where))
        proof = Proof(Method.CLICK_THROUGH, b"number")
        admission.accept(ticket, Consent("2026-11", "en"), lambda *_, proof=proof: proof)
    clock.advance(timedelta(hours=23, minutes=30))


@pytest.mark.parametrize(("look", "language"), SCREENS, ids=map(str, (look for look, _ in SCREENS)))
def test_u5_u6_u9_the_full_status_page_is_for_everybody(browser, app, gateway, clock, full, face, look, language):
    chromium.show_as(browser, look)
    with gateway.acknowledging(), served(app) as city:
        for name in ("to-be-asked", "remembered"):
            browser.get(address(city, "/status", gateway.ticket(clock.now()), l=language))
            browser.execute_script("document.querySelector('details').open = true")
            keep_picture(browser, f"status-{name}-{language}-{look}")
            assert complaints(browser) == [], name
            if name == "to-be-asked":
                browser.find_element(By.CSS_SELECTOR, "form[action^='/remember'] button").click()
        with face.admission.store.begin() as tx:
            tx.visits.end(tx.visits.running_of(A_PHONE, clock.now()).public_id, clock.now(), EndReason.COPIED)
        for path in ("/", "/status"):
            browser.get(address(city, path, gateway.ticket(clock.now()), l=language))
            keep_picture(browser, f"ended{path.replace('/', '-')}-{language}-{look}")
            assert complaints(browser) == [], path
    assert chromium.errors(browser) == []


def test_u9_the_box_is_large_and_its_text_ticks_it(browser, app, gateway, clock):
    chromium.show_as(browser, NARROWEST)
    with served(app) as city:
        browser.get(address(city, "/", gateway.ticket(clock.now()), l="en"))
        box = browser.find_element(By.ID, "remember")
        assert min(box.rect["width"], box.rect["height"]) >= 24
        assert not box.is_selected()
        browser.find_element(By.CSS_SELECTOR, "label[for='remember']").click()
        assert box.is_selected()
