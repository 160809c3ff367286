import re
import tomllib

from tests.house.sources import ROOT, code_blocks
from wifi_manager import __version__

CHANGES = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_licence_is_the_one_that_the_package_names():
    assert tomllib.loads(read("pyproject.toml"))["project"]["license"] == "Apache-2.0"
    assert re.match(r"\s+Apache License\s+Version 2\.0, January 2004", read("LICENSE"))


def test_the_changelog_keeps_its_shape():
    versions = re.findall(r"^## (.*)$", read("CHANGELOG.md"), re.MULTILINE)

    assert read("CHANGELOG.md").startswith("# Changelog\n")
    assert versions[0] == "Unreleased"
    assert all(re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d{2}-\d{2}", version) for version in versions[1:])
    assert set(re.findall(r"^### (.*)$", read("CHANGELOG.md"), re.MULTILINE)) <= CHANGES


def test_the_version_stands_in_one_place():
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
    assert "version" in tomllib.loads(read("pyproject.toml"))["project"]["dynamic"]


def test_every_make_target_says_what_it_does():
    targets = re.findall(r"^([a-z][a-z -]*):(?!=)(.*)\n((?:\t.*\n)*)", read("Makefile"), re.MULTILINE)

    assert targets
    silent = [
        names for names, rest, recipe in targets if not re.search(r"##\s\S", rest) and "not built" not in recipe
    ]
    assert silent == []


def test_the_continuous_tests_run_what_the_readme_tells():
    last = read(".ci/run").strip().splitlines()[-1]
    commands = "\n".join(code_blocks(read("README.md")))

    assert last == "exec make test"
    assert not commands or "make test" in commands
