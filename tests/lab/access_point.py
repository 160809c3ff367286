"""A lab access point: OpenWrt's busybox, uci and dropbear in namespaces of its own, that reboots and loses power.

    with ManagementNet() as net, LabAccessPoint(net) as ap, net.inside():
        ...  # ap.address, ap.port, ap.host_key_fingerprint, ap.client_key
        ap.power_cut()
        ap.power_on()

Its uci, netifd, procd and reload_config are stand-ins of ours (see access_point_parts/); shell, dropbear and kernel
are real. What it keeps over a power cut is an overlay's upper folder; /tmp is lost, as on a real one.
"""

import base64
import contextlib
import hashlib
import ipaddress
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.lab.access_point_parts.image import PARTS, built_image
from tests.lab.namespaces import fresh_name, inside, remove, remove_abandoned, sh

_CONFIGS = Path(__file__).parents[2] / "configs/access_points"
_PATIENCE_SECONDS = 30.0
_FILTERS_ON_BRIDGES = [Path(f"/proc/sys/net/bridge/bridge-nf-call-{kind}tables") for kind in ("ip", "ip6", "arp")]
_TCP_PLACES = Path("/proc/sys/net/ipv4/tcp_child_ehash_entries")  # for namespaces made inside the calling thread's
_TCP_PLACES_OF_A_ROUTER = 1024  # what Linux makes of 128 MB


class ManagementNet:
    """The network on which access points are reached: a bridge in a namespace of its own, or in a given one."""

    def __init__(
        self, address: str = "192.168.77.1/24", *, namespace: str | None = None, bridge: str = "br-mgmt"
    ) -> None:
        """Make a namespace with a bridge that has `address`; or use the `bridge` of an existing `namespace`."""
        self.address = ipaddress.ip_interface(address)
        self.bridge = bridge
        self._owned = namespace is None
        self.namespace = namespace or f"{fresh_name()}-net"
        self._given = 9
        remove_abandoned()
        if self._owned:
            self._build()

    def _build(self) -> None:
        sh("ip", "netns", "add", self.namespace)
        for words in (
            ("link", "set", "lo", "up"),
            ("link", "add", self.bridge, "type", "bridge"),
            ("addr", "add", str(self.address), "dev", self.bridge),
            ("link", "set", self.bridge, "up"),
        ):
            sh("ip", "-n", self.namespace, *words)
        with self.inside():
            for switch in _FILTERS_ON_BRIDGES:  # it stands for cables, and what passes a cable asks no rules
                _set_if_there(switch, 0)

    def next_address(self) -> str:
        """An address with prefix that no other access point of this network has, from .10 on."""
        self._given += 1
        return f"{self.address.network.network_address + self._given}/{self.address.network.prefixlen}"

    def add_small(self, namespace: str) -> None:
        """Make a namespace whose table of TCP connections is as small as an access point's.

        dropbear seeds its random numbers from /proc/net/tcp at each connection, and that walks the whole table: this
        machine's, with a quarter of a million places, where the namespace has none of its own (Linux 6.1, ip-sysctl).
        """
        with self.inside():
            _set_if_there(_TCP_PLACES, _TCP_PLACES_OF_A_ROUTER)
            sh("ip", "netns", "add", namespace)

    def plug_in(self, namespace: str) -> None:
        """Give `namespace` an eth0 whose other end is on the bridge."""
        name = f"wm{secrets.token_hex(5)}"
        sh(
            "ip",
            "-n",
            self.namespace,
            "link",
            "add",
            name,
            "type",
            "veth",
            "peer",
            "name",
            "eth0",
            "netns",
            namespace,
        )
        sh("ip", "-n", self.namespace, "link", "set", name, "master", self.bridge, "up")

    def inside(self) -> contextlib.AbstractContextManager[None]:
        """The calling thread lives in this network for the length of a `with` block."""
        return inside(self.namespace)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._owned:
            remove(self.namespace)


class LabAccessPoint:
    """One access point. `enrolled` puts the helper of configs/access_points on it, as enrolment would.

    It dies with the thread that switched it on, so that a killed run leaves no process behind: switch it on in a thread
    that lives as long as it shall.
    """

    port = 22
    user = "root"

    def __init__(
        self, net: ManagementNet, *, address: str | None = None, enrolled: bool = True, keep: Path | None = None
    ) -> None:
        """Make its files and its network; `with` switches it on. `keep` is its flash, else a folder of this machine."""
        self.net = net
        self.interface = ipaddress.IPv4Interface(address or net.next_address())
        self.namespace = f"{fresh_name()}-ap"
        self.keep = keep or Path(tempfile.gettempdir(), self.namespace)
        self.client_key = self.keep / "client_key"
        self.host_key_fingerprint = ""
        self._power: subprocess.Popen[bytes] | None = None
        self._make_files(enrolled=enrolled)

    @property
    def address(self) -> str:
        """The management address it was made with; a pushed configuration may move it."""
        return str(self.interface.ip)

    def path(self, name: str) -> Path:
        """Where a file that was changed on the access point lies on this machine."""
        return self.keep / "upper" / name.lstrip("/")

    def read_bytes(self, name: str) -> bytes:
        """A file as the access point has it: changed, or from the image. Raises FileNotFoundError."""
        changed = self.path(name)
        return (changed if changed.exists() else built_image() / name.lstrip("/")).read_bytes()

    def read(self, name: str) -> str:
        """The same as text."""
        return self.read_bytes(name).decode()

    def run(self, command: str) -> str:
        """Standard output of a shell command on the access point; raises CalledProcessError where it fails."""
        pid = self._init_pid()
        words = ["nsenter", "-t", str(pid), "-a", f"--root=/proc/{pid}/root", "--wd=/", "/bin/sh", "-c", command]
        return subprocess.run(words, check=True, capture_output=True, text=True, timeout=60).stdout

    def power_on(self) -> None:
        """Switch it on and wait until its start scripts have run."""
        # The supervising shell starts it again after a reboot (init dies of SIGHUP then) and not after a power cut.
        namespaced = (
            'exec unshare --mount --pid --uts --ipc --time --boottime "-$(cut -d. -f1 /proc/uptime)" '
            '--fork --kill-child=KILL sh "$@"'
        )
        supervise = 'while :; do "$@"; [ $? = 129 ] || exit 0; done'
        boot = [
            "setpriv", "--pdeathsig", "KILL", "ip", "netns", "exec", self.namespace, "sh", "-c",
            namespaced, "boot", str(PARTS / "boot.sh"), str(built_image()), str(self.keep),
        ]  # fmt: skip
        with (self.keep / "console.log").open("ab") as console:
            self._power = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "sh", "-c", supervise, "supervise", *boot],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            )
        self._wait_until(lambda: bool(self._booted()))

    def power_cut(self) -> None:
        """Kill every process of it at once, as if the plug was pulled; it stays off until `power_on`."""
        if self._power is None:
            return
        self._wait_until(lambda: self._power_is_off() or self._kill_init())
        self._power.wait(_PATIENCE_SECONDS)
        self._power = None

    def reboot(self) -> None:
        """Reboot it from inside and wait until it is back."""
        before = self.boot_id()
        with contextlib.suppress(subprocess.CalledProcessError):  # the shell may die with the rest
            self.run("reboot")
        self._wait_until(lambda: self._booted() not in {"", before})

    def boot_id(self) -> str:
        """Differs from boot to boot."""
        return self.run("cat /proc/sys/kernel/random/boot_id").strip()

    def change_host_key(self) -> None:
        """Give it a new host key, as a thief's or a replaced access point has; for the next time it is switched on."""
        self.path("/etc/dropbear/dropbear_ed25519_host_key").unlink(missing_ok=True)
        self.host_key_fingerprint = self._make_host_key()

    def _power_is_off(self) -> bool:
        return self._power is None or self._power.poll() is not None

    def _kill_init(self) -> bool:
        with contextlib.suppress(ProcessLookupError, LookupError):
            os.kill(self._init_pid(), signal.SIGKILL)  # the kernel then kills the rest of its PID namespace
        return False

    def _init_pid(self) -> int:
        """Init of the access point: grandchild of the supervisor. Raises LookupError while there is none."""
        assert self._power, "it is switched off"
        return _only_child(_only_child(self._power.pid))

    def _booted(self) -> str:
        """Its boot id once all start scripts have run; empty before, and while it goes down."""
        if self._power_is_off():
            raise RuntimeError(f"The access point went out: {(self.keep / 'console.log').read_text()}")
        try:  # read through /proc, for a shell inside would cost more than all that it waits for
            root = Path(f"/proc/{self._init_pid()}/root")
            return (root / "tmp/boot_id").read_text().strip() if (root / "tmp/booted").exists() else ""
        except (OSError, LookupError):
            return ""

    def _wait_until(self, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not ready():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.namespace}: {(self.keep / 'console.log').read_text()}")
            time.sleep(0.02)

    def _make_files(self, *, enrolled: bool) -> None:
        self.path("etc/config").mkdir(parents=True)
        self.path("etc/dropbear").mkdir()
        self.path("etc/dropbear").chmod(0o700)
        text = (PARTS / "network.uci").read_text()
        text = text.replace("@ADDRESS@", self.address).replace("@NETMASK@", str(self.interface.netmask))
        self.path("etc/config/network").write_text(text)
        self.host_key_fingerprint = self._make_host_key()
        self._make_client_key()
        if enrolled:
            self._enrol()

    def _make_host_key(self) -> str:
        words = ["dropbearkey", "-t", "ed25519", "-f", str(self.path("etc/dropbear/dropbear_ed25519_host_key"))]
        said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        blob = base64.b64decode(next(line for line in said.splitlines() if line.startswith("ssh-ed25519")).split()[1])
        return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")

    def _make_client_key(self) -> None:
        key = Ed25519PrivateKey.generate()
        self.client_key.touch(mode=0o600)
        self.client_key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
            )
        )
        public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
        self.path("etc/dropbear/authorized_keys").write_bytes(public + b"\n")
        self.path("etc/dropbear/authorized_keys").chmod(0o600)

    def _enrol(self) -> None:
        for name in ("etc/prov", "etc/init.d", "etc/rc.d"):
            self.path(name).mkdir(exist_ok=True)
        shutil.copy(_CONFIGS / "prov", self.path("etc/prov/prov"))
        shutil.copy(_CONFIGS / "openwrt/platform", self.path("etc/prov/platform"))
        shutil.copy(_CONFIGS / "openwrt/S11prov", self.path("etc/init.d/prov"))
        self.path("etc/rc.d/S11prov").symlink_to("../init.d/prov")

    def __enter__(self) -> Self:
        self.net.add_small(self.namespace)
        try:
            self.net.plug_in(self.namespace)
            self.power_on()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    def remove(self) -> None:
        """Switch it off and remove its files and its network."""
        self.power_cut()
        remove(self.namespace)
        shutil.rmtree(self.keep, ignore_errors=True)


@contextlib.contextmanager
def access_points(net: ManagementNet, count: int, at_once: int = 8) -> Iterator[list[LabAccessPoint]]:
    """So many, switched on side by side; each thread lives as long as what it switched on."""
    addresses = [net.next_address() for _ in range(count)]
    on: list[LabAccessPoint] = []

    def switch_on(address: str) -> LabAccessPoint:
        point = LabAccessPoint(net, address=address)
        on.append(point.__enter__())
        return point

    pool = ThreadPoolExecutor(at_once, "access points")
    try:
        yield list(pool.map(switch_on, addresses))
    finally:
        pool.shutdown(cancel_futures=True)
        with ThreadPoolExecutor(at_once) as removing:
            list(removing.map(LabAccessPoint.remove, on))


def _set_if_there(switch: Path, value: int) -> None:
    with contextlib.suppress(FileNotFoundError):
        switch.write_text(str(value))


def _only_child(pid: int) -> int:
    """Process id of the one child; raises LookupError where there is none (yet, or any more)."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        children = []
    if not children:
        raise LookupError(f"Process {pid} has no child.")
    return int(children[0])
