"""The lab access point is as poor as a real one, and as mortal."""

import subprocess
from pathlib import Path

import pytest

from tests.lab.access_point import LabAccessPoint, ManagementNet
from tests.lab.access_point_parts.image import allowed_applets, built_image

pytestmark = [pytest.mark.lab, pytest.mark.root]


def test_its_busybox_has_openwrts_applets_and_no_other():
    busybox = built_image() / "bin/busybox"
    every = subprocess.run(["busybox", "--list"], check=True, capture_output=True, text=True).stdout.split()

    def works(name: str) -> bool:
        ran = subprocess.run([busybox, name, "--help"], capture_output=True, check=False, stdin=subprocess.DEVNULL)
        return b"applet not found" not in ran.stderr

    assert {name for name in every if works(name)} == allowed_applets()


LACKING = [
    "timeout 1 true", "setsid true", "nohup true", "stat /", "diff /etc/passwd /etc/passwd", "base64 /etc/passwd",
    "usleep 1", "realpath /", "od /etc/passwd", "xxd /etc/passwd", "sleep 0.1", "date +%N", "getopt a b",
    "start-stop-daemon --start --exec /bin/true", "python3 -c 1", "/usr/libexec/sftp-server",
]  # fmt: skip


def test_it_lacks_what_openwrt_lacks(ap):
    worked = [command for command in LACKING if ap.run(f"{command} >/dev/null 2>&1 && echo it worked; true")]

    assert worked == []


def test_a_reboot_keeps_the_flash_loses_tmpfs_and_runs_the_start_scripts_again(ap):
    before = ap.boot_id()
    ap.run("echo kept >/etc/kept; echo lost >/tmp/lost; ip addr flush dev br-lan")

    ap.reboot()

    assert ap.read("/etc/kept") == "kept\n"
    assert ap.run("ls /tmp/lost 2>/dev/null || echo gone") == "gone\n"
    assert ap.address in ap.run("ip addr show br-lan")
    assert ap.boot_id() != before


def test_a_power_cut_ends_every_process_and_keeps_the_flash(ap):
    ap.run("echo kept >/etc/kept; echo lost >/tmp/lost; sleep 1000 </dev/null >/dev/null 2>&1 &")

    ap.power_cut()

    assert not [pid for pid in Path("/proc").glob("[0-9]*") if _lives_in(pid, ap)]
    ap.power_on()
    assert ap.read("/etc/kept") == "kept\n"
    assert ap.run("ls /tmp/lost 2>/dev/null || echo gone") == "gone\n"
    assert float(ap.run("cat /proc/uptime").split()[0]) < 60


def _lives_in(pid: Path, ap: LabAccessPoint) -> bool:
    try:
        return str(ap.keep) in (pid / "mountinfo").read_text()
    except OSError:
        return False


def test_a_changed_address_really_moves_it(ap):
    ap.run("reload_config; uci set network.lan.ipaddr=192.168.77.200; uci commit network; reload_config")

    ap._wait_until(lambda: "192.168.77.200" in ap.run("ip addr show br-lan"))
    assert ap.address not in ap.run("ip addr show br-lan")


def test_several_access_points_share_a_network_and_a_given_namespace_can_hold_it(net):
    with (
        ManagementNet(str(net.address), namespace=net.namespace, bridge=net.bridge) as same,
        LabAccessPoint(same) as one,
        LabAccessPoint(same) as other,
    ):
        assert one.address != other.address
        for ap in (one, other):
            subprocess.run(["ping", "-c", "1", "-W", "10", ap.address], check=True, capture_output=True)
