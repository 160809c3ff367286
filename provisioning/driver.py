"""All that the fleet may ask of an access point. One class in drivers/ for each platform knows how."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable

from provisioning.changes import ChangeSet
from provisioning.config_files import ConfigFiles
from provisioning.look_memory import LookMemory
from wifi_manager.domain.errors import Conflict
from wifi_manager.domain.hardware import Hardware
from wifi_manager.domain.observations import Observation


class State(StrEnum):
    """Where the device itself says that it stands with the last pushed change."""

    NONE = "NONE"  # nothing was ever pushed
    PENDING = "PENDING"  # staged or switched; undone unless it is confirmed in time
    COMMITTED = "COMMITTED"
    ROLLEDBACK = "ROLLEDBACK"


@dataclass(frozen=True, slots=True)
class Standing:
    """The device's own word about the push `push_id`; `reason` says why it was undone (timeout, reboot, operator)."""

    state: State
    push_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What an access point says about itself. `free_kib` is what its flash has left, in KiB."""

    model: str
    firmware: str
    boot_id: str
    uptime_seconds: int
    free_kib: int


class Answer(StrEnum):
    """What became of staged files: armed to be undone, or there already."""

    ARMED = "ARMED"
    NOCHANGE = "NOCHANGE"
    COMMITTED = "COMMITTED"  # this very push was confirmed before


class Refused(Conflict):
    """The device did not take the files and changed nothing. `code` is one of docs/access-points.md."""

    def __init__(self, code: str, detail: str = "") -> None:
        """Say which code it was."""
        self.code = code
        self.detail = detail
        super().__init__(
            f"The access point refused the change: {code} {detail}".rstrip() + ". See docs/access-points.md."
        )


class WrongPlatform(Conflict):
    """What answers is another kind of device than the driver speaks to. Nothing was changed on it."""


class UnknownModel(Conflict):
    """The device does not say which model it is, so nobody knows what it can do. Nothing was changed on it."""


class GoesOn(Protocol):
    """Decides about a push once it is known where the device stands."""

    def __call__(self, standing: Standing, *, runs: bool) -> bool:
        """Whether it is sent. `runs`: every wanted file is there already."""
        ...


@runtime_checkable
class TellsHardware(Protocol):
    """A driver whose access points can say more of what they are made of than a look does."""

    def hardware(self, model: str, firmware: str) -> Hardware:
        """What it is made of. Raises what `link.Link.run` raises."""
        ...


@runtime_checkable
class TellsFiles(Protocol):
    """A driver whose access points can say how they are configured."""

    def running_config(self) -> ConfigFiles:
        """The managed files as they are now. Raises what `link.Link.run` raises."""
        ...


class Looker(Protocol):
    """Whoever can look at one access point."""

    def observe(self, memory: LookMemory | None = None) -> Observation:
        """One look. Counters go on from what `memory` holds of earlier ones; without it they are left out.

        Raises what `link.Link.run` raises.
        """
        ...


class AccessPointDriver(Looker, TellsFiles, Protocol):
    """One access point at one address. Every method may raise what `link.Link.run` raises."""

    @property
    def switch_seconds(self) -> float:
        """How long after ARMED a confirmation can be taken at the earliest."""
        ...

    def facts(self) -> Facts: ...

    def standing(self) -> Standing:
        """Where the device stands; the one truth about a push whose answer was lost."""
        ...

    def stage(self, config: ConfigFiles) -> tuple[Standing, ChangeSet]:
        """Find out what `config` would change. Nothing is sent yet. Raises WrongPlatform or UnknownModel."""
        ...

    def apply(self, push_id: str, *, undo_after: timedelta) -> Answer:
        """Send what was staged; the device itself undoes it unless it is confirmed in time. Raises Refused."""
        ...

    def send(self, config: ConfigFiles, push_id: str, *, undo_after: timedelta, goes_on: GoesOn) -> Answer | None:
        """Both over one connection: find out where the device stands, and send what `goes_on` lets pass.

        None: it did not let it pass, and nothing was sent.
        """
        ...

    def confirm(self, push_id: str) -> Standing:
        """Say over a new connection that the device can still be reached. PENDING: ask again. Raises Refused."""
        ...
