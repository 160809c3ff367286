"""The header of a test report says which kernel and programs it was run with: results differ between them."""

import platform
import shutil
import subprocess

from tests.plugins.needs import CHROMIUM_NAMES
from tests.plugins.postgres import find_binaries


def pytest_report_header() -> list[str]:
    postgres = find_binaries()
    said = {
        "kernel": platform.release(),
        "nft": _first_line("nft", "--version"),
        "dnsmasq": _first_line("dnsmasq", "--version"),
        "chrony": _first_line("chronyd", "--version"),
        "chromium": next((_first_line(name, "--version") for name in CHROMIUM_NAMES if shutil.which(name)), "none"),
        "postgres": _first_line(str(postgres / "postgres"), "--version") if postgres else "none",
    }
    return [", ".join(f"{name}: {version}" for name, version in said.items())]


def _first_line(*command: str) -> str:
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "none"
    return told.stdout.partition("\n")[0].strip() or "unknown"
