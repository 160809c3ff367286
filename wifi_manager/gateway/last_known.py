"""The last that control said, kept up by its news: each costs the same, beside whatever number of grants."""

from collections.abc import Container, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from wifi_manager.domain.grants import Grant, Usage
from wifi_manager.gateway.city_time import Moment
from wifi_manager.wire.grants import GrantChanges, GrantList


class LastKnown:
    """What control said last, when it came, and what each visit had used by then."""

    def __init__(self, answer: GrantList, received: Moment, usage: tuple[Usage, ...] = ()) -> None:
        self.received = received
        self.usage = usage
        self._frame = replace(answer, grants=())
        self._grants = {grant.number: grant for grant in answer.grants}
        self._visits = {grant.visit for grant in answer.grants}

    @property
    def revision(self) -> int:
        """The revision that it has come to."""
        return self._frame.revision

    @property
    def frame(self) -> GrantList:
        """All but the grants: when, who is blocked, the policy for passes, and who signs in with an eID."""
        return self._frame

    @property
    def answer(self) -> GrantList:
        """The whole list; it takes as long as it has grants."""
        return replace(self._frame, grants=tuple(self._grants.values()))

    @property
    def grants(self) -> Mapping[int, Grant]:
        """By number, as they are at each look."""
        return MappingProxyType(self._grants)

    @property
    def visits(self) -> Container[str]:
        """The grants' visits, as they are at each look."""
        return self._visits

    def forget_expired(self, now: datetime) -> None:
        """Forget grants whose time is over: control does not tell of these. `now` is control's time."""
        for number in [number for number, grant in self._grants.items() if grant.expires_at <= now]:
            self._visits.discard(self._grants.pop(number).visit)

    def take(self, news: GrantChanges, received: Moment) -> frozenset[int]:
        """Make the changes, which are since this revision; numbers of the grants that are others now."""
        numbers = frozenset((*news.gone, *(grant.number for grant in news.grants)))
        for number in numbers:
            if (gone := self._grants.pop(number, None)) is not None:
                self._visits.discard(gone.visit)
        self._grants.update((grant.number, grant) for grant in news.grants)
        self._visits.update(grant.visit for grant in news.grants)
        self._frame, self.received = replace(self._frame.after(news), grants=()), received
        return numbers
