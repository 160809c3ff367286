"""A real NetworkManager on a phone of the lab: it finds the portal, and after the sign-in the internet."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lab.control_simulator import a_grant
from tests.lab.namespaces import wait_for
from tests.lab.phone import Phone

pytestmark = [
    pytest.mark.root,
    pytest.mark.lab,
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("NetworkManager") is None or shutil.which("dbus-daemon") is None,
        reason="needs NetworkManager and D-Bus: run tests/lab/system_packages.sh",
    ),
]
PATIENCE_SECONDS = 90  # it asks again every few seconds once it has found a portal
_BUS = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow receive_sender="*"/>
    <allow user="*"/>
  </policy>
</busconfig>
"""
_SETTINGS = """\
[main]
plugins=keyfile
dns=none
rc-manager=unmanaged
no-auto-default=*
auth-polkit=false

[connectivity]
enabled=true
uri=http://nmcheck.lab/
interval=2

[device]
keep-configuration=no
match-device=interface-name:eth0
managed=1
wifi.scan-rand-mac-address=no
"""
_CONNECTION = """\
[connection]
id=lab
uuid=6f2e1d0a-6c5e-4f0b-9a53-0d7c2f6f8a11
type=ethernet
interface-name=eth0

[ipv4]
method=manual
address1={address}/18,{router}
dns={router};

[ipv6]
method=disabled
"""


@dataclass(frozen=True, slots=True)
class Manager:
    """NetworkManager on a bus of its own, in the network namespace of a phone."""

    phone: Phone
    bus: str

    def says(self, *words: str) -> str:
        """What `nmcli` prints."""
        done = self.phone.run(["env", f"DBUS_SYSTEM_BUS_ADDRESS={self.bus}", "nmcli", *words])
        return f"{done.stdout}{done.stderr}".strip()

    def connectivity(self) -> str:
        """What it finds when it looks now."""
        return self.says("networking", "connectivity", "check")


@pytest.fixture
def manager(town, tmp_path) -> Iterator[tuple[Manager, int]]:
    """It is started when the phone has joined, and ended with the test; its folders are in memory."""
    phone, number = town.phone()
    router = town.lab.gateway.ip("-4", "-brief", "addr", "show", "br-lan").split()[2].partition("/")[0]
    _write(tmp_path / "connections" / "lab.nmconnection", _CONNECTION.format(address=phone.address, router=router))
    _write(tmp_path / "bus.conf", _BUS.format(socket=tmp_path / "bus"))
    _write(tmp_path / "manager.conf", f"{_SETTINGS}\n[keyfile]\npath={tmp_path / 'connections'}\n")
    (tmp_path / "conf.d").mkdir()
    bus = f"unix:path={tmp_path / 'bus'}"
    with _running(
        phone, tmp_path, ["dbus-daemon", f"--config-file={tmp_path / 'bus.conf'}", "--nofork", "--nopidfile"]
    ):
        wait_for("the bus", (tmp_path / "bus").exists)
        with _running(phone, tmp_path, _in_own_folders(tmp_path, bus)):
            made = Manager(phone, bus)
            wait_for("NetworkManager", lambda: made.says("-g", "RUNNING", "general") == "running", PATIENCE_SECONDS)
            yield made, number


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)  # NetworkManager takes connections that others can read for tampered with


def _in_own_folders(folder: Path, bus: str) -> list[str]:
    """Its command. With /sys read-only it asks the kernel for devices, and no udev, which the lab has not."""
    own = "mount -o remount,ro,bind /sys && mkdir -p /run/NetworkManager /var/lib/NetworkManager"
    own += " && mount -t tmpfs none /run/NetworkManager && mount -t tmpfs none /var/lib/NetworkManager"
    words = ["--no-daemon", "--config", str(folder / "manager.conf"), "--config-dir", str(folder / "conf.d")]
    words += ["--intern-config", str(folder / "intern.conf"), "--state-file", str(folder / "state")]
    script = f'{own} && exec NetworkManager "$@"'
    return ["env", f"DBUS_SYSTEM_BUS_ADDRESS={bus}", "sh", "-c", script, "NetworkManager", *words]


@contextmanager
def _running(phone: Phone, folder: Path, command: list[str]) -> Iterator[None]:
    with (folder / "manager.log").open("ab") as log:
        process = phone.start(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def test_p1_p7_network_manager_finds_the_portal_and_after_the_sign_in_the_internet(town, manager, tmp_path):
    found, number = manager

    def is_found(wanted: str) -> bool:
        return found.connectivity() == wanted

    def log() -> str:
        return (tmp_path / "manager.log").read_text()[-3000:]

    try:
        wait_for("the portal", lambda: is_found("portal"), PATIENCE_SECONDS)
        town.control.admit(a_grant(number, found.phone.mac, found.phone.address))
        wait_for("the internet", lambda: is_found("full"), PATIENCE_SECONDS)
        town.control.end(f"visit-{number}")
        wait_for("the portal again", lambda: is_found("portal"), PATIENCE_SECONDS)
    except TimeoutError as late:
        raise AssertionError(f"{late}; {found.says()}; {log()}") from late
    assert found.says("-g", "CONNECTIVITY", "general") == "portal"
