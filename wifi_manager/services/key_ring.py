"""Ticket keys of the gateways whose phones come now: a crowd at one gateway needs the same key again and again."""

from collections.abc import Callable

FRESH_SECONDS = 10.0  # so long may tickets of a gateway that has enrolled anew still be sealed with its old key


class KeyRing:
    """Keys by gateway. Needs no lock: two threads that read at once only read once too often."""

    def __init__(self) -> None:
        self._keys: dict[str, tuple[bytes, float]] = {}

    def of(self, gateway: str, now: float, read: Callable[[str], bytes]) -> bytes:
        """The gateway's key as `read` found it within the last 10 s; `now` in seconds of a monotonic clock.

        What `read` raises for an unknown gateway goes up and is not remembered: made-up names cost no memory.
        """
        key, read_at = self._keys.get(gateway, (b"", float("-inf")))
        if now - read_at < FRESH_SECONDS:
            return key
        key = read(gateway)
        self._keys[gateway] = (key, now)
        return key
