"""The only runner of the nft program, and the switch that turns a machine into a router."""

import subprocess
from pathlib import Path

from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.rules.ruleset import TABLE

_FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
_SECONDS = 60


def load(ruleset: str) -> None:
    """Load or reload a ruleset in one transaction. Raises OutsideFailure with what nft said; then nothing changed."""
    _nft("-f", "-", text=ruleset)


def check(ruleset: str) -> None:
    """Let the kernel check a ruleset without loading it. Raises OutsideFailure with what nft said."""
    _nft("-c", "-f", "-", text=ruleset)


def is_loaded() -> bool:
    """True where an agent before this one has left its table, with the grants in it."""
    try:
        _nft("list", "set", "inet", TABLE, "portal")
    except OutsideFailure:
        return False
    return True


def switch_on_forwarding() -> None:
    """Let the kernel route. Only after the ruleset is loaded: before it, everything would pass."""
    try:
        _FORWARDING.write_text("1")
    except OSError as refused:
        raise OutsideFailure(f"{_FORWARDING} cannot be written: {refused.strerror}. Run this as root.") from refused


def _nft(*words: str, text: str = "") -> None:
    try:
        done = subprocess.run(
            ["nft", *words], input=text, capture_output=True, text=True, check=False, timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as missing:
        raise OutsideFailure("The program nft cannot be run. Install nftables.") from missing
    if done.returncode:
        raise OutsideFailure(f"nft refused: {done.stderr.strip()}")
