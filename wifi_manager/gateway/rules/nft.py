"""The only runner of the nft program, and the switch that turns a machine into a router."""

import subprocess
from pathlib import Path

from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.netfilter.chains import chains
from wifi_manager.gateway.netfilter.netlink import NetfilterSocket
from wifi_manager.gateway.rules.declarations import TABLE, removal, version

_SYSCTL = Path("/proc/sys/net")
_SECONDS = 60


def load(ruleset: str) -> bool:
    """Load or reload a ruleset in one transaction; False where grants in the kernel were not kept.

    That is so where there was no table, or one of a version with other sets. Raises OutsideFailure with what nft
    said; then nothing changed.
    """
    is_kept = is_loaded()
    apply(ruleset if is_kept else removal() + ruleset)
    return is_kept


def apply(text: str) -> None:
    """Make all changes that a text names, in one transaction. Raises OutsideFailure; then nothing changed."""
    _nft("-f", "-", text=text)


def check(ruleset: str) -> None:
    """Let the kernel check a ruleset without loading it. Raises OutsideFailure with what nft said."""
    _nft("-c", "-f", "-", text=ruleset)


def is_loaded() -> bool:
    """True where an agent of this version has left its table, with the grants in it."""
    with NetfilterSocket() as sock:  # the nft program would read every element of every set for that
        return version() in {chain.name for chain in chains(sock, TABLE)}


def switch_on_forwarding(*, ipv6_uplink: str | None) -> None:
    """Let the kernel route: IPv4, and IPv6 too where the uplink for it is named.

    Only after the ruleset is loaded: before it, everything would pass. A router does not listen to other routers
    (RFC 4861, 6.2.1 leaves it open; Linux: accept_ra); the uplink goes on doing so where it did.
    """
    _write("ipv4/ip_forward", "1")
    if ipv6_uplink is None:
        return
    listens = f"ipv6/conf/{ipv6_uplink}/accept_ra"
    if _read(listens) == "1":
        _write(listens, "2")  # 2: although it routes
    _write("ipv6/conf/all/forwarding", "1")


def _read(name: str) -> str:
    try:
        return (_SYSCTL / name).read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _write(name: str, value: str) -> None:
    try:
        (_SYSCTL / name).write_text(value, encoding="ascii")
    except OSError as refused:
        raise OutsideFailure(
            f"{_SYSCTL / name} cannot be written: {refused.strerror}. Run this as root."
        ) from refused


def _nft(*words: str, text: str = "") -> None:
    try:
        done = subprocess.run(
            ["nft", *words], input=text, capture_output=True, text=True, check=False, timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as missing:
        raise OutsideFailure("The program nft cannot be run. Install nftables.") from missing
    if done.returncode:
        raise OutsideFailure(f"nft refused: {done.stderr.strip()}")
