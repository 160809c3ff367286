"""The access point's read-only root: busybox cut down to OpenWrt's applets, dropbear, and our stand-ins.

Debian's busybox finds its applets without looking at the PATH, so an applet that OpenWrt leaves out must really be
absent: its name is changed in the table of a private copy. The table is sorted and searched from marks in it, so the
changed name must not become greater: its last letter becomes "!". tests/lab/test_access_point.py checks each applet.
"""

import atexit
import functools
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.lab.namespaces import fresh_name

PARTS = Path(__file__).parent
_LINKED = re.compile(r"(/\S+) \(0x")


def allowed_applets() -> set[str]:
    """What OpenWrt's busybox has by default and Debian's has too; scripts in root/ stand in for a few others."""
    return set((PARTS / "applets.txt").read_text().split())


@functools.cache  # one image for all access points of a process
def built_image() -> Path:
    """Build the root folder, once in each process and until its end."""
    root = Path(tempfile.gettempdir(), f"{fresh_name()}-image")
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    shutil.copytree(PARTS / "root", root)
    for name in (
        "proc",
        "sys",
        "dev",
        "tmp",
        "root",
        "usr/bin",
        "usr/sbin",
        "usr/libexec/lab",
        "etc/rc.d",
        "etc/dropbear",
    ):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "root").chmod(0o700)
    (root / "var").symlink_to("tmp")
    (root / "root/.ssh").symlink_to("/etc/dropbear")
    _add_busybox(root)
    _add_programs(root)
    (root / "sbin/uci").write_text(f"#!/usr/libexec/lab/mawk -Wexec\n{(PARTS / 'uci.awk').read_text()}")
    (root / "sbin/uci").chmod(0o755)
    for script in (root / "etc/init.d").iterdir():
        start = re.search(r"^START=(\d+)$", script.read_text(), re.MULTILINE)
        assert start, script
        (root / f"etc/rc.d/S{start[1]}{script.name}").symlink_to(f"../init.d/{script.name}")
    return root


def _add_busybox(root: Path) -> None:
    whole = Path(shutil.which("busybox") or "/bin/busybox")
    shutil.copy(whole, root / "usr/libexec/lab/busybox")
    names = subprocess.run([whole, "--list"], check=True, capture_output=True, text=True).stdout.split()
    keep = allowed_applets()
    table = b"".join(name.encode() + b"\0" for name in names)
    cut = b"".join((name if name in keep else name[:-1] + "!").encode() + b"\0" for name in names)
    program = whole.read_bytes()
    assert program.count(table) == 1, "this busybox keeps its applets' names in another way"
    (root / "bin/busybox").write_bytes(program.replace(table, cut))
    (root / "bin/busybox").chmod(0o755)
    for name in keep - {"busybox"}:
        (root / "bin" / name).symlink_to("busybox")


def _add_programs(root: Path) -> None:
    """Dropbear, what runs the stand-in `uci`, and what Debian's busybox lacks, each with its libraries."""
    for program, place in (
        ("dropbear", "usr/sbin/dropbear"),
        ("mawk", "usr/libexec/lab/mawk"),
        ("flock", "usr/bin/flock"),
    ):
        source = shutil.which(program)
        assert source, f"{program} is not installed; see tests/lab/system_packages.sh"
        shutil.copy(source, root / place)
        for library in _LINKED.findall(
            subprocess.run(["ldd", source], check=True, capture_output=True, text=True).stdout
        ):
            (root / library[1:]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, root / library[1:])
