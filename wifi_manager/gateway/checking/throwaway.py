"""Runs programs in a network namespace that ends with them: what they try there touches nothing of the gateway.

An ordinary user may do so too where the kernel lets users have namespaces of their own.
"""

import os
import subprocess
from collections.abc import Sequence

from wifi_manager.domain.errors import OutsideFailure

_SECONDS = 60
_NEW_NETWORK = ("unshare", "--net")
_AS_OWN_ROOT = ("--user", "--map-root-user")
_SYSTEM_PATH = "/usr/sbin:/sbin"


class NoNamespace(OutsideFailure):
    """There is nowhere to try things in; it says nothing about what was to be tried."""


def run(words: Sequence[str], text: str = "") -> "subprocess.CompletedProcess[str]":
    """Run a program to its end, `text` on its standard input. Raises NoNamespace where none can be made."""
    enter = [*_NEW_NETWORK, *(() if os.geteuid() == 0 else _AS_OWN_ROOT), "--"]
    where = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:{_SYSTEM_PATH}"}
    try:
        done = subprocess.run(
            [*enter, *words], input=text, capture_output=True, text=True, check=False, timeout=_SECONDS, env=where
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise NoNamespace(f"No network namespace to try things in ({problem}).") from problem
    if done.returncode and done.stderr.startswith("unshare:"):
        raise NoNamespace("This user may not make a network namespace to try things in. Ask as root.")
    return done
