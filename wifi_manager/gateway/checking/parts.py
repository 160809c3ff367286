"""Programs and interfaces that a gateway is made of."""

import subprocess
from collections.abc import Iterable, Iterator

from wifi_manager.gateway.checking.box import Box
from wifi_manager.gateway.checking.findings import Finding, good, unknown, wrong

_SECONDS = 10
_NEEDED = {"nft": "nftables", "dnsmasq": "dnsmasq-base", "unshare": "util-linux"}  # program: Debian's package


def programs(box: Box) -> Iterator[Finding]:
    """What the gateway calls."""
    for name, package in _NEEDED.items():
        if box.program(name):
            yield good(name, "It is installed.")
        else:
            yield wrong(name, f"The program {name} is missing.", install(package))


def garden(box: Box, domains: Iterable[str]) -> Finding:
    """A garden of names needs a dnsmasq that fills sets of nftables (2.87)."""
    about, program = "garden", box.program("dnsmasq")
    if not any(True for _ in domains):
        return good(about, "It names no domains.")
    if program is None:
        return unknown(about, "dnsmasq is missing.", install("dnsmasq-base"))
    said = subprocess.run(
        [program, "--version"], capture_output=True, text=True, check=False, timeout=_SECONDS
    ).stdout
    if "nftset" not in said.split():
        return wrong(about, "This dnsmasq cannot fill it: it was built without nftset.", install("dnsmasq-base"))
    return good(about, "dnsmasq fills it.")


def interfaces(box: Box, wanted: Iterable[str]) -> Iterator[Finding]:
    """The gateway starts before its interfaces, but serves nobody without them."""
    there = box.interfaces()
    for name in wanted:
        if name in there:
            yield good(f"interface {name}", "It exists.")
        else:
            near = ", ".join(sorted(there - {"lo"})) or "none"
            says = f"gateway.toml names it, and this machine has: {near}."
            yield wrong(f"interface {name}", says, "ip -brief link")


def install(package: str) -> str:
    """The command that installs one of Debian's packages."""
    return f"apt-get install --no-install-recommends {package}"
