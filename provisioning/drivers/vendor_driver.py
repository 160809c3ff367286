"""Access points that are watched and not configured: one command of the vendor's own system, and what it answers.

Nothing is installed on them and nothing is changed. Each vendor has a module of its own beside this one.
"""

from collections.abc import Callable
from dataclasses import dataclass

from provisioning.link import Garbled, Link, TooSlow, Unreachable
from provisioning.look_memory import LookMemory, Measured
from wifi_manager.clock import Clock
from wifi_manager.domain.observations import Observation

_LONGEST_UPTIME_SECONDS = 10**9  # thirty years


@dataclass(frozen=True, slots=True)
class Told:
    """What one look told. `load` is the one-minute load average, where there is one. Raises ValueError."""

    model: str
    firmware: str
    uptime_seconds: int
    measured: Measured
    load: float | None = None

    def __post_init__(self) -> None:
        """Refuse what no clock could go on with."""
        if self.uptime_seconds > _LONGEST_UPTIME_SECONDS:
            raise ValueError(f"it says that it has run for {self.uptime_seconds} s")


@dataclass(frozen=True, slots=True)
class Vendor:
    """`command` is run over SSH. `read` makes a look of the JSON in its answer; it raises ValueError.

    `needed` says in words what the command needs, for whoever reads that it did not answer.
    """

    command: str
    needed: str
    read: Callable[[str], Told]


@dataclass(frozen=True, slots=True)
class VendorDriver:
    """One access point at one address."""

    vendor: Vendor
    link: Link
    clock: Clock

    def ask(self) -> Told:
        """What it says now. Raises what `link.Link.run` raises, and Garbled for what no such device says."""
        reply = self.link.run(self.vendor.command)
        try:
            return self.vendor.read(reply.stdout.decode(errors="replace"))
        except (ValueError, OverflowError) as why:
            raise Garbled(
                f"The access point answers, but not as this platform does ({why}). {self.vendor.needed} Look at its "
                "version and at its platform in the inventory."
            ) from why

    def observe(self, memory: LookMemory | None = None) -> Observation:
        """One look, one connection; an access point that takes no connection is down. Raises TooSlow and Garbled."""
        try:
            told = self.ask()
        except TooSlow:
            raise
        except Unreachable:
            return Observation(at=self.clock.now(), up=False)
        now, readings = self.clock.now(), told.measured.readings
        if memory is not None:
            readings = memory.taken(told.measured, "", told.uptime_seconds, now)
        return Observation(
            at=now,
            up=True,
            uptime_seconds=told.uptime_seconds,
            load=told.load,
            model=told.model,
            firmware=told.firmware or None,
            readings=readings,
        )
