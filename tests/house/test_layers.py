import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import PACKAGES, ROOT

LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"


def lint(folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [LINT_IMPORTS, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def copy(tmp_path):
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.slow  # `make check` asks the same before the tests
def test_every_arrow_of_the_house_runs_downwards():
    told = lint(ROOT)

    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("planted", "line", "broken"),
    [
        ("wifi_manager/domain/planted.py", "import flask", "The domain knows no framework"),
        ("wifi_manager/domain/planted.py", "import wifi_manager.storage", "every arrow runs downwards"),
        ("wifi_manager/services/planted.py", "import portal", "Two houses on one ground floor"),
        ("portal/planted.py", "import provisioning", "Two houses on one ground floor"),
        ("wifi_manager/console/planted.py", "import sqlalchemy", "SQL is spoken in storage alone"),
        ("wifi_manager/gateway/planted.py", "import wifi_manager.storage.planted", "neither Flask nor a database"),
        ("wifi_manager/utils.py", "", "every arrow runs downwards"),
    ],
)
def test_an_arrow_that_runs_upwards_is_caught(copy, planted, line, broken):
    (copy / "wifi_manager/storage/planted.py").write_text("import sqlalchemy\n", encoding="utf-8")
    (copy / planted).write_text(f"{line}\n", encoding="utf-8")

    told = lint(copy)

    assert told.returncode != 0
    named = [line for line in told.stdout.splitlines() if broken in line]
    assert any("BROKEN" in line for line in named) or "utils" in told.stdout + told.stderr
