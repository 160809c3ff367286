"""Every page of the portal in a real browser, for everybody: WCAG 2.2 AA by axe-core, keyboard, zoom, each language.

Pictures are kept in build/screenshots, or where WIFI_SCREENSHOTS says. The short form shows each page at each width in
both themes, in turns of languages; `make soak` shows all of them in each, with script off as well.
"""

import base64
import itertools
import os
from dataclasses import replace
from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from portal import catalogue
from tests.browser import chromium
from tests.browser.chromium import Look
from tests.house.sources import ROOT
from tests.portal.gallery import PAGES, WITHOUT_A_PAGE, Stage, whole_app
from tests.portal.served import served

PICTURES = Path(os.environ.get("WIFI_SCREENSHOTS", ROOT / "build" / "screenshots"))
LOOKS = [
    Look(str(width), width, height, scheme)
    for width, height in ((320, 640), (390, 844), (1280, 800))
    for scheme in ("light", "dark")
]
NARROWEST, PHONE, PHONE_DARK = LOOKS[0], LOOKS[2], LOOKS[3]
TAGS = sorted(path.stem for path in catalogue.FOLDER.glob("*.toml"))
FIRST = ("ko", "en", "ar")
OTHERS = tuple(tag for tag in TAGS if tag not in FIRST)
CHEAP = ("color-contrast",)  # the other rules see the same page again
RENEWING = "meta-refresh"
TURNS = {name: tuple(itertools.islice(itertools.cycle(TAGS), at, at + 2)) for at, name in enumerate(PAGES)}


@pytest.fixture(scope="module")
def browser():
    with chromium.running() as driver:
        yield driver


@pytest.fixture
def stage(face, gateway, clock):
    return Stage(whole_app(face), face, gateway, clock, 1)


def show(browser, city, stage, name, language, look):
    """Open the page as it is for a device that nobody has seen, and take the steps that lead to it."""
    page = PAGES[name]
    path = page.reach(stage)
    chromium.show_as(browser, look)
    browser.get(f"{city.url}{path}{'&' if '?' in path else '?'}l={language}")
    for selector, text in page.steps:
        found = browser.find_element(By.CSS_SELECTOR, selector)
        found.click() if text is None else found.send_keys(text)


def wrong(browser, name, only=()):
    """What is wrong with the page as it is shown."""
    is_excused = PAGES[name].is_renewing
    found = [each for each in chromium.complaints(browser, only) if not (is_excused and each.startswith(RENEWING))]
    sideways = chromium.sideways_pixels(browser)
    return [*found, *chromium.small_targets(browser), *([f"{sideways} px sideways"] if sideways else [])]


def without_script(browser):
    """A picture and the width of the page; both come from the browser itself."""
    shot = browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
    size = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})
    return base64.b64decode(shot["data"]), size["cssContentSize"]["width"] - size["cssLayoutViewport"]["clientWidth"]


def test_no_page_is_forgotten(face):
    rules = {rule.rule for rule in whole_app(face).url_map.iter_rules()}
    shown = {page.rule for page in PAGES.values()} - {""}
    assert shown == rules - WITHOUT_A_PAGE


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_u9_the_page_is_for_everybody(browser, stage, name):
    with served(stage.app) as city:
        found = []
        for at, language in enumerate(TURNS[name]):
            for look in LOOKS[at::2]:  # light ones in one language, dark ones in the next
                if look in LOOKS[:2]:
                    show(browser, city, replace(stage, number=at + 1), name, language, look)
                chromium.show_as(browser, look)
                found += [
                    f"{look} {language}: {each}" for each in wrong(browser, name, () if look == LOOKS[at] else CHEAP)
                ]
                chromium.picture(browser, PICTURES / f"{name}-{language}-{look}.png", whole=True)
            chromium.show_as(browser, NARROWEST)
            browser.execute_script("document.documentElement.style.fontSize = '200%'")
            if sideways := chromium.sideways_pixels(browser):
                found.append(f"{language} at 200 %: {sideways} px sideways")
            chromium.picture(browser, PICTURES / f"{name}-{language}-320-zoomed.png", whole=True)
        assert found == []
    browser.get_log("browser")  # it notes every 403 and 404; the next test shall not read them


@pytest.mark.browser
@pytest.mark.soak
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", TAGS)
def test_u9_the_page_is_for_everybody_in_every_language_with_and_without_script(browser, stage, name, language):
    looks = LOOKS if language in FIRST else (PHONE, PHONE_DARK)
    found = []
    with served(stage.app) as city:
        show(browser, city, stage, name, language, looks[0])
        for look in looks:
            chromium.show_as(browser, look)
            found += [f"{look}: {each}" for each in wrong(browser, name)]
            chromium.picture(browser, PICTURES / "all" / f"{name}-{language}-{look}.png", whole=True)
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            show(browser, city, replace(stage, number=2), name, language, looks[0])
            for look in looks:
                chromium.show_as(browser, look)
                picture, sideways = without_script(browser)
                (PICTURES / "all" / f"{name}-{language}-{look}-no-script.png").write_bytes(picture)
                found += [f"{look} without script: {sideways} px sideways"] if sideways else []
        finally:
            browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert found == []
    browser.get_log("browser")


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_u9_the_keyboard_reaches_everything_and_shows_where_it_is(browser, stage, name):
    with served(stage.app) as city:
        show(browser, city, stage, name, "en", PHONE)
        everything = browser.execute_script(
            "return [...document.querySelectorAll('a, button, summary, input:not([type=hidden]), select, textarea')]"
            ".filter(each => each.checkVisibility()).map((each, at) => each.dataset.at = at)"
        )
        browser.execute_script("document.activeElement.blur()")
        reached = set()
        for _ in range(len(everything) + 1):
            ActionChains(browser, duration=0).send_keys(Keys.TAB).perform()
            at, outline, box = browser.execute_script(
                "const it = document.activeElement, row = it.closest('.choice') || it;"
                "return [it.dataset.at, parseFloat(getComputedStyle(row).outlineWidth), it.getBoundingClientRect().top]"
            )
            if at is not None:
                reached.add(int(at))
                assert outline >= 2, f"no outline around {at}"
                assert box < PHONE.height, f"{at} is focused below the screen"
        assert reached == set(map(int, everything))
    browser.get_log("browser")


@pytest.mark.browser
def test_u2_the_keyboard_alone_leads_online(browser, app, gateway, clock):
    with gateway.acknowledging(), served(app) as city:
        browser.get(f"{city.url}/?s={gateway.ticket(clock.now())}&l=en")
        for _ in range(20):
            ActionChains(browser, duration=0).send_keys(Keys.TAB).perform()
            if browser.execute_script("return document.activeElement.matches('.button.big')"):
                break
        ActionChains(browser, duration=0).send_keys(Keys.ENTER).perform()
        chromium.wait_for_title(browser, "You're online")
