"""An access point's flash as a disk of its own, so that a power cut loses what had not reached it yet.

    with Flash() as flash, ManagementNet() as net, LabAccessPoint(net, keep=flash.folder) as ap:
        moment = flash.moment()  # the disk as it is now: in the middle of a write, with whatever the kernel still held back lost
        ap.power_cut()
        flash.go_back_to(moment)
        ap.power_on()

An ext4 image, mounted through a loop device with `noauto_da_alloc`: as on the file systems of real access points,
renaming over a file does not by itself bring the new one's content to the disk. The image lies on an XFS of its own,
whose reflinks take a copy of it in one step while everything goes on writing.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab.namespaces import fresh_name, sh

_DISK_MIB, _FLASH_MIB = 320, 16  # XFS refuses less than 300; neither takes more than what is written


class Flash:
    """One disk. `folder` is what is mounted from it."""

    def __init__(self) -> None:
        self._home = Path(tempfile.gettempdir(), f"{fresh_name()}-flash")
        self._store = self._home / "store"
        self._image = self._store / "flash.ext4"
        self.folder = self._home / "flash"
        self._taken = 0

    def __enter__(self) -> Self:
        self._store.mkdir(parents=True)
        self.folder.mkdir()
        disk = self._home / "disk.xfs"
        with disk.open("wb") as file:
            file.truncate(_DISK_MIB << 20)
        sh("mkfs.xfs", "-q", "-m", "reflink=1", str(disk))
        sh("mount", "-o", "loop", str(disk), str(self._store))
        try:
            with self._image.open("wb") as file:
                file.truncate(_FLASH_MIB << 20)
            sh("mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(self._image))
            self._plug_in()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for mounted in (self.folder, self._store):
            subprocess.run(["umount", "--lazy", str(mounted)], check=False, capture_output=True)
        shutil.rmtree(self._home, ignore_errors=True)

    def moment(self) -> Path:
        """A copy of the disk as it is at one moment."""
        self._taken += 1
        copy = self._store / f"moment-{self._taken}"
        sh("cp", "--reflink=always", str(self._image), str(copy))
        return copy

    def go_back_to(self, moment: Path) -> None:
        """The disk becomes that copy: its journal is replayed, as at the start after a power cut. Nobody may use it."""
        sh("umount", str(self.folder))
        moment.replace(self._image)
        self._plug_in()

    def is_sound(self) -> bool:
        """Whether fsck finds nothing to mend. Nobody may use it meanwhile."""
        sh("umount", str(self.folder))
        checked = subprocess.run(["e2fsck", "-f", "-n", str(self._image)], check=False, capture_output=True)
        self._plug_in()
        return checked.returncode == 0

    def _plug_in(self) -> None:
        sh("mount", "-o", "loop,noauto_da_alloc", str(self._image), str(self.folder))
