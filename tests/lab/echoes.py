"""Traffic whose every packet is accounted for: each phone of a crowd has one packet under way, and waits for its echo."""

import threading
from collections import Counter
from collections.abc import Sequence
from typing import Self

from tests.lab.city import INTERNET_ADDRESS
from tests.lab.crowd import Member
from tests.lab.internet import ECHO_PORT

HEADERS = 28  # IPv4 and UDP
_LOST_SECONDS = 30.0  # an echo that takes longer is lost


class Echoes:
    """While the block runs the phones send. Afterwards `rounds` and `lost` tell what became of it."""

    def __init__(self, members: Sequence[Member], payload: int = 100) -> None:
        self.rounds = 0
        self.lost: Counter[str] = Counter()  # by address
        self.bytes_each = HEADERS + payload
        self._payload = bytes(payload)
        self._sockets = {each.address: each.open_datagrams(_LOST_SECONDS) for each in members}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="echoes")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        for sock in self._sockets.values():
            sock.close()

    def passed(self) -> int:
        """Bytes of layer 3 that each phone has sent, and as many that it has received."""
        return self.rounds * self.bytes_each

    def _run(self) -> None:
        while not self._over.is_set():
            for sock in self._sockets.values():
                sock.sendto(self._payload, (INTERNET_ADDRESS, ECHO_PORT))
            for address, sock in self._sockets.items():
                try:
                    sock.recv(2048)
                except OSError:
                    self.lost[address] += 1
            self.rounds += 1
