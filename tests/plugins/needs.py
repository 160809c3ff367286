"""A marked test is skipped, with the reason, where the machine lacks what its marker says that it needs."""

import os
import shutil
import subprocess
from functools import cache

import pytest

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("root") or item.get_closest_marker("lab"):
        _skip_for(why_no_namespaces())
    if item.get_closest_marker("browser"):
        _skip_for(why_no_browser())
    if item.get_closest_marker("machine"):
        _skip_for(why_no_machine())


@cache
def why_no_namespaces() -> str:
    """What is missing for network namespaces with nftables, or nothing."""
    if os.geteuid() != 0:
        return "needs root"
    if missing := [program for program in ("ip", "nft", "unshare") if shutil.which(program) is None]:
        return f"needs {', '.join(missing)}: run tests/lab/system_packages.sh"
    tried = subprocess.run(
        ["unshare", "--net", "nft", "list", "ruleset"], capture_output=True, text=True, timeout=20, check=False
    )
    return f"needs network namespaces with nftables: {tried.stderr.strip()}" if tried.returncode else ""


@cache
def why_no_browser() -> str:
    """What is missing for a browser, or nothing."""
    found = any(map(shutil.which, CHROMIUM_NAMES)) and shutil.which("chromedriver")
    return "" if found else "needs Chromium and its driver: run tests/lab/system_packages.sh"


@cache
def why_no_machine() -> str:
    """What is missing to boot a machine with Debian's kernel, or nothing."""
    needed = ("qemu-system-x86_64", "apt-get", "dpkg-deb", "depmod", "cpio", "busybox")
    missing = [program for program in needed if shutil.which(program) is None]
    return f"needs {', '.join(missing)}: run tests/lab/system_packages.sh" if missing else ""


def _skip_for(reason: str) -> None:
    if reason:
        pytest.skip(reason)
