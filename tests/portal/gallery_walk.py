"""The gallery without a browser: what a phone reads on a page after the steps that lead to it, as text."""

import re
from html import unescape

from werkzeug.test import TestResponse

from tests.portal.conftest import Phone
from tests.portal.gallery import Page
from tests.portal.stage import Stage

_FORM = re.compile(r'<form method="post" action="([^"?]+)')
_FIRST_TEXT = re.compile(r'<input [^>]*?\bid="([^"]+)"')
_STARTS = re.compile(r"form\[action\^='([^']+)'\]")
_CHOSEN = re.compile(r"input\[value=(\w+)\]")


def walk(stage: Stage, page: Page) -> list[TestResponse]:
    """All that is shown on the way to the page; the page itself comes last."""
    phone = stage.phone()
    shown = [phone.client.get(page.reach(stage), headers={"Accept-Language": phone.language})]
    typed: dict[str, str] = {}
    for selector, text in page.steps:
        if text is not None:
            typed[_name(selector, shown[-1])] = text
        elif chosen := _CHOSEN.fullmatch(selector):
            typed["trouble"] = chosen[1]
        elif "summary" not in selector:  # what it opens is there for a client that reads
            shown.append(_pressed(phone, shown[-1], selector, typed))
    return shown


def words(shown: TestResponse) -> str:
    """The text of a page, the labels of its pictures too, with single spaces."""
    labels = " ".join(re.findall(r'aria-label="([^"]+)"', shown.text))
    return " ".join(unescape(f"{re.sub('<[^>]*>', '', shown.text)} {labels}").split())


def _pressed(phone: Phone, shown: TestResponse, selector: str, typed: dict[str, str]) -> TestResponse:
    starts = _STARTS.search(selector)
    action = starts[1] if starts else _FORM.findall(shown.text)[0]
    answer = phone.submit(shown, action, **typed)
    return phone.follow(answer) if answer.status_code == 303 else answer


def _name(selector: str, shown: TestResponse) -> str:
    return selector[1:] if selector.startswith("#") else _FIRST_TEXT.findall(shown.text)[0]
