"""The lab's stand-in `uci` answers as the real one did. No vector is left out: all 49 apply to what it implements."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.lab.access_point_parts.image import PARTS

VECTORS = json.loads((Path(__file__).parents[1] / "golden/uci/vectors.json").read_text())


def _folder(path: Path, files: dict[str, str]) -> Path:
    path.mkdir()
    for name, text in files.items():
        (path / name).write_bytes(text.encode())
    return path


def _files(path: Path) -> dict[str, str]:
    return {file.name: file.read_bytes().decode() for file in path.iterdir()}


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_the_stand_in_uci_answers_as_the_real_one_did(vector, tmp_path):
    config, staged = _folder(tmp_path / "config", vector["files"]), _folder(tmp_path / "staged", {})
    uci = ["mawk", "-f", PARTS / "uci.awk", "--", "-c", config, "-t", staged]

    for step in vector["steps"]:
        ran = subprocess.run(
            [*uci, *step["argv"]],
            input=(step["stdin"] or "").encode(),
            capture_output=True,
            check=False,
            env={"PATH": os.environ["PATH"]},
        )
        said = (ran.returncode, ran.stdout.decode(), ran.stderr.decode().replace(str(config), "CONF"))
        assert said == (step["rc"], step["stdout"], step["stderr"]), step["argv"]

    assert _files(config) == vector["after"]
    assert _files(staged) == vector["staged"]
