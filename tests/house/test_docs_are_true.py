import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.house import commands
from tests.house.sources import ROOT, name_of, pages

PAGES = {name_of(path): path for path in pages()}
LINK = re.compile(r"(?<!`)\[[^\]`]*\]\(([^)\s]+)\)")


def anchors(text: str) -> set[str]:
    """What GitHub makes of headings."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def leads_somewhere(page: Path, link: str) -> bool:
    """True for a file of the repository, and its heading if one is named. Other sites are not asked."""
    target, _, anchor = unquote(link).partition("#")
    if re.match(r"[a-z]+:", target):
        return True
    to = (page.parent / target).resolve() if target else page
    if not to.is_relative_to(ROOT) or not to.exists():
        return False
    return not anchor or to.suffix != ".md" or anchor in anchors(to.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES)
def test_every_command_line_on_the_page_would_run(page):
    found = commands.in_markdown(PAGES[page].read_text(encoding="utf-8"))

    assert [problem for line in found if (problem := commands.problem(line))] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_on_the_page_leads_somewhere(page):
    links = LINK.findall(PAGES[page].read_text(encoding="utf-8"))

    assert [link for link in links if not leads_somewhere(PAGES[page], link)] == []


def test_a_page_names_only_files_that_exist():
    named = re.compile(
        r"`((?:wifi_manager|portal|provisioning|configs|docs|tests|ansible|benchmarks|dashboards)/[\w./-]+\.\w+)`"
    )
    wrong = [
        f"{page}: {path}"
        for page, file in PAGES.items()
        for path in named.findall(file.read_text(encoding="utf-8"))
        if not (ROOT / path).exists()
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "line", ["wifi-manager fly", "wifi-manager --wings", "wifi-manager fly --help", "wifi-manager -h --wings=2"]
)
def test_a_command_line_that_would_fail_is_noticed(line):
    assert commands.problem(line)


def test_commands_are_found_in_blocks_and_in_sentences():
    text = "Run `wifi-manager --help`.\n```sh\n$ .venv/bin/wifi-manager --version \\\n  -h | cat\n```\n"

    assert [re.sub(" +", " ", line) for line in commands.in_markdown(text)] == [
        "wifi-manager --version -h",
        "wifi-manager --help",
    ]
