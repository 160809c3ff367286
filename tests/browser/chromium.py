"""Debian's Chromium as a phone and as a desktop, in light and in dark, asked what axe-core thinks of a page."""

import base64
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import axe_core_python
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import title_contains
from selenium.webdriver.support.wait import WebDriverWait

from tests.plugins.needs import CHROMIUM_NAMES

_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--hide-scrollbars",
    "--force-color-profile=srgb", "--lang=en-US",
)  # fmt: skip
_PATIENCE_SECONDS = 60
LARGEST_PICTURE = 150_000  # bytes, of one in the README
_AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is shown. Width and height are CSS pixels; `scheme` is light or dark."""

    name: str
    width: int
    height: int
    scheme: str

    def __str__(self) -> str:
        return f"{self.name}-{self.scheme}"


PHONE, PHONE_DARK = Look("phone", 360, 740, "light"), Look("phone", 360, 740, "dark")
DESKTOP, DESKTOP_DARK = Look("desktop", 1280, 800, "light"), Look("desktop", 1280, 800, "dark")
NARROWEST = Look("narrowest", 320, 640, "light")  # WCAG 2.2, 1.4.10: no scrolling in two directions
LOOKS = (PHONE, PHONE_DARK, DESKTOP, DESKTOP_DARK)


@contextmanager
def running(*flags: str) -> Iterator[Chrome]:
    """A browser with an empty profile, which is erased afterwards."""
    profile = Path(tempfile.mkdtemp(prefix="wifi-chromium-"))
    options = ChromeOptions()
    options.binary_location = next(found for name in CHROMIUM_NAMES if (found := shutil.which(name)))
    for flag in (*_FLAGS, f"--user-data-dir={profile}", *flags):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options, Service(shutil.which("chromedriver")))
    driver.set_page_load_timeout(_PATIENCE_SECONDS)
    driver.set_script_timeout(_PATIENCE_SECONDS)
    try:
        yield driver
    finally:
        driver.quit()
        shutil.rmtree(profile, ignore_errors=True)


def show_as(driver: Chrome, look: Look) -> None:
    """Give the page this size and colour scheme, without loading it again."""
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": look.width, "height": look.height, "deviceScaleFactor": 1, "mobile": look.width < 600},
    )
    features = [
        {"name": "prefers-color-scheme", "value": look.scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def complaints(driver: Chrome, only: Sequence[str] = ()) -> list[str]:
    """What axe-core finds wrong with the page: rule, place and reason; by all rules of WCAG 2.2 AA, or `only` some.

    The page's CSP stays in force.
    """
    if not _evaluate(driver, "'axe' in window"):
        _evaluate(driver, _AXE + ";0")
    chosen = {"type": "rule", "values": list(only)} if only else {"type": "tag", "values": list(_RULES)}
    options = json.dumps({"runOnly": chosen, "resultTypes": ["violations"]})
    found = _evaluate(driver, f"axe.run(document, {options}).then(result => result.violations)")
    return [
        f"{each['id']}: {node['html'][:160]} {node['failureSummary']}" for each in found for node in each["nodes"]
    ]


def sideways_pixels(driver: Chrome) -> int:
    """How far the page can be scrolled sideways; 0 is right."""
    pixels: int = _evaluate(
        driver,
        "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
        "- document.documentElement.clientWidth",
    )
    return max(0, pixels)


def small_targets(driver: Chrome, smallest: int = 24) -> list[str]:
    """Buttons and links that a finger may miss (WCAG 2.2, 2.5.8), links within a sentence left out."""
    script = f"""[...document.querySelectorAll('a, button, input:not([type=hidden]), select')]
        .filter(each => getComputedStyle(each).display !== 'inline' && !each.matches('.unseen, .skip'))
        .map(each => [each.outerHTML.slice(0, 120), each.getBoundingClientRect()])
        .filter(([_, box]) => box.width && (box.width < {smallest} || box.height < {smallest})).map(each => each[0])"""
    found: list[str] = _evaluate(driver, script)
    return found


def wait_for_title(driver: Chrome, title: str) -> None:
    """Until a page of that title is there: without script the driver does not wait by itself."""
    WebDriverWait(driver, _PATIENCE_SECONDS).until(title_contains(title))


def press(driver: Chrome, found: WebElement) -> None:
    """Click it; where that leads to another page (a link, a form's button), wait until this one is gone.

    The driver itself may go on before the browser has begun to leave, and find things in the page that is left.
    """
    page, leads_away = _loader(driver), found.tag_name in {"a", "button"}
    found.click()
    if leads_away:
        WebDriverWait(driver, _PATIENCE_SECONDS).until(lambda driver: _loader(driver) != page)


def _loader(driver: Chrome) -> str:
    """What the browser calls the document in view: each page that is loaded has another."""
    name: str = driver.execute_cdp_cmd("Page.getFrameTree", {})["frameTree"]["frame"]["loaderId"]
    return name


def when_there(driver: Chrome, selector: str) -> WebElement:
    """The first such element; without script the driver does not wait for a page's end by itself."""
    return WebDriverWait(driver, _PATIENCE_SECONDS).until(
        lambda driver: driver.find_element(By.CSS_SELECTOR, selector)
    )


def errors(driver: Chrome) -> list[str]:
    """What the browser's console complains of, such as something that the CSP forbids."""
    return [each["message"] for each in driver.get_log("browser") if each["level"] in {"SEVERE", "WARNING"}]


def picture(driver: Chrome, path: Path, *, whole: bool = False) -> None:
    """Save what is in view, or the whole page: a small JPEG where the name ends so, else a PNG."""
    kind = {"format": "jpeg", "quality": 60} if path.suffix == ".jpg" else {"format": "png"}
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", {**kind, "captureBeyondViewport": whole})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base64.b64decode(shot["data"]))


def _evaluate(driver: Chrome, expression: str) -> Any:
    answer = driver.execute_cdp_cmd(
        "Runtime.evaluate", {"expression": expression, "awaitPromise": True, "returnByValue": True}
    )
    if "exceptionDetails" in answer:
        raise AssertionError(answer["exceptionDetails"])
    return answer["result"].get("value")
