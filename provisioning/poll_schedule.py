"""When each access point is looked at next, and by whom: those in doubt never stand before the others. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

LONGEST_SECONDS = 300.0  # below the ten minutes after which nothing is known any more
QUICK_SECONDS = 10.0  # a look that takes longer is left to the patient


@dataclass(slots=True)
class Schedule:
    """Of all access points, in seconds of one clock. `jitter` gives factors around 1: polls must not march in step.

    One that does not answer is asked again after one interval, then after two, four, and at most LONGEST_SECONDS.
    """

    interval: float
    jitter: Callable[[], float]
    _due: dict[str, float] = field(default_factory=dict, init=False)
    _misses: dict[str, int] = field(default_factory=dict, init=False)
    _slow: set[str] = field(default_factory=set, init=False)
    _busy: set[str] = field(default_factory=set, init=False)

    def take_due(self, targets: Iterable[str], now: float) -> list[str]:
        """Those to be looked at now. Each is busy from here on, until it is `done`."""
        due = [each for each in targets if each not in self._busy and self._due.get(each, 0.0) <= now]
        self._busy.update(due)
        return due

    def begun(self, external_id: str, now: float) -> None:
        """Its look begins only now: the next one is an interval later, however long it stood in the queue."""
        self._due[external_id] = now + self.interval * self.jitter()

    def done(self, external_id: str, now: float, *, answered: bool, seconds: float) -> None:
        """A look has ended, after so many seconds."""
        self._busy.discard(external_id)
        (self._slow.add if seconds > QUICK_SECONDS else self._slow.discard)(external_id)
        if answered:
            self._misses.pop(external_id, None)
            return
        misses = self._misses[external_id] = self._misses.get(external_id, 0) + 1
        pause = min(self.interval * 2 ** min(misses - 1, 16), max(LONGEST_SECONDS, self.interval))
        self._due[external_id] = now + pause * self.jitter()

    def is_doubtful(self, external_id: str) -> bool:
        """Whether it did not answer the last time, or was slow: it is left to the patient."""
        return external_id in self._misses or external_id in self._slow

    def forget_all_but(self, targets: Iterable[str]) -> list[str]:
        """Those that are gone, which are forgotten."""
        gone = [each for each in self._due.keys() - set(targets) if each not in self._busy]
        for each in gone:
            self._due.pop(each)
            self._misses.pop(each, None)
            self._slow.discard(each)
        return gone
