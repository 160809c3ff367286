import re
import tomllib
from dataclasses import fields

import pytest

from tests.house.sources import ROOT
from wifi_manager.settings import SECTIONS, Settings, load, pages, toml, variable

AGAIN = (
    "Make it again: .venv/bin/python -c 'from wifi_manager.settings import pages; print(pages.{}(), end=\"\")' > {}"
)
KEYS = [(section, each) for section, kind in SECTIONS.items() for each in fields(kind)]


def test_the_reference_page_says_what_the_program_reads():
    written = (ROOT / pages.REFERENCE).read_text(encoding="utf-8")

    assert written == pages.reference(), AGAIN.format("reference", pages.REFERENCE)


def test_the_example_file_has_every_key():
    written = (ROOT / pages.EXAMPLE).read_text(encoding="utf-8")

    assert written == pages.example(), AGAIN.format("example", pages.EXAMPLE)


def test_the_example_file_as_it_is_changes_nothing():
    assert load(ROOT / pages.EXAMPLE, {}) == Settings()


def test_the_example_file_with_every_line_uncommented_is_the_defaults(tmp_path):
    text = (ROOT / pages.EXAMPLE).read_text(encoding="utf-8")
    path = tmp_path / "all.toml"
    path.write_text(re.sub(r"^# (?=[a-z_]+ = )", "", text, flags=re.MULTILINE), encoding="utf-8")

    given = tomllib.loads(path.read_text(encoding="utf-8"))
    assert load(path, {}) == Settings()
    assert {section: set(table) for section, table in given.items()} == {
        section: {each.name for each in fields(kind)} for section, kind in SECTIONS.items()
    }


@pytest.mark.parametrize(("section", "about"), KEYS, ids=[f"{section}.{each.name}" for section, each in KEYS])
def test_a_keys_example_and_default_are_what_its_rule_accepts(tmp_path, section, about):
    for value in (about.metadata["example"], about.default):
        path = tmp_path / "one.toml"
        path.write_text(f"[{section}]\n{about.name} = {toml(value)}\n", encoding="utf-8")
        as_text = ",".join(value) if isinstance(value, tuple) else str(value)

        assert getattr(getattr(load(path, {}), section), about.name) == value
        found = load(None, {variable(section, about.name): as_text})
        assert getattr(getattr(found, section), about.name) == value


@pytest.mark.parametrize(("section", "about"), KEYS, ids=[f"{section}.{each.name}" for section, each in KEYS])
def test_a_key_says_what_it_means_in_a_sentence_and_its_unit_in_its_name(section, about):
    assert about.metadata["meaning"].endswith(".")
    assert not about.metadata["unit"] or about.name.endswith(
        ("_seconds", "_bytes", "_days", "_bps", "_metres", "_ratio")
    )
