"""A citizen with a phone of the lab: opens the portal as a person would, without cookies and without JavaScript."""

import html
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin

from tests.lab.city import OWN_NAME
from tests.lab.phone import Answer, Phone

PROBE = "http://connectivitycheck.gstatic.com/generate_204"
_FORM = re.compile(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', re.DOTALL)
_INPUT = re.compile(r"<input[^>]*>")
_ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')


def is_online(phone: Phone) -> bool:
    """Whether the phone's probe is answered by the internet."""
    return phone.curl(PROBE).status == 204


@dataclass
class Citizen:
    """`url` and `page` are what the phone shows; `answers` are all that it got, the first one first."""

    phone: Phone
    languages: str = ""  # its Accept-Language
    url: str = ""
    page: str = ""
    forms: dict[str, dict[str, str]] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)

    def open_portal(self) -> int:
        """Follow the gateway's redirect to the first page; its bytes."""
        self.open(PROBE)
        return len(self.page.encode())

    def tap(self, **ticked: str) -> Answer:
        """The one tap; follows the 303 to the page that says online. Returns that page's answer."""
        return self._submit("/connect", **ticked)

    def open_status(self) -> Answer:
        """Open the gateway's own name, which leads an online phone to its status page."""
        return self.open(f"http://{OWN_NAME}/")

    def sign_out(self) -> Answer:
        """Sign out on the status page."""
        return self._submit("/sign-out")

    def erase(self) -> Answer:
        """Have one's data deleted."""
        return self._submit("/erase")

    def _submit(self, path: str, **ticked: str) -> Answer:
        action = next(each for each in self.forms if each.partition("?")[0].endswith(path))
        url = urljoin(self.url, action)
        return self._follow(self._get(url, "--data", urlencode({**self.forms[action], **ticked})), url)

    def open(self, url: str) -> Answer:
        """Open a page and follow where it leads."""
        return self._follow(self._get(url), url)

    def _get(self, url: str, *options: str) -> Answer:
        self.answers.append(self.phone.curl(url, "-H", f"Accept-Language: {self.languages}", *options))
        return self.answers[-1]

    def _follow(self, answer: Answer, url: str) -> Answer:
        for _ in range(5):
            if answer.status not in {301, 302, 303}:
                break
            url = urljoin(url, answer.location)
            answer = self._get(url)
        self.url, self.page = url, answer.body
        self.forms = read_forms(answer.body)
        return answer


def read_forms(page: str) -> dict[str, dict[str, str]]:
    """The fields of each form of a page, by where it is sent."""
    return {html.unescape(action): _inputs(inner) for action, inner in _FORM.findall(page)}


def _inputs(form: str) -> dict[str, str]:
    sent = (each for each in _INPUT.findall(form) if 'type="checkbox"' not in each)  # ours are not ticked
    found = (dict(_ATTRIBUTE.findall(each)) for each in sent)
    return {each["name"]: html.unescape(each.get("value", "")) for each in found if "name" in each}
