import re
import tomllib

from tests.house.sources import ROOT

TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
STAGES = re.findall(r"^FROM (\S+) AS (\S+)$", TEXT, re.MULTILINE)


def stage(name: str) -> str:
    return re.split(rf"^FROM \S+ AS {name}$", TEXT, flags=re.MULTILINE)[1].split("\nFROM ")[0]


def test_everything_that_is_copied_exists():
    copied = [word for line in re.findall(r"^COPY (?!--)(.*)$", TEXT, re.MULTILINE) for word in line.split()[:-1]]

    assert {"wifi_manager", "portal", "provisioning", "configs", "requirements.lock"} <= set(copied)
    assert [word for word in copied if not (ROOT / word).exists()] == []


def test_every_extra_that_is_installed_exists():
    extras = re.findall(rf"{PROJECT['name']}\[([\w,]+)\]", TEXT)

    assert sorted(extras) == ["city", "gateway"]
    assert set(extras) <= set(PROJECT["optional-dependencies"])


def test_a_stage_stands_on_an_image_of_python_or_on_an_earlier_stage():
    for number, (base, _) in enumerate(STAGES):
        assert base.startswith("python:3.11-slim") or base in {name for _, name in STAGES[:number]}


def test_nothing_is_installed_that_the_lock_does_not_pin():
    installs = re.findall(r"pip (?:install|wheel) [^&\n]*", TEXT)

    assert installs
    assert all("--require-hashes" in command or "--no-index" in command for command in installs)


def test_both_images_run_the_program_as_a_user_who_is_not_root():
    for name in ("city", "gateway"):
        assert re.search(r"^USER wifi-manager$", stage(name), re.MULTILINE)
        assert 'ENTRYPOINT ["wifi-manager"]' in stage(name)
