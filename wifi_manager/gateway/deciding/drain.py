"""Draining: the gateway takes no newcomers, so that it can be taken away when the last visit has ended."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from wifi_manager import log
from wifi_manager.domain.errors import WifiError
from wifi_manager.domain.grants import Grant
from wifi_manager.gateway.state import StateFolder

_LOG = log.get(__name__)
_NAME = "drain"


@dataclass(frozen=True, slots=True)
class Drain:
    """Newcomers are refused. Who is online stays until the end of the visit, but not beyond `until`."""

    until: datetime | None = None

    def capped(self, grants: Mapping[int, Grant]) -> Mapping[int, Grant]:
        """The grants, none of them beyond `until`. When the drain ends before them, they go on as granted."""
        if (until := self.until) is None:
            return grants
        return {number: replace(each, expires_at=min(each.expires_at, until)) for number, each in grants.items()}

    def to_json(self) -> dict[str, Any]:
        """For the disk."""
        return {"until": None if self.until is None else self.until.isoformat()}

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> "Drain":
        """From the disk. Raises ValueError, KeyError or TypeError when that is damaged."""
        return cls(None if body["until"] is None else datetime.fromisoformat(body["until"]))


class Draining:
    """Whether this gateway is being drained: said by a file in the state folder, so that it survives restarts."""

    def __init__(self, state: StateFolder) -> None:
        self._state = state
        self._stamp: tuple[int, int] | None = None
        self._drain: Drain | None = None

    def begin(self, drain: Drain) -> None:
        """Take no newcomers from now on. Raises OutsideFailure when the disk refuses."""
        self._state.keep(_NAME, drain.to_json())

    def end(self) -> None:
        """Take newcomers again. Raises OutsideFailure when the disk refuses."""
        self._state.drop(_NAME)

    def now(self) -> Drain | None:
        """The drain, or None. Asked for each page: the file is read again only when it is another one."""
        stamp = self._state.stamp(_NAME)
        if stamp != self._stamp:
            self._drain, self._stamp = (None if stamp is None else self._read()), stamp
        return self._drain

    def _read(self) -> Drain | None:
        try:
            body = self._state.kept(_NAME)
            return None if body is None else Drain.from_json(body)
        except (WifiError, ValueError, KeyError, TypeError) as damaged:
            _LOG.warning(
                "drain.json is damaged: no newcomers until it is written anew", extra={"problem": str(damaged)}
            )
            return Drain()
