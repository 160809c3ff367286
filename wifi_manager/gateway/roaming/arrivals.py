"""Devices that come without a grant: control is asked whether one has brought its visit along. No I/O.

A device is asked about once in a while and not with each sign of life. What a gateway remembers of that ends with a
grant: who comes back soon after it was let go is asked about at once, at the same address too.
"""

import time
from collections.abc import Callable, Iterable

from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.grants import Arrival

_AGAIN_SECONDS = 20.0  # a device that has no visit anywhere is asked about this often
_BACK_SECONDS = 1.0  # two devices with one address must not throw a visit to and fro faster than this
_HOME_SECONDS = 5.0
_MOST_REMEMBERED = 20_000
_MOST_WAITING = 500


class Arrivals:
    """Gathers whom control is to be asked about. `timer` counts seconds."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._again: dict[MacAddress, float] = {}  # when a device may be asked about again, the oldest first
        self._waiting: dict[MacAddress, Arrival] = {}

    def is_due(self, device: MacAddress) -> bool:
        """Whether a sign of life of this device is news, if it has no grant here."""
        return device not in self._waiting and self._again.get(device, 0.0) <= self._timer()

    def come(self, arrival: Arrival) -> None:
        """A device without a grant has come. In a flood of invented devices those that do not fit are left out."""
        if len(self._waiting) < _MOST_WAITING:
            self._waiting[arrival.device] = arrival

    def take(self, limit: int) -> tuple[Arrival, ...]:
        """Whom to ask about now, at most so many; they count as asked about."""
        taken = tuple(self._waiting.values())[:limit]
        for arrival in taken:
            del self._waiting[arrival.device]
            self._remember(arrival.device, _AGAIN_SECONDS)
        return taken

    def forget(self, devices: Iterable[MacAddress]) -> None:
        """Control did not hear of them: their next sign of life is news again."""
        for device in devices:
            self._again.pop(device, None)

    def at_home(self, device: MacAddress) -> None:
        """It has a grant: for a moment its signs of life need no look."""
        self._remember(device, _HOME_SECONDS)

    def let_go(self, devices: Iterable[MacAddress]) -> None:
        """Their grants have ended here: whoever of them comes back is news, after a moment."""
        for device in devices:
            self._remember(device, _BACK_SECONDS)

    def _remember(self, device: MacAddress, seconds: float) -> None:
        self._again.pop(device, None)
        self._again[device] = self._timer() + seconds
        while len(self._again) > _MOST_REMEMBERED:
            del self._again[next(iter(self._again))]
