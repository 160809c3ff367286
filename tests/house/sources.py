"""What the house tests look at: the repository's own files."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("wifi_manager", "portal", "provisioning")


@cache
def tracked_files() -> tuple[Path, ...]:
    """What is kept in git, and what is new and not ignored; without git, all files that a checkout has."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    if listed.returncode == 0:
        found = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        found = [path for path in ROOT.rglob("*") if not any(part.startswith(".venv") for part in path.parts)]
    return tuple(path for path in found if path.is_file())


def modules(*folders: str) -> list[Path]:
    """Python files below these folders of the repository."""
    return [path for path in tracked_files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def pages() -> list[Path]:
    """README and all pages for people."""
    return [path for path in tracked_files() if path.suffix == ".md"]


def code_blocks(text: str) -> Iterator[str]:
    """What stands between fences."""
    for block in re.finditer(r"^```[^\n]*\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        yield block[1]
