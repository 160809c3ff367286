"""Looks after rollouts while a worker runs: several may do so at once, and none is missed when all are stopped."""

import threading
from dataclasses import dataclass

from wifi_manager import log
from wifi_manager.services.rollouts import Rollouts

_PAUSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class RolloutKeeper:
    """Advances rollouts every other second."""

    rollouts: Rollouts
    pause_seconds: float = _PAUSE_SECONDS

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        while not stop.wait(self.pause_seconds):
            self._advance_safely()

    def _advance_safely(self) -> None:
        try:
            self.rollouts.advance()
        except Exception:  # noqa: BLE001 - the outermost loop: whatever failed, the next look must come
            log.get("provisioning.rollouts").exception("rollouts were not looked after")
