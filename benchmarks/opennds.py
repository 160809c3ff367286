"""Debian's openNDS package in the same wiring as our gateway, mended so that it starts.

As packaged (9.10.0) it ends with "Exiting because of error initializing firewall rules" and leaves the network open:
it renames chains that iptables then cannot use. A copy of its shell library without those lines is made at run time,
in a mount namespace of its own, together with everything else that it edits on a host.
"""

import asyncio
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from benchmarks.crowd import Crowd, identities
from benchmarks.packets import sink
from benchmarks.phones import Phone as BenchPhone
from benchmarks.phones import Walk, expect, submit, walked
from benchmarks.routers import a_stranger, measured_phone, route
from tests.lab.citizen import PROBE
from tests.lab.city import INTERNET_ADDRESS, LAN_ADDRESS, LabCity
from tests.lab.namespaces import wait_for
from tests.lab.phone import Phone

MENDED = "its shell library without the lines that stop it; as packaged it ends at start and leaves the network open"
_LIBRARY = Path("/usr/lib/opennds/libopennds.sh")
_PORT = 2050
_REDIRECTS = "307"
_HOST, _, _PATH = PROBE.removeprefix("http://").partition("/")
_CONFIG = """\
GatewayInterface br-lan
GatewayName lab
MaxClients 2000
login_option_enabled 1
checkinterval 15
debuglevel 1
FirewallRuleSet authenticated-users {
    FirewallRule allow all
}
FirewallRuleSet users-to-router {
    FirewallRule allow udp port 53
    FirewallRule allow tcp port 53
    FirewallRule allow udp port 67
}
"""
_START = """\
set -e
mount --bind {folder}/etc /etc
mount --bind {folder}/libopennds.sh {library}
mount --bind {folder}/misc /var/lib/misc
mkdir -p /run/tmpfiles.d
export PATH={folder}/bin:$PATH
exec /usr/bin/opennds -f -d 1 -c /etc/opennds/opennds.conf
"""


def is_installed() -> bool:
    """Whether there is anything to compare with."""
    return _LIBRARY.is_file() and all(map(shutil.which, ("opennds", "iptables")))


def version() -> str:
    """Of the package."""
    asked = ["dpkg-query", "-W", "-f", "${Version}", "opennds"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout


class OpenNds:
    """It runs. Packets of `phone` are measured, `stranger` never signs in, the phones of `crowd` do."""

    def __init__(self, lab: LabCity, process: int, phone: Phone, stranger: Phone, phones: Crowd) -> None:
        self.lab = lab
        self.process = process
        self.phone = phone
        self.stranger = stranger
        self.crowd = phones

    def sign_in(self, phones: int) -> list[Walk]:
        """So many new phones, one after the other: several at once reset one another's connections."""
        return self.crowd.together(1, phones, _walk)

    def sign_in_measured_phone(self) -> None:
        """The phone whose packets are measured goes online. Raises RuntimeError when it does not."""
        walk = self.phone.namespace.call(lambda: asyncio.run(_walk(BenchPhone("eth0"))))
        if walk.failed:
            raise RuntimeError(f"openNDS did not sign the measured phone in: {walk.failed}")

    def add_clients(self, clients: int) -> None:
        """Rules of so many more clients, in openNDS's own form and ahead of the measured phone's."""
        addresses = [(f"10.99.{32 + at // 250}.{1 + at % 250}", f"02:96:00:00:{at >> 8:02x}:{at & 255:02x}")
                     for at in range(clients)]  # fmt: skip
        marks = [
            line
            for address, mac in addresses
            for line in (
                f"-I ndsOUT -s {address}/32 -m mac --mac-source {mac} -j MARK --set-xmark 0x30000/0x30000",
                f"-I ndsINC -d {address}/32 -j ACCEPT",
                f"-I ndsINC -d {address}/32 -j MARK --set-xmark 0x30000/0x30000",
            )
        ]
        returns = [f"-I ndsULR -s {address}/32 -j RETURN" for address, _ in addresses]
        rules = "\n".join(["*mangle", *marks, "COMMIT", "*filter", *returns, "COMMIT", ""])
        self.lab.gateway.check(["iptables-restore", "--noflush"], input=rules)


@contextmanager
def running(folder: Path, phones: int) -> Iterator[OpenNds]:
    """Debian's openNDS as the gateway of a lab city. Raises TimeoutError when it does not start."""
    with LabCity(folder) as lab, sink(lab):
        measured, stranger, others = measured_phone(lab), a_stranger(lab), Crowd(lab, phones)
        known = [(each.mac, each.address) for each in (measured, stranger)]
        _prepare(folder, [*known, *identities(phones)])
        route(lab)
        script = _START.format(folder=folder, library=_LIBRARY)
        log = folder / "opennds.log"
        with log.open("wb") as said:
            process = lab.gateway.start(["unshare", "-m", "sh", "-c", script], stdout=said, stderr=said)
        wait_for("openNDS", lambda: b"openNDS is now running" in log.read_bytes(), 60)
        wait_for(
            "openNDS's redirects", lambda: _status(stranger) == _REDIRECTS, 30
        )  # it begins by letting all through
        yield OpenNds(lab, process.pid, measured, stranger, others)


def _status(phone: Phone) -> str:
    words = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "5", "-H", f"Host: {_HOST}"]
    return phone.namespace.run([*words, f"http://{INTERNET_ADDRESS}/{_PATH}"]).stdout


def _prepare(folder: Path, phones: list[tuple[str, str]]) -> None:
    """All that it reads or edits, as copies."""
    shutil.copytree("/etc", folder / "etc", symlinks=True)
    (folder / "etc" / "opennds" / "opennds.conf").write_text(_CONFIG)
    (folder / "etc" / "dnsmasq.conf").touch()
    with (folder / "etc" / "hosts").open("a") as hosts:
        hosts.write(f"{LAN_ADDRESS} status.client\n")
    (folder / "libopennds.sh").write_text(mended(_LIBRARY.read_text()))
    (folder / "libopennds.sh").chmod(0o755)
    (folder / "misc").mkdir()
    expiry = int(time.time()) + 86_400
    leases = "".join(f"{expiry} {mac} {address} phone *\n" for mac, address in phones)
    (folder / "misc" / "dnsmasq.leases").write_text(leases)
    (folder / "bin").mkdir()
    (folder / "bin" / "systemctl").write_text("#!/bin/sh\nexit 0\n")
    (folder / "bin" / "systemctl").chmod(0o755)


def mended(library: str) -> str:
    """The shell library without the lines that make chains of iptables unusable for iptables."""
    for chain in ("input", "forward"):
        library = re.sub(rf"(?m)^.*{chain}_priority=\$\(nft.*\n", "", library)
        library = re.sub(rf'(?ms)^\tif \[ -z "\${chain}_priority" \].*?^\tfi\n', "", library)
    return library


async def _walk(phone: BenchPhone) -> Walk:
    """Its four requests: probe, splash page, "continue", and the one that signs in."""
    return await walked(lambda walk: _steps(phone, walk))


async def _steps(phone: BenchPhone, walk: Walk) -> None:
    walk.failed, begun = "redirect", time.perf_counter()
    with closing(await phone.connect(INTERNET_ADDRESS, 80)) as gateway:
        link = expect(int(_REDIRECTS), await gateway.ask(_HOST, f"/{_PATH}", once=True)).location
    walk.redirect = time.perf_counter() - begun
    walk.failed, begun = "page", time.perf_counter()
    splash = f"/opennds_preauth/?fas={quote(link.partition('fas=')[2], safe='')}"
    await _get(phone, splash)
    walk.page = time.perf_counter() - begun
    walk.failed = "continue"
    await _get(phone, f"{splash}&continue=clicked")
    await submit(phone, walk, lambda: _get(phone, f"{splash}&landing=yes"))
    walk.failed = ""


async def _get(phone: BenchPhone, path: str) -> None:
    with closing(await phone.connect(LAN_ADDRESS, _PORT)) as gateway:
        expect(200, await gateway.ask(f"{LAN_ADDRESS}:{_PORT}", path, once=True))
