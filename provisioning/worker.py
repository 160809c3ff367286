"""Takes an approved push and carries it out. Any number of workers may run; each push has one of them."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from provisioning.config_files import ConfigFiles
from provisioning.driver import AccessPointDriver
from provisioning.gate import Gate, NotNow
from provisioning.outcomes import outcome_of
from provisioning.platforms import render
from provisioning.push import Pace, PushOrder, push
from wifi_manager import log
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.errors import BadInput, WifiError
from wifi_manager.domain.intent_documents import approved_intent
from wifi_manager.domain.outcomes import Outcome, OutcomeKind
from wifi_manager.domain.pushes import Push
from wifi_manager.services.change_control import ChangeControl, Reach

_BEATS_IN_SILENCE = 3

DriverMaker = Callable[[Management, str], AccessPointDriver]  # a place and the text of a private key


@dataclass(frozen=True)
class Worker:
    """One worker. `name` is unique among all that run; `undo_after` is how long a device waits for confirmation."""

    changes: ChangeControl
    make_driver: DriverMaker
    name: str
    undo_after: timedelta = timedelta(seconds=90)
    pace: Pace | None = None

    def step(self) -> Push | None:
        """Carry out the next push that is due; None when there is none."""
        claimed = self.claim()
        if claimed is not None:
            self.carry_out(claimed)
        return claimed

    def claim(self) -> Push | None:
        """Take the next push that is due; None when there is none."""
        return self.changes.claim(self.name)

    def carry_out(self, claimed: Push) -> None:
        """Push it and record how it ended. Raises where our own database fails: then it is left to be taken over."""
        with self._heartbeat(claimed):
            self._carry_out(claimed)

    def _carry_out(self, claimed: Push) -> None:
        try:
            reach = self.changes.reach(claimed.access_point)
        except WifiError as why:
            self._record(claimed, _said_by(why))
            return
        try:
            intent = approved_intent(claimed.intent)
            config = render(intent, reach.platform)
        except BadInput as why:
            self._record(claimed, Outcome(OutcomeKind.TEMPLATE_ERROR, str(why)))
            return
        host = str(intent.management.address.ip)
        with suppress(NotNow):  # then change control has put it back already, and said why
            self._record(claimed, self._pushed(claimed, reach, config, host), host)

    def _pushed(self, claimed: Push, reach: Reach, config: ConfigFiles, host: str) -> Outcome:
        try:
            old, new = self._drivers(reach, host)
            order = PushOrder(claimed.access_point, str(claimed.number), config, self.undo_after)
            gate = Gate(old, lambda: self.changes.may_start(claimed))
            return push(order, gate, gate if new is old else new, self.pace)
        except NotNow:
            raise
        except WifiError as why:
            return _said_by(why)

    def _drivers(self, reach: Reach, host: str) -> tuple[AccessPointDriver, AccessPointDriver]:
        old = self.make_driver(reach.management, reach.private_key)
        if host == reach.management.host:
            return old, old
        return old, self.make_driver(replace(reach.management, host=host), reach.private_key)

    def _record(self, claimed: Push, outcome: Outcome, host: str | None = None) -> None:
        about = {"push": claimed.number, "ap": claimed.access_point, "outcome": outcome.kind.value}
        _log().info("push ended", extra={**about, "reason": outcome.reason})
        if outcome.state is None:
            self.changes.postpone(claimed, self.name, outcome.sentence)
        else:
            self.changes.finish(claimed, self.name, outcome.state, reason=outcome.sentence, host=host)

    @contextmanager
    def _heartbeat(self, claimed: Push) -> Iterator[None]:
        done = threading.Event()
        interval = self.changes.silence.total_seconds() / _BEATS_IN_SILENCE

        def beat() -> None:
            while not done.wait(interval):
                try:
                    self.changes.heartbeat(claimed, self.name)
                except WifiError:
                    _log().warning("heart-beat missed", extra={"push": claimed.number})

        thread = threading.Thread(target=beat, name=f"heartbeat of push {claimed.number}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def _said_by(error: WifiError) -> Outcome:
    """Raises it again where our own database failed and not the device: nothing is known, so nothing is written."""
    outcome = outcome_of(error)
    if outcome is None:
        raise error
    return outcome


def _log() -> logging.Logger:
    return log.get("provisioning.worker")
