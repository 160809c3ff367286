import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house.sources import PACKAGES, ROOT

pytestmark = pytest.mark.slow

ASK = """
import json, pathlib, portal, provisioning, wifi_manager
from wifi_manager import shipped
print(json.dumps([portal.__file__, provisioning.__file__, wifi_manager.__file__, str(shipped.configs())]))
"""


def run(*command: str | Path, **options) -> str:
    told = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **options)
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder, cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_has_our_packages_and_nothing_of_the_workshop(wheel):
    names = zipfile.ZipFile(wheel).namelist()

    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
    assert not any("__pycache__" in name or name.endswith((".db", ".key")) for name in names)


def test_an_installed_program_uses_its_own_packages_and_configs(wheel, tmp_path):
    site = tmp_path / "site"
    run(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check",
        "--target", site, wheel)  # fmt: skip

    env = {**os.environ, "PYTHONPATH": str(site)}
    *files, configs = json.loads(run(sys.executable, "-c", ASK, cwd=tmp_path, env=env))
    assert all(Path(file).is_relative_to(site) for file in files)
    assert Path(configs) == site / "wifi_manager" / "_configs"

    ours = {path.relative_to(ROOT / "configs") for path in (ROOT / "configs").rglob("*") if path.is_file()}
    assert {path.relative_to(configs) for path in Path(configs).rglob("*") if path.is_file()} == ours
