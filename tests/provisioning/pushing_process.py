"""A process that pushes one order and kills itself (SIGKILL) where its caller wants: `python -m … CASE.json`."""

import json
import os
import signal
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from provisioning.config_files import ConfigFiles
from provisioning.drivers.openwrt import OpenWrtDriver
from provisioning.link import Link, Reply, Then
from provisioning.push import PushOrder, push
from provisioning.transport import SshLink, load_client_key
from wifi_manager.clock import SystemClock
from wifi_manager.domain.access_points import Management


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Torn(bytes):
    """A payload whose sender is killed when it has sent the first piece and asks for the next."""

    def __getitem__(self, piece: Any) -> Any:
        if isinstance(piece, slice) and piece.start:
            die()
        return super().__getitem__(piece)


@dataclass
class DyingLink:
    """Dies `when` a command with `verb` is: `before` its payload is sent, in the `middle` of that, or `after` its answer."""

    link: Link
    verb: str
    when: str

    def run(self, command: str, stdin: bytes = b"") -> Reply:
        here = f" {self.verb} " in f"{command} "
        if here and self.when == "before":
            die()
        reply = self.link.run(command, Torn(stdin) if here and self.when == "middle" else stdin)
        if here and self.when == "after":
            die()
        return reply

    def converse(self, command: str, until: bytes, then: Then) -> Reply:
        here = f" {self.verb} " in f"{command} "

        def torn(said: bytes) -> bytes:
            if here and self.when == "before":
                die()
            return Torn(then(said)) if here and self.when == "middle" else then(said)

        reply = self.link.converse(command, until, torn)
        if here and self.when == "after":
            die()
        return reply


def main(case: dict[str, str]) -> None:
    folder = Path(case["files"])
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    key = load_client_key(Path(case["key"]))
    link = SshLink(Management(case["host"], 22, "root", case["host_key"]), key)
    driver = OpenWrtDriver(DyingLink(link, case["verb"], case["when"]), SystemClock(), settle_seconds=1)
    order = PushOrder(case["device"], case["revision"], ConfigFiles(files), timedelta(seconds=float(case["seconds"])))
    push(order, driver, driver)


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
