"""Short passes: what a newcomer gets from the gateway alone while control is away, if the city wants that.

A pass is a grant of the gateway's own: with an end, a rate and a volume in the kernel, so it ends by itself whatever
happens to the agent. Its number lies above those of all devices that control knows.
"""

import secrets
from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from wifi_manager.domain.addresses import IpAddress, MacAddress
from wifi_manager.domain.errors import TooManyTries
from wifi_manager.domain.grants import Grant
from wifi_manager.domain.passes import PassPolicy
from wifi_manager.wire.grants import GrantList, grants_from_json, grants_to_json

NUMBERS = range(0xF000_0000, 0xF010_0000)
_PREFIX = "pass-"
_HOUR = timedelta(hours=1)
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)  # a list of grants has one, and here it means nothing
_MOST_AN_HOUR = 50_000  # by this gateway: devices that invent addresses fill neither its sets nor its disk


@dataclass(frozen=True, slots=True)
class Given:
    """One pass that was given: to whom and when, by control's time."""

    device: MacAddress
    at: datetime


def is_pass(visit: str) -> bool:
    """True for the name of a pass: it is no visit, and control knows nothing of it."""
    return visit.startswith(_PREFIX)


class ShortPasses:
    """Passes given in the last hour, those that still run, and how many control has not heard of."""

    def __init__(self) -> None:
        self._given: deque[Given] = deque()
        self._running: dict[MacAddress, Grant] = {}
        self._next = 0
        self._unreported = 0

    def give(self, device: MacAddress, address: IpAddress, policy: PassPolicy, now: datetime) -> Grant:
        """A pass from now on; the one that runs already, where there is one. Raises TooManyTries."""
        self._forget(now)
        if (running := self._running.get(device)) is not None:
            return running
        own = [given.at for given in self._given if given.device == device]
        if len(own) >= policy.passes_an_hour or len(self._given) >= _MOST_AN_HOUR:
            raise TooManyTries("There is no short pass for this device now. Try again in an hour.")
        grant = self._grant(device, address, policy, now)
        self._given.append(Given(device, now))
        self._running[device] = grant
        self._unreported += 1
        return grant

    def running(self, now: datetime, granted: Collection[MacAddress]) -> tuple[Grant, ...]:
        """Passes that have not ended. A device that control grants a visit needs none any more."""
        self._forget(now)
        for device in [device for device in self._running if device in granted]:
            del self._running[device]
        return tuple(self._running.values())

    def numbers(self, devices: Iterable[MacAddress]) -> frozenset[int]:
        """Numbers of the passes that run for these devices."""
        return frozenset(self._running[device].number for device in devices if device in self._running)

    @property
    def is_empty(self) -> bool:
        """True where no pass runs."""
        return not self._running

    def take(self) -> int:
        """Passes that control has not heard of; whoever takes them tells control, or puts them back."""
        taken, self._unreported = self._unreported, 0
        return taken

    def put_back(self, number: int) -> None:
        """Control did not hear of these."""
        self._unreported += number

    def to_json(self) -> dict[str, Any]:
        """For the disk."""
        return {
            "given": [[given.device.full(), given.at.isoformat()] for given in self._given],
            "running": grants_to_json(GrantList(0, tuple(self._running.values()), _ANY_TIME)),
            "unreported": self._unreported,
        }

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> "ShortPasses":
        """From the disk. Raises BadInput, ValueError, KeyError or TypeError when that is damaged."""
        kept = cls()
        kept._given.extend(Given(MacAddress.parse(mac), datetime.fromisoformat(at)) for mac, at in body["given"])
        kept._running = {grant.device: grant for grant in grants_from_json(body["running"]).grants}
        kept._unreported = int(body["unreported"])
        return kept

    def _grant(self, device: MacAddress, address: IpAddress, policy: PassPolicy, now: datetime) -> Grant:
        return Grant(
            visit=f"{_PREFIX}{secrets.token_hex(8)}",
            number=self._free_number(),
            device=device,
            address=address,
            expires_at=now + timedelta(seconds=policy.pass_seconds),
            down_bps=policy.pass_down_bps,
            up_bps=policy.pass_up_bps,
            volume_bytes=policy.pass_volume_bytes,
        )

    def _free_number(self) -> int:
        taken = {grant.number for grant in self._running.values()}
        while NUMBERS[self._next % len(NUMBERS)] in taken:
            self._next += 1
        self._next += 1
        return NUMBERS[(self._next - 1) % len(NUMBERS)]

    def _forget(self, now: datetime) -> None:
        while self._given and self._given[0].at + _HOUR <= now:
            self._given.popleft()
        self._running = {device: grant for device, grant in self._running.items() if grant.expires_at > now}
