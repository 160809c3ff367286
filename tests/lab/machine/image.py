"""Kernel and first files of the lab's machine: Debian 12's own kernel, fetched by package name and never installed."""

import lzma
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

_INIT = Path(__file__).with_name("init")
_XZ_MAGIC = b"\xfd7zXZ\x00"
_ELF_MAGIC = b"\x7fELF"
# What the first process needs to reach the host's files; all else is loaded from there when it is asked for.
_FIRST_MODULES = ("virtio_pci", "9p", "9pnet_virtio", "overlay")


@dataclass(frozen=True, slots=True)
class Image:
    """What QEMU boots. `modules` is the folder that becomes /lib/modules."""

    kernel: Path
    initramfs: Path
    modules: Path


def image() -> Image:
    """The image of Debian's current kernel for this release: made once, then kept in the user's cache."""
    package = _kernel_package()
    kept = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "wifi-manager" / package
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
            made = Path(folder) / "image"
            _make(package, made)
            _keep(made, kept)
    return Image(kept / "vmlinux", kept / "initramfs", kept / "lib" / "modules")


def _keep(made: Path, kept: Path) -> None:
    """Another process may have been faster; its image is as good."""
    try:
        made.rename(kept)
    except OSError:
        if not kept.exists():
            raise


def _kernel_package() -> str:
    """The package of the newest kernel that apt knows, such as linux-image-6.1.0-56-amd64."""
    told = _run(["apt-cache", "depends", "linux-image-amd64"])
    return next(word for word in told.split() if word.startswith("linux-image-") and word != "linux-image-amd64")


def _make(package: str, made: Path) -> None:
    made.mkdir()
    made.chmod(0o755)
    fetched = made / "fetched"
    fetched.mkdir()
    fetched.chmod(0o777)  # apt fetches as a user of its own
    _run(["apt-get", "-q", "download", package], cwd=fetched)
    _run(["dpkg-deb", "-x", str(next(fetched.glob("*.deb"))), str(made)])
    shutil.rmtree(fetched)
    release = next((made / "lib" / "modules").iterdir()).name
    _run(["depmod", "-b", str(made), release])
    (made / "vmlinux").write_bytes(_unpacked((made / "boot" / f"vmlinuz-{release}").read_bytes()))
    _make_initramfs(made, release)


def _unpacked(packed: bytes) -> bytes:
    """The kernel itself out of its self-extracting file: QEMU boots it at once, in place of a slow unpacking."""
    start = packed.find(_XZ_MAGIC)
    while start >= 0:
        try:
            found = lzma.LZMADecompressor().decompress(packed[start:])
        except lzma.LZMAError:
            found = b""
        if found.startswith(_ELF_MAGIC):
            return found
        start = packed.find(_XZ_MAGIC, start + 1)
    raise RuntimeError("Debian's kernel holds no xz-packed ELF any more: teach this function its new packing.")


def _make_initramfs(made: Path, release: str) -> None:
    root = made / "first"
    for folder in ("bin", "dev", "proc", "host", "over", "modules"):
        (root / folder).mkdir(parents=True)
    shutil.copy("/bin/busybox", root / "bin" / "busybox")
    shutil.copy(_INIT, root / "init")
    (root / "init").chmod(0o755)
    paths = _in_order(made, release)
    for path in paths:
        shutil.copy(path, root / "modules")
    (root / "modules" / "order").write_text("".join(f"{path.name}\n" for path in paths), encoding="ascii")
    names = "\n".join(str(path.relative_to(root)) for path in [root, *root.rglob("*")])
    archive = subprocess.run(
        ["cpio", "-o", "-H", "newc", "--quiet"], cwd=root, input=names.encode(), capture_output=True, check=True
    )
    (made / "initramfs").write_bytes(archive.stdout)
    shutil.rmtree(root)


def _in_order(made: Path, release: str) -> list[Path]:
    told = "".join(
        _run(["modprobe", "-d", str(made), "-S", release, "--show-depends", name]) for name in _FIRST_MODULES
    )
    paths = (line.split()[1] for line in told.splitlines() if line.startswith("insmod"))
    return [Path(path) for path in dict.fromkeys(paths)]


def _run(command: list[str], cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr.strip()}")
    return done.stdout
