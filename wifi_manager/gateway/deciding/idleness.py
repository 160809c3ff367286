"""Who has sent nothing for so long that the visit ends: judged from counters, so that no packet costs more for it.

Only what a device sends counts: a server that goes on sending to a phone that has left keeps no visit alive.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wifi_manager.domain.grants import Usage
from wifi_manager.gateway.city_time import Moment


@dataclass(frozen=True, slots=True)
class LastSent:
    """What a visit's device had sent, and by the machine's uptime when a reading first showed that."""

    up_bytes: int
    uptime_seconds: float


class Idleness:
    """Remembers who has sent when. Kept over a restart of the agent; after a reboot everybody begins anew.

    A visit that has sent while no agent ran counts from the first reading after it: in doubt for the citizen.
    """

    def __init__(self, boot: str = "", last: Mapping[str, LastSent] | None = None) -> None:
        self._boot = boot
        self._last = dict(last or {})

    def judge(self, read: Iterable[Usage], limits: Mapping[str, int], now: Moment) -> list[str]:
        """Take a reading of the counters; the visits that have been idle for their limit, in seconds, or longer.

        A visit that the reading misses is not judged. Those without a limit are not remembered.
        """
        if now.boot != self._boot:
            self._boot, self._last = now.boot, {}
        self._last = {visit: last for visit, last in self._last.items() if visit in limits}
        return [usage.visit for usage in read if usage.visit in limits and self._is_idle(usage, limits, now)]

    def _is_idle(self, usage: Usage, limits: Mapping[str, int], now: Moment) -> bool:
        last = self._last.get(usage.visit)
        if last is None or usage.up_bytes != last.up_bytes:
            self._last[usage.visit] = LastSent(usage.up_bytes, now.uptime_seconds)
            return False
        return now.uptime_seconds - last.uptime_seconds >= limits[usage.visit]

    def to_json(self) -> dict[str, Any]:
        """For the disk."""
        return {
            "boot": self._boot,
            "last": {visit: [last.up_bytes, last.uptime_seconds] for visit, last in self._last.items()},
        }

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> "Idleness":
        """From the disk. Raises ValueError, KeyError or TypeError when that is damaged."""
        return cls(
            str(body["boot"]), {visit: LastSent(int(up), float(at)) for visit, (up, at) in body["last"].items()}
        )
