"""Who may change an access point: proposed, approved, claimed by one worker, ended with an outcome; all audited."""

from dataclasses import dataclass, replace
from datetime import UTC, timedelta, tzinfo

from wifi_manager.clock import Clock
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.errors import NotFound
from wifi_manager.domain.pushes import Push, PushState
from wifi_manager.services.maintenance import NEEDED, calendar
from wifi_manager.storage.pushes import Wanted
from wifi_manager.storage.store import Store, Transaction

SILENCE = timedelta(seconds=30)  # a worker beats three times in it; then another takes over
_LOOKED_AT = 20  # pushes outside their windows that one call gives back, so that nobody waits long for it
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=15), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Reach:
    """How to sign in to one access point. The key is in no repr."""

    management: Management
    private_key: str
    platform: str = ""  # as the inventory has it

    def __repr__(self) -> str:
        """Without the key."""
        return f"Reach({self.management})"


@dataclass(frozen=True)
class ChangeControl:
    """The life of pushes, for the command line, the console and the workers."""

    store: Store
    clock: Clock
    silence: timedelta = SILENCE
    zone: tzinfo = UTC  # of maintenance windows
    needed: timedelta = NEEDED  # how long a window has to stay open for a push

    def enrol(self, external_id: str, platform: str, reach: Reach, *, by: str) -> None:
        """Take an access point under management: its place, pinned host key and our key to it. Raises NotFound."""
        with self.store.begin() as tx:
            tx.access_points.manage(external_id, platform, reach.management)
            tx.pushes.set_credential(external_id, reach.private_key)
            place = f"{reach.management.host}:{reach.management.port}"
            after = {"platform": platform, "management": place, "host_key": reach.management.host_key}
            tx.audit.add(self._entry(by, "enrolled", "access point", external_id, after))

    def reach(self, external_id: str) -> Reach:
        """How to sign in to an access point. Raises NotFound before it is enrolled."""
        with self.store.read() as tx:
            point = tx.access_points.get(external_id)
            if point is None or point.management is None:
                raise NotFound(f"{external_id} is not enrolled. Run `wifi-manager provision enrol {external_id} …`.")
            return Reach(point.management, tx.pushes.credential(external_id), point.platform)

    def propose(self, external_id: str, intent: str, digest: str, *, by: str) -> Push:
        """Ask for a change of one access point. Nothing reaches it before `approve`."""
        with self.store.begin() as tx:
            push = tx.pushes.propose(external_id, intent, digest, by=by, at=self.clock.now())
            tx.audit.add(self._entry(by, "proposed", "push", str(push.number), {"access point": external_id}))
            return push

    def approve(self, number: int, *, by: str, at_any_hour: str = "") -> None:
        """Let a worker carry it out; `at_any_hour` is why maintenance windows do not hold for it, if they do not.

        Raises NotFound, or Conflict when it does not wait for approval.
        """
        with self.store.begin() as tx:
            tx.pushes.approve(number, by, any_hour=bool(at_any_hour))
            after = {"at any hour": at_any_hour} if at_any_hour else None
            tx.audit.add(self._entry(by, "approved", "push", str(number), after))

    def cancel(self, number: int, *, by: str) -> None:
        """Take it back. Raises NotFound, or Conflict when a worker has begun."""
        with self.store.begin() as tx:
            tx.pushes.cancel(number, by, self.clock.now())
            tx.audit.add(self._entry(by, "cancelled", "push", str(number)))

    def claim(self, worker: str) -> Push | None:
        """The next push for this worker, or None. What is outside its maintenance window goes back untried."""
        for _ in range(_LOOKED_AT):
            with self.store.begin() as tx:
                found = tx.pushes.claim(worker, self.clock.now(), self.silence)
                if found is None or found.attempts > 1 or self._may_start(tx, found):
                    return found
        return None

    def may_start(self, push: Push) -> bool:
        """Whether it may be sent now: its maintenance window is open for long enough. Else it goes back."""
        with self.store.begin() as tx:
            return self._may_start(tx, push)

    def _may_start(self, tx: Transaction, push: Push) -> bool:
        site, now = tx.pushes.site(push.number), self.clock.now()
        if site is None:
            return True
        found = calendar(tx, self.zone)
        start = found.start(site, now, self.needed)
        if start.at == now:
            return True
        tx.pushes.wait(push.number, start, start.at or now + _LONGEST_WAIT, found.why_not(start, self.needed))
        return False

    def heartbeat(self, push: Push, worker: str) -> bool:
        """Say that the worker lives. False: another has taken over."""
        with self.store.begin() as tx:
            return tx.pushes.heartbeat(push.number, worker, self.clock.now())

    def postpone(self, push: Push, worker: str, reason: str) -> None:
        """The device does not answer: try again later, each time after twice as long, at most an hour.

        Audited when the reason is another one than at the last try.
        """
        wait = min(_FIRST_WAIT * 2 ** min(push.attempts - 1, 10), _LONGEST_WAIT)
        with self.store.begin() as tx:
            kept = tx.pushes.postpone(push.number, worker, until=self.clock.now() + wait, reason=reason)
            if kept and reason != push.reason:
                after = {"access point": push.access_point, "reason": reason}
                tx.audit.add(self._entry("provision worker", "postponed", "push", str(push.number), after))

    def finish(self, push: Push, worker: str, state: PushState, *, reason: str = "", host: str | None = None) -> bool:
        """Record the outcome, what the access point should run from now on, and its new address if it has one.

        False when another worker had taken over: then its word counts.
        """
        now = self.clock.now()
        with self.store.begin() as tx:
            if not tx.pushes.finish(push.number, worker, state, reason=reason, at=now):
                return False
            if state in {PushState.COMMITTED, PushState.UNCHANGED}:
                tx.pushes.set_wanted(push.access_point, Wanted(push.intent, push.digest, now))
                point = tx.access_points.get(push.access_point)
                if host is not None and point is not None and point.management is not None:
                    tx.access_points.manage(point.external_id, point.platform, replace(point.management, host=host))
            after = {"access point": push.access_point, "reason": reason}
            tx.audit.add(self._entry("provision worker", state.value, "push", str(push.number), after))
            return True

    def _entry(
        self, actor: str, action: str, noun: str, subject: str, after: dict[str, str] | None = None
    ) -> AuditEntry:
        return AuditEntry(self.clock.now(), actor, action, noun, subject, None, after)
