"""Control's time on a gateway that may have no battery clock: what control said, plus what has passed since."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from wifi_manager.clock import Clock

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment by both clocks of this machine. `uptime_seconds` counts on while it sleeps, until it reboots."""

    boot: str  # another one after each reboot
    uptime_seconds: float
    wall: datetime


class MachineTime(Protocol):
    """Tells the machine's present moment."""

    def moment(self) -> Moment:
        """The present moment."""
        ...


class SystemTime:
    """This machine's clocks."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._boot = _BOOT_ID.read_text().strip()

    def moment(self) -> Moment:
        return Moment(self._boot, time.clock_gettime(time.CLOCK_BOOTTIME), self._clock.now())


def city_now(said: datetime, received: Moment, now: Moment) -> datetime:
    """What control's clock shows now, when it showed `said` at the moment `received`.

    Within one boot only the uptime counts, so setting the wall clock ends no visit and prolongs none. After a reboot
    the wall clock is all there is; one that runs backwards counts as no time.
    """
    if received.boot == now.boot:
        return said + timedelta(seconds=now.uptime_seconds - received.uptime_seconds)
    return said + max(now.wall - received.wall, timedelta())
