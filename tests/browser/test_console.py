"""Every page of the console in a real browser: as a phone and as a desktop, in light and in dark.

With WIFI_SCREENSHOTS=<folder> pictures are kept there; `make screenshots` keeps those of the README.
"""

import os
import shutil
import threading
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from argon2 import PasswordHasher
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait
from werkzeug.serving import make_server

from portal import poster
from tests.browser import chromium, made_up_city
from tests.browser.chromium import DESKTOP, DESKTOP_DARK, LOOKS, NARROWEST, PHONE
from tests.builders import A_CITY, A_MASTER_KEY
from tests.fakes.clock import FrozenClock
from wifi_manager.console.app import create_app
from wifi_manager.console.parts import Parts
from wifi_manager.domain.operators import Role
from wifi_manager.domain.vouchers import Allowance
from wifi_manager.services.accounts import Accounts
from wifi_manager.services.staffing import Staffing
from wifi_manager.services.vouchers import Vouchers
from wifi_manager.settings import Settings
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault
from wifi_manager.web.cards import Design

pytestmark = pytest.mark.browser

WANTED = os.environ.get("WIFI_SCREENSHOTS")
KEY = b"console key of the tests, 32 byte"
PAGES = {
    "overview": "/",
    "fleet-search": "/access-points?q=한강&page=2",  # fewer lines: axe-core takes its time with each
    "fleet-nothing": "/access-points?q=nothing&district=한강구",
    "fleet-down": "/access-points?health=down",
    "access-point": "/access-points/HAN00002",
    "access-point-down": "/access-points/HAN00005",
    "access-point-unmanaged": "/access-points/HAN00001",
    "pushes": "/pushes",
    "pushes-none": "/pushes?state=running",
    "coverage": "/coverage",
    "coverage-district": "/coverage?district=한강구",
    "drifts": "/drift",
    "drift": "/drift/HAN00003",
    "rollouts": "/rollouts",
    "rollout": "/rollouts/2",
    "rollout-group": "/rollouts/2/groups/2",
    "windows": "/windows",
    "intents": "/intents",
    "intent-layer": "/intents/layer?scope=kind:park",
    "intent-of": "/intents/of?access_point=HAN00002",
    "visits": "/visits",
    "vouchers": "/vouchers",
    "accounts": "/accounts",
    "account-address": "/accounts/1/address",
    "faces": "/faces",
    "face": "/faces/edit?district=한강구&site=버드나무 한강공원",
    "poster": "/posters?district=한강구&site=버드나무 한강공원",
    "reports": "/reports",
    "report": "/reports/1",
    "running-visits": "/visits/running?gateway=gw-library",
    "visit": "/visits/v-1",
    "audit": "/audit",
    "audit-nothing": "/audit?subject=nothing",
    "operators": "/operators",
    "account": "/account",
    "problem": "/access-points/NONE",
}


@pytest.fixture(scope="module")
def parts(upgraded_file, tmp_path_factory):
    path = tmp_path_factory.mktemp("console") / "console.db"
    shutil.copy(upgraded_file, path)
    vault = Vault(A_MASTER_KEY, A_CITY.slug)
    store, clock = Store(open_engine(f"sqlite:///{path}"), A_CITY.slug, vault), FrozenClock(made_up_city.NOW)
    staffing = Staffing(store, clock, KEY, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    zone = ZoneInfo("Asia/Seoul")
    vouchers = Vouchers(store, vault, clock, timedelta(days=90))
    vouchers.issue("library-spring", Allowance(lasts=timedelta(hours=2), volume_bytes=10**9), 40, "operator")
    accounts = Accounts(store, vault, clock)
    accounts.add(["resident-1", "resident-2@haneul.example"], "operator")
    look = Design("Haneul Public WiFi", "City WiFi", "http://wifi.home.arpa", zone)
    name, own = "Haneul Public WiFi", "http://127.0.0.1"
    posters = poster.posters(Settings(), store)
    yield Parts(
        store, staffing, clock, name, zone, own, KEY, vouchers, accounts, look, vaulted=store, posters=posters
    )
    store.dispose()


@pytest.fixture(scope="module")
def address(parts):
    """Where the console answers."""
    server = make_server("127.0.0.1", 0, create_app(parts), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def stranger():
    """A browser in which nobody has signed in."""
    with chromium.running() as driver:
        yield driver


@pytest.fixture(scope="module")
def passwords(parts):
    made_up_city.fill(parts.store)
    password = parts.staffing.add("chief", Role.ADMIN, "command line")
    parts.staffing.add("field-team", Role.OPERATOR, "chief")
    parts.staffing.add("night-shift", Role.VIEWER, "chief")
    parts.staffing.disable("night-shift", "chief")
    return {"chief": password}


@pytest.fixture(scope="module")
def admin(stranger, address, passwords):
    """The same browser after the admin has typed name and password."""
    stranger.get(f"{address}/sign-in")
    stranger.find_element(By.NAME, "name").send_keys("chief")
    stranger.find_element(By.NAME, "password").send_keys(passwords["chief"], Keys.ENTER)
    WebDriverWait(stranger, 30).until(lambda driver: driver.current_url == f"{address}/")
    return stranger


@pytest.fixture
def pictures(tmp_path):
    """Where pictures go: to the folder that was asked for, else away with the test's own."""
    return Path(WANTED) if WANTED else tmp_path


def judge(driver, name, pictures):
    """All that is wrong with the page in any look."""
    wrong = []
    for look in (*LOOKS, NARROWEST):
        chromium.show_as(driver, look)
        if look is not NARROWEST:  # which has the colours of the phone
            only = () if look in {PHONE, DESKTOP_DARK} else ("color-contrast",)  # the others see the same page again
            wrong += [f"{name} {look}: {each}" for each in chromium.complaints(driver, only)]
        wrong += [f"{name} {look}: too small: {each}" for each in chromium.small_targets(driver)]
        if sideways := chromium.sideways_pixels(driver):
            wrong.append(f"{name} {look}: scrolls {sideways} px sideways")
        if WANTED:
            chromium.picture(driver, pictures / f"console-{name}-{look}.png")
    return wrong + [f"{name}: {each}" for each in chromium.errors(driver) if "404" not in each and "403" not in each]


def test_the_sign_in_page_suits_everybody(stranger, address, pictures):
    stranger.get(f"{address}/healthz")
    kept = stranger.get_cookies()  # the tests run in any order: the admin may be signed in
    stranger.delete_all_cookies()
    stranger.get(f"{address}/sign-in")
    assert judge(stranger, "sign-in", pictures) == []
    stranger.find_element(By.NAME, "name").send_keys("nobody")
    stranger.find_element(By.NAME, "password").send_keys("wrong", Keys.ENTER)
    WebDriverWait(stranger, 30).until(lambda driver: driver.find_elements(By.CSS_SELECTOR, "[role=alert]"))
    assert judge(stranger, "sign-in-refused", pictures) == []
    stranger.delete_all_cookies()
    for cookie in kept:
        stranger.add_cookie(cookie)


def test_a_bad_page_would_be_noticed(stranger):
    bad = (
        "<meta name=viewport content=width=device-width><title>Bad</title><p style='color:%23aaa'>Pale</p>"
        "<img src=x><button style='width:9px;padding:0'>x</button>"
    )
    stranger.get(f"data:text/html,<html>{bad}<p style='width:900px'>wide</p>")
    chromium.show_as(stranger, chromium.PHONE)
    said = " ".join(chromium.complaints(stranger))
    assert all(rule in said for rule in ("html-has-lang", "color-contrast", "image-alt"))
    assert chromium.small_targets(stranger)
    assert chromium.sideways_pixels(stranger) > 100


@pytest.mark.parametrize("name", PAGES)
def test_the_page_suits_everybody(admin, address, pictures, name):
    admin.get(address + PAGES[name])
    assert judge(admin, name, pictures) == []


def test_a_new_operator_is_added_with_the_keyboard_alone(admin, address, pictures):
    admin.get(f"{address}/operators")
    admin.find_element(By.ID, "name").send_keys("day-shift", Keys.TAB, "operator", Keys.TAB, Keys.ENTER)
    WebDriverWait(admin, 30).until(lambda driver: driver.find_elements(By.CSS_SELECTOR, ".password code"))
    assert judge(admin, "password", pictures) == []


def test_the_fleet_is_searched_and_paged_as_an_operator_does(admin, address, pictures):
    admin.get(f"{address}/access-points")
    for look in LOOKS:
        chromium.show_as(admin, look)
        chromium.picture(admin, pictures / f"console-fleet-{look}.png")
    admin.find_element(By.ID, "q").send_keys("한강", Keys.ENTER)
    WebDriverWait(admin, 30).until(lambda driver: "q=" in driver.current_url)
    admin.find_element(By.CSS_SELECTOR, "[rel=next]").click()
    WebDriverWait(admin, 30).until(lambda driver: "page=2" in driver.current_url)
    assert "51–64 of 64" in admin.find_element(By.CSS_SELECTOR, ".count").text


def test_an_emergency_is_opened_shown_and_ended_by_its_buttons(admin, address, pictures):
    admin.get(f"{address}/emergencies")
    for name, typed in (("district", "한강구"), ("why", "flood")):
        admin.find_element(By.ID, name).send_keys(typed)
    admin.find_element(By.CSS_SELECTOR, "form[action='/emergencies'] button").click()
    WebDriverWait(admin, 30).until(lambda driver: driver.find_elements(By.CSS_SELECTOR, ".note.good"))
    assert "한강구 is open to everybody" in admin.find_element(By.CSS_SELECTOR, ".alarm").text
    assert judge(admin, "emergencies", pictures) == []
    chromium.show_as(admin, DESKTOP)
    admin.find_element(By.CSS_SELECTOR, "form[action^='/emergencies/'] button").click()
    WebDriverWait(admin, 30).until(lambda driver: not driver.find_elements(By.CSS_SELECTOR, ".alarm"))


README_PICTURES = {
    "overview-desktop-light": ("/", DESKTOP),
    "fleet-desktop-light": ("/access-points", DESKTOP),
    "access-point-desktop-dark": ("/access-points/HAN00002", DESKTOP_DARK),
}


@pytest.mark.parametrize("name", README_PICTURES)
def test_a_picture_for_the_readme_is_small(admin, address, pictures, name):
    path, look = README_PICTURES[name]
    chromium.show_as(admin, look)
    admin.get(address + path)
    chromium.picture(admin, pictures / f"console-{name}.png")
    assert (pictures / f"console-{name}.png").stat().st_size < chromium.LARGEST_PICTURE


def test_an_operator_approves_a_push_with_one_press(admin, address, parts):
    with parts.store.begin() as tx:
        number = tx.pushes.propose("HAN00011", "intent", "d" * 64, by="day-shift", at=made_up_city.NOW).number
    admin.get(f"{address}/pushes?state=proposed")
    admin.find_element(By.CSS_SELECTOR, f"form[action='/pushes/{number}/approve'] button").click()
    WebDriverWait(admin, 30).until(lambda driver: driver.find_elements(By.CSS_SELECTOR, ".note.good"))
    assert "is approved" in admin.find_element(By.CSS_SELECTOR, ".note.good").text
