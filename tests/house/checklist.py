"""What a portal must do for phones, citizens and the law, by number, and docs/checklist.md made of it.

A test shows a requirement by carrying its number in its name (`test_p1_p2_...`); others are named here beside it.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from tests.house.sources import ROOT, modules, name_of

PAGE = ROOT / "docs" / "checklist.md"
_NUMBERS = re.compile(r"test_((?:[apldus]\d+_)+)")
_SHOWN = 3  # tests named in a row; more are counted
_LOG = "tests/test_log.py::"
_TRACES = "tests/stories/test_no_trace_of_anybody.py::"
_ALONE = "tests/gateway/test_alone.py::"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One of them. `also`: tests without its number. `unshown`: what of it cannot be shown here, and why."""

    says: str
    also: tuple[str, ...] = ()
    unshown: str = ""


_PHONES = "Phones themselves: no iOS or Android runs in the lab. Their questions are those of `tests/lab/probes.py`."
GROUPS: Mapping[str, Mapping[str, Requirement]] = {
    "Probes and what is let through": {
        "P1": Requirement(
            "Every system's probe from a phone that is not signed in gets 302 to the portal, not to be stored, with a "
            "body, within 100 ms.",
            unshown="The time is measured by `benchmarks/gateway.py`, not asserted: test machines are shared. "
            + _PHONES,
        ),
        "P2": Requirement("No probe by GET or HEAD is ever answered 204, with a success text, by 511, 4xx or 5xx."),
        "P3": Requirement("Any other host, path and query gets 302 too, and always to our own portal."),
        "P4": Requirement("What is no page load, such as POST, gets 511."),
        "P5": Requirement(
            "Port 443 to anywhere outside the walled garden is refused at once; no certificate is shown."
        ),
        "P6": Requirement("No walled garden holds a host that phones probe, by name or through a parent domain."),
        "P7": Requirement("After the sign-in probes reach their own hosts, and the redirector sees none of them."),
        "P8": Requirement("Who probes often gets the same answer each time, never a refusal or 429."),
        "P9": Requirement("Public names are never answered by a private address."),
    },
    "The captive portal API (RFC 8908 and 8910)": {
        "A1": Requirement("It is told over TLS alone."),
        "A2": Requirement("Status 200, the registered media type, never stored, at most 4096 plain characters."),
        "A3": Requirement(
            "`captive` in every answer; a captive device is told where to sign in and nothing of time."
        ),
        "A4": Requirement("A device that is online is told its whole seconds left, fewer each time."),
        "A5": Requirement("Who asks for the API gets JSON, a browser is led to the portal."),
        "A6": Requirement("Who asks is known from the gateway's own view, whatever headers and queries claim."),
        "A7": Requirement("A client that nobody knows is captive, never an error."),
        "A8": Requirement(
            "It turns within a second of a grant, and of its end.",
            also=(
                "tests/gateway/test_phones_of_a_gateway.py::test_a_volume_is_enforced_by_the_kernel_and_told_by_the_api",
            ),
            unshown="The second is not asserted: it answers from the same table that the kernel was given.",
        ),
        "A9": Requirement("One short address by name, the same in DHCPv4, DHCPv6 and router advertisements."),
        "A10": Requirement("It can be reached before and after the sign-in."),
    },
    "Signing in, and the sheet that closes": {
        "L1": Requirement(
            "All of it works without script, without cookies and without anything from outside.",
            unshown="The mini-browsers of iOS and Android: none runs here. Chromium without script and cookies does.",
        ),
        "L2": Requirement("The gateway has acknowledged before the 303 is sent, and the next probe passes."),
        "L3": Requirement("Success is a 303 to a page of the same origin."),
        "L4": Requirement("A slow gateway gets a page that renews itself, and gives up politely after 20 seconds."),
        "L5": Requirement("A second tap, the back button and a reload change nothing."),
        "L6": Requirement("No links that a mini-browser cannot open: only pages, `tel:` and `sms:`."),
        "L7": Requirement("No new windows, no dialogs, nothing kept in the browser."),
        "L8": Requirement("No WISPr answer, which would ask Windows users for a password."),
    },
    "What citizens feel": {
        "U1": Requirement("The first page is one request of at most 14 KB compressed and 30 KB in all."),
        "U2": Requirement("One tap from the page to being online."),
        "U3": Requirement(
            "The language that the browser asks for; unknown ones get the city's; `lang` and `dir` are right."
        ),
        "U4": Requirement("A device that comes back while its visit runs sees no page."),
        "U5": Requirement("The status page shows the time left, extends, signs out and deletes."),
        "U6": Requirement(
            "A visit lasts a day or more, and says so before it ends.",
            unshown="What is special on buses: there are no buses in the lab.",
        ),
        "U7": Requirement("A code by text message survives the sheet that closes while it is read."),
        "U8": Requirement("There is a way in without a phone number."),
        "U9": Requirement(
            "axe finds nothing (WCAG 2.2 AA) in light and dark, at 320 px and at 200 %; targets are large enough.",
            unshown="Screen readers with people who use them.",
        ),
        "U10": Requirement(
            "A gateway without its uplink shows a page of its own.",
            unshown="Not built: a phone should use its mobile network then, so nothing is intercepted for it.",
        ),
        "U11": Requirement("No wall of terms, and no box that is ticked already."),
    },
    "Data and law": {
        "D1": Requirement(
            "No raw device address or phone number in logs, database, metrics or addresses of pages.",
            also=(
                _TRACES + "test_no_log_names_a_citizens_device_or_address_or_has_a_secret",
                _TRACES
                + "test_the_database_has_neither_addresses_nor_secrets_in_plain_not_even_while_citizens_are_online",
                _LOG + "test_a_mac_address_never_survives_in_any_notation",
                _LOG + "test_a_phone_number_never_survives",
            ),
        ),
        "D2": Requirement(
            "A device has another pseudonym in another city, and after a change of keys.",
            also=("tests/storage/test_visits.py::test_two_cities_give_one_phone_two_pseudonyms",),
        ),
        "D3": Requirement(
            "Each kind of record is erased at its time; profiles of countries are data.",
            also=(
                "tests/services/test_stewardship.py::test_d3_old_visits_are_erased_and_with_the_last_one_the_device",
            ),
        ),
        "D4": Requirement(
            "What was agreed to is kept with its version and language.",
            also=(
                "tests/portal/test_pages.py::test_the_full_terms_are_a_link_away_and_every_version_stays_readable",
            ),
        ),
        "D5": Requirement("Deleting one's data deletes it everywhere, or says what the law keeps."),
        "D6": Requirement(
            "Nothing records where citizens go: no destinations, no names asked.",
            unshown="That something is absent. Gateways' programs are configured without query logs: "
            "`tests/gateway/names/test_programs.py` compares every line.",
        ),
        "D7": Requirement("Children need no consent of anybody, for nothing optional is collected."),
    },
    "Security": {
        "S1": Requirement("Nothing leads away from the portal."),
        "S2": Requirement("Codes and vouchers cannot be guessed and messages not pumped: limits and a budget."),
        "S3": Requirement("A form that is forged, too old or another device's is refused, without cookies too."),
        "S4": Requirement("A ticket that was used opens nothing again."),
        "S5": Requirement("Forwarded-for headers and their like are not believed."),
        "S6": Requirement(
            "RADIUS packets without a right Message-Authenticator are dropped, in both directions; it comes first.",
            unshown="Its part for 802.1X, which is not built yet.",
        ),
        "S7": Requirement("Strict headers on every answer, errors too."),
        "S8": Requirement(
            "When the city's servers are away, a short pass, capped and logged, where the city wants it.",
            also=(
                _ALONE
                + "test_200_newcomers_get_one_short_pass_each_while_control_is_dead_and_it_hears_of_them_when_it_is_back",
            ),
        ),
        "S9": Requirement("No address is ever made of what a Host header says."),
        "S10": Requirement(
            "One city never sees another.",
            also=("tests/storage/test_store.py::test_one_city_never_sees_another",),
            unshown="Its part for 802.1X, as S6.",
        ),
    },
}
REQUIREMENTS = {number: requirement for group in GROUPS.values() for number, requirement in group.items()}
_HEAD = """\
# The portal's checklist

What phones, citizens and the law ask of the portal and of what stands before it, and the test that shows each. A test
carries the numbers in its name, so that `pytest -k test_p1` runs what shows P1. This page is made by
`python -m tests.house.pages` from `tests/house/checklist.py` and the names of the tests.
"""


@cache
def every_test() -> frozenset[str]:
    """Every test, as file::name."""
    return frozenset(
        f"{name_of(path)}::{name}" for path in modules("tests") for name in _names(path.read_text("utf-8"))
    )


def numbers_of(test: str) -> tuple[str, ...]:
    """The requirements that a test names, such as P1."""
    found = _NUMBERS.match(test.partition("::")[2])
    return tuple(found[1].upper().strip("_").split("_")) if found else ()


def shown_by(number: str) -> list[str]:
    """The tests that show a requirement, those that carry its number first."""
    numbered = sorted(test for test in every_test() if number in numbers_of(test))
    return [*numbered, *REQUIREMENTS[number].also]


def page() -> str:
    """docs/checklist.md as it must be today."""
    return "\n".join([_HEAD, *(line for title in GROUPS for line in _table(title))])


def _names(source: str) -> Iterator[str]:
    if "def test_" in source:
        functions = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef))
        yield from (each.name for each in functions if each.name.startswith("test_"))


def _table(title: str) -> list[str]:
    rows = [f"| {number} | {each.says} | {_shown(number)} |" for number, each in GROUPS[title].items()]
    return [f"## {title}", "", "| | asked | shown by |", "|---|---|---|", *rows, ""]


def _shown(number: str) -> str:
    found = shown_by(number)
    said = [f"`{test.partition('::')[2]}` ({_short(test)})" for test in found[:_SHOWN]]
    if len(found) > _SHOWN:
        said.append(f"and {len(found) - _SHOWN} more")
    if REQUIREMENTS[number].unshown:
        said.append(f"Not shown here: {REQUIREMENTS[number].unshown}")
    return "<br>".join(said) or "Open: no test carries this number yet."


def _short(test: str) -> str:
    return test.partition("::")[0].removeprefix("tests/")
