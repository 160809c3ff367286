"""All that a gateway decides by itself, in one place, kept on the disk so that a restart changes none of it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from wifi_manager import log
from wifi_manager.domain.addresses import IpAddress, MacAddress
from wifi_manager.domain.errors import Forbidden, WifiError
from wifi_manager.domain.grants import Cause, Ended, Grant, Usage
from wifi_manager.gateway.city_time import Moment
from wifi_manager.gateway.deciding.drain import Draining
from wifi_manager.gateway.deciding.ended import EndedHere
from wifi_manager.gateway.deciding.idleness import Idleness
from wifi_manager.gateway.deciding.short_passes import ShortPasses
from wifi_manager.gateway.state import StateFolder
from wifi_manager.wire.grants import GrantList

T = TypeVar("T")

_IDLE, _ENDED, _PASSES = "idle", "ended", "passes"
_IDLE_SAVE_SECONDS = 60.0
_LOG = log.get(__name__)


class Decisions:
    """What stands between control's answer and the kernel: ends, short passes, and draining."""

    def __init__(self, state: StateFolder) -> None:
        """Read what was kept. What is damaged is begun anew, with a warning."""
        self._state = state
        self._idleness = _kept(state, _IDLE, Idleness.from_json, Idleness())
        self._ended = _kept(state, _ENDED, EndedHere.from_json, EndedHere())
        self._passes = _kept(state, _PASSES, ShortPasses.from_json, ShortPasses())
        self._saved: dict[str, Any] = {}
        self._idle_saved = 0.0  # uptime
        self.draining = Draining(state)

    @property
    def unreported(self) -> tuple[Ended, ...]:
        """Ends that control has not heard of."""
        return self._ended.unreported()

    def take_passes(self) -> int:
        """How many passes control has not heard of: they are told with the next report, or are put back."""
        return self._passes.take()

    def put_passes_back(self, number: int) -> None:
        """The report with these did not arrive."""
        self._passes.put_back(number)

    def wanted(self, granted: Mapping[int, Grant], now: datetime) -> Mapping[int, Grant]:
        """What the kernel shall let through, by number. While nothing is decided that is control's own mapping."""
        drain, wanted = self.draining.now(), granted
        if not self._ended.is_empty:
            self._ended.follow({grant.visit for grant in granted.values()})
            wanted = self._ended.allowed(wanted)
        if not self._passes.is_empty:
            passes = self._passes.running(now, {grant.device for grant in granted.values()})
            wanted = {**wanted, **{each.number: each for each in passes}}
        return wanted if drain is None else drain.capped(wanted)

    def numbers_of_passes(self, devices: Iterable[MacAddress]) -> frozenset[int]:
        """Numbers of the passes that run for these devices."""
        return self._passes.numbers(devices)

    def judge(self, read: Iterable[Usage], grants: Iterable[Grant], now: Moment) -> tuple[Ended, ...]:
        """End which of these running grants have been idle for too long, by a reading of the counters."""
        limits = {grant.visit: grant.idle_seconds for grant in grants if grant.idle_seconds is not None}
        return self._ended.end(self._idleness.judge(read, limits, now), Cause.IDLE)

    def end_copied(self, device: MacAddress, grants: Iterable[Grant]) -> tuple[Ended, ...]:
        """End what is granted to a device whose hardware address two use."""
        return self._ended.end([grant.visit for grant in grants if grant.device == device], Cause.COPIED)

    def give_pass(self, device: MacAddress, address: IpAddress, answer: GrantList, now: datetime) -> Grant:
        """A short pass by the city's policy. Raises Forbidden where there is none for this device, TooManyTries."""
        is_blocked = any(
            block.device == device and (block.until is None or block.until > now) for block in answer.blocked
        )
        if answer.policy is None or is_blocked or self.draining.now() is not None:
            raise Forbidden("There are no short passes here.")
        return self._passes.give(device, address, answer.policy, now)

    def confirm(self, ended: Iterable[Ended]) -> None:
        """Control has heard of these."""
        self._ended.confirm(ended)

    def unsaved(self, now: Moment) -> dict[str, Any]:
        """What has changed since it was saved, by name; idleness, which changes always, at most once a minute."""
        bodies = {_ENDED: self._ended.to_json(), _PASSES: self._passes.to_json()}
        if now.uptime_seconds - self._idle_saved >= _IDLE_SAVE_SECONDS:
            bodies[_IDLE] = self._idleness.to_json()
            self._idle_saved = now.uptime_seconds
        return {name: body for name, body in bodies.items() if body != self._saved.get(name)}

    def saved(self, name: str, body: Any) -> None:
        """This is on the disk."""
        self._saved[name] = body


def _kept(state: StateFolder, name: str, read: Callable[[Any], T], otherwise: T) -> T:
    try:
        body = state.kept(name)
        return otherwise if body is None else read(body)
    except (WifiError, ValueError, KeyError, TypeError, AttributeError) as damaged:
        _LOG.warning("%s.json is not used", name, extra={"problem": str(damaged)})
        return otherwise
