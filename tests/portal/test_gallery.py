"""Every page of the portal in a real browser, for everybody: WCAG 2.2 AA by axe-core, keyboard, zoom, each language.

Pictures are kept in build/screenshots, or where WIFI_GALLERY says. The short form shows each page in one language and
one of six looks, all of them in turns, and looks at the colours of another, light or dark; `make soak` shows all pages
in all of them, with script off as well.
"""

import os
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from portal import catalogue
from tests.browser import chromium
from tests.browser.chromium import Look
from tests.house.sources import ROOT
from tests.portal.gallery import PAGES
from tests.portal.served import served
from tests.portal.stage import EID_HOST, stage_of

PICTURES = Path(os.environ.get("WIFI_GALLERY", ROOT / "build" / "screenshots"))
LOOKS = [
    Look(str(width), width, height, scheme)
    for width, height in ((320, 640), (390, 844), (1280, 800))
    for scheme in ("light", "dark")
]
NARROWEST, PHONE, PHONE_DARK = LOOKS[0], LOOKS[2], LOOKS[3]
TAGS = sorted(path.stem for path in catalogue.FOLDER.glob("*.toml"))
FIRST = ("ko", "en", "ar")
COLOURS = ("color-contrast", "link-in-text-block")  # for a look of other colours; all else is the same page again
RENEWING = "meta-refresh"
SHORT = [name for name, page in PAGES.items() if not page.is_alike]
# Nine languages and six looks have a common divisor: every third page goes on by one more look.
TURNS = {
    name: (TAGS[at % len(TAGS)], [LOOKS[(at + at // 9 + ahead) % len(LOOKS)] for ahead in (0, 3)])
    for at, name in enumerate(SHORT)
}
FOCUSABLE = """
    const radio = which => document.querySelector(`input[type=radio]${which}`);
    const stopOf = name => radio(`[name=${name}]:checked`) || radio(`[name=${name}]`);
    return [...document.querySelectorAll('a, button, summary, input:not([type=hidden]), select, textarea')]
        .filter(each => each.checkVisibility())
        .filter(each => each.type !== 'radio' || stopOf(each.name) === each)
        .map((each, at) => each.dataset.at = at)
"""
NOTE_FOCUS = """
    document.activeElement.blur();
    window.noted = [];
    document.addEventListener('keyup', () => {
        const it = document.activeElement, row = it.closest('.choice') || it;
        noted.push([it.dataset.at, parseFloat(getComputedStyle(row).outlineWidth), it.getBoundingClientRect().top]);
    });
"""


@pytest.fixture(scope="module")
def browser():
    with chromium.running(f"--host-resolver-rules=MAP {EID_HOST} 127.0.0.1") as driver:
        yield driver


@pytest.fixture
def stage(face, gateway, clock, tmp_path):
    return stage_of(face, gateway, clock, tmp_path)


def show(browser, city, stage, name, language, look):
    """Open the page as it is for a device that nobody has seen, and take the steps that lead to it."""
    page = PAGES[name]
    path = page.reach(stage)
    chromium.show_as(browser, look)
    browser.get(f"{city.url}{path}{'&' if '?' in path else '?'}l={language}")
    for selector, text in page.steps:
        found = chromium.when_there(browser, selector)
        chromium.press(browser, found) if text is None else found.send_keys(text)
    if page.is_renewing:
        browser.execute_cdp_cmd("Page.stopLoading", {})  # or it would be another page soon


def wrong(browser, name, only=()):
    """What is wrong with the page as it is shown."""
    is_excused = PAGES[name].is_renewing
    found = [each for each in chromium.complaints(browser, only) if not (is_excused and each.startswith(RENEWING))]
    sideways = chromium.sideways_pixels(browser)
    return [*found, *chromium.small_targets(browser), *([f"{sideways} px sideways"] if sideways else [])]


def wrong_by_keyboard(browser):
    """What the tab key does not reach, or where nothing shows where it is: a group of radio buttons is one stop."""
    everything = set(browser.execute_script(FOCUSABLE))
    browser.execute_script(NOTE_FOCUS)
    ActionChains(browser, duration=0).send_keys(Keys.TAB * (len(everything) + 1)).perform()
    found = []
    for at, outline, top in browser.execute_script("return noted"):
        if at is not None:
            everything.discard(int(at))
            found += [f"no outline around {at}"] if outline < 2 else []
            found += [f"{at} is focused below the screen"] if top >= PHONE.height else []
    return [*found, *(f"{at} is not reached" for at in everything)]


def wrong_in_every_look(browser, name, looks, file):
    """What is wrong with the page in any of these looks, of which a picture each is kept."""
    found = []
    for look in looks:
        chromium.show_as(browser, look)
        found += [f"{look}: {each}" for each in wrong(browser, name, COLOURS if look.scheme == "dark" else ())]
        chromium.picture(browser, PICTURES / "all" / file.format(look), whole=True)
    return found


def wrong_when_enlarged(browser):
    """Whether text of twice the size needs scrolling to the side on the narrowest phone (WCAG 2.2, 1.4.4)."""
    chromium.show_as(browser, NARROWEST)
    browser.execute_script("document.documentElement.style.fontSize = '200%'")
    sideways = chromium.sideways_pixels(browser)
    return [f"at 200 %: {sideways} px sideways"] if sideways else []


@contextmanager
def no_script(browser):
    """The pages that are loaded in this block run no script of theirs; afterwards axe-core can run in the last one."""
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        yield
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_every_look_and_language_has_its_turn():
    assert {(language, str(look)) for language, looks in TURNS.values() for look in looks} >= {
        *((tag, str(look)) for tag in FIRST for look in LOOKS)
    }
    assert {language for language, _ in TURNS.values()} == set(TAGS)


@pytest.mark.browser
@pytest.mark.parametrize("name", SHORT)
def test_u9_the_page_is_for_everybody(browser, stage, name):
    language, looks = TURNS[name]
    with served(stage.app) as city:
        look, other = looks
        show(browser, city, stage, name, language, look)
        found = [f"{look}: {each}" for each in wrong(browser, name)]
        chromium.picture(browser, PICTURES / f"{name}-{language}-{look}.jpg", whole=True)
        chromium.show_as(browser, other)
        found += [f"{other}: {each}" for each in chromium.complaints(browser, COLOURS)]
        chromium.show_as(browser, PHONE)
        found += [*wrong_by_keyboard(browser), *wrong_when_enlarged(browser)]
        assert (language, found) == (language, [])
    browser.get_log("browser")  # it notes every 403 and 404; the next test shall not read them


@pytest.mark.browser
@pytest.mark.soak
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", TAGS)
def test_u9_the_page_is_for_everybody_in_every_language_with_and_without_script(browser, stage, name, language):
    looks = LOOKS if language in FIRST else (PHONE, PHONE_DARK)
    with served(stage.app) as city:
        show(browser, city, stage, name, language, looks[0])
        found = wrong_in_every_look(browser, name, looks, f"{name}-{language}-{{}}.jpg")
        chromium.show_as(browser, PHONE)
        found += [*wrong_by_keyboard(browser), *wrong_when_enlarged(browser)]
        chromium.picture(browser, PICTURES / "all" / f"{name}-{language}-zoomed.jpg", whole=True)
        with no_script(browser):
            show(browser, city, replace(stage, number=2), name, language, looks[0])
        found += wrong_in_every_look(browser, name, looks, f"{name}-{language}-{{}}-no-script.jpg")
    assert found == []
    browser.get_log("browser")
