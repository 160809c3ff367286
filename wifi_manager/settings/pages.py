"""The reference page and the example file, made from what each key says about itself; a house test compares."""

import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import Field, fields
from typing import Any

from wifi_manager.settings import SECTIONS, toml, variable

REFERENCE = "docs/settings.md"
EXAMPLE = "configs/wifi-manager.example.toml"
_PAGE = """# Settings

Made from `wifi_manager/settings/` by `wifi_manager/settings/pages.py`; change it there.

The program reads one TOML file and then environment variables, which win. A variable is named
`WIFI_MANAGER_<SECTION>_<KEY>`; lists are separated by commas there. Every problem is reported at once, and an
unknown key is refused. Secrets have no default: they stand in files of their own that only its user can read.
"""
_EXAMPLE = """# Every setting, with its default behind a comment sign: uncomment what your city needs otherwise.
# An environment variable wins over this file, for instance WIFI_MANAGER_DATABASE_URL.
"""


def reference() -> str:
    """Text of the page REFERENCE."""
    return _PAGE + "".join(f"\n{block}\n" for block in map(_section_page, SECTIONS))


def example() -> str:
    """Text of the file EXAMPLE."""
    return _EXAMPLE + "".join(f"\n{block}\n" for block in map(_section_example, SECTIONS))


def _section_page(section: str) -> str:
    heading = [f"## [{section}]", "", inspect.getdoc(SECTIONS[section]) or "", ""]
    table = ["| key | default | what fits | meaning |", "|---|---|---|---|"]
    return "\n".join([*heading, *table, *(_row(section, each) for each in fields(SECTIONS[section]))])


def _row(section: str, about: "Field[Any]") -> str:
    meaning = f"{about.metadata['meaning']} Variable: `{variable(section, about.name)}`."
    fits = f"{about.metadata['rule'].expects}, such as `{toml(about.metadata['example'])}`"
    return f"| `{about.name}` | `{toml(about.default)}`{_unit(about)} | {fits} | {meaning} |"


def _section_example(section: str) -> str:
    lines = [f"# {inspect.getdoc(SECTIONS[section])}", f"[{section}]"]
    return "\n".join([*lines, *(line for each in fields(SECTIONS[section]) for line in _entry(each))])


def _entry(about: "Field[Any]") -> Iterator[str]:
    wanted = about.metadata["rule"].expects
    unit = f" Unit:{_unit(about)}." if about.metadata["unit"] else ""
    yield from textwrap.wrap(
        f"{about.metadata['meaning']}{unit} It is {wanted}.", 110, initial_indent="# ", subsequent_indent="# "
    )
    if about.metadata["example"] != about.default:
        yield f"# Example: {about.name} = {toml(about.metadata['example'])}"
    yield f"# {about.name} = {toml(about.default)}"


def _unit(about: "Field[Any]") -> str:
    return f" {about.metadata['unit']}" if about.metadata["unit"] else ""
