"""Certificates of gateways: for which names each may have one, how it stands, when the next is ordered. Pure."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from wifi_manager.domain.errors import Forbidden, OutsideFailure

FORGOTTEN_AFTER = timedelta(days=14)  # a gateway that has not asked for so long gets no new one until it asks again
_RENEWED_AT, _EARLIER = 2 / 3, 1 / 20  # of a certificate's life, and by up to how much earlier, so that loads spread
_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+")


class FailureKind(StrEnum):
    """Why an order came to nothing, as far as it matters for the next try."""

    AWAY = "away"  # authority or name server did not answer: no try was counted there
    REFUSED = "refused"  # the authority looked and said no: it counts such tries and shuts out who goes on
    LIMITED = "limited"  # the authority wants fewer orders, and may have said for how long


_PAUSES = {  # the first pause, by what it grows each time, and the longest one
    FailureKind.AWAY: (timedelta(seconds=5), 2, timedelta(minutes=15)),
    FailureKind.REFUSED: (timedelta(minutes=1), 4, timedelta(hours=12)),
    FailureKind.LIMITED: (timedelta(minutes=10), 2, timedelta(hours=12)),
}
_MOST_STEPS = 12
_LONGEST_RETRY_AFTER = timedelta(days=7)


class NotCertified(OutsideFailure):
    """An order came to nothing. `retry_after` is what the authority asked for (RFC 9110, 10.2.3), if it did."""

    def __init__(self, message: str, kind: FailureKind, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.retry_after = retry_after


class CertificateState(StrEnum):
    """How a gateway's certificate stands."""

    WAITING = "waiting"  # asked for, and not issued yet
    VALID = "valid"
    FAILING = "failing"  # the newest order came to nothing; one that was issued before is served as long as it lasts
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class CertificateStanding:
    """What there is to know about one gateway's certificate, without the certificate."""

    gateway: str
    names: tuple[str, ...]
    heard_at: datetime  # when the gateway last asked, to the day
    due_at: datetime  # when the next one is to be ordered: in the past while it is being tried
    try_at: datetime  # when it is ordered next: later than that after a failure
    issued_at: datetime | None = None
    ends_at: datetime | None = None
    problem: str = ""  # why the newest order failed
    failures: int = 0  # orders that failed, ever

    def state(self, now: datetime) -> CertificateState:
        """How it stands at this moment."""
        if self.ends_at is not None and self.ends_at <= now:
            return CertificateState.EXPIRED
        if self.problem:
            return CertificateState.FAILING
        return CertificateState.WAITING if self.ends_at is None else CertificateState.VALID

    def is_forgotten(self, now: datetime) -> bool:
        """True where the gateway has not asked for so long that it may be gone for good."""
        return self.heard_at < now - FORGOTTEN_AFTER


@dataclass(frozen=True, slots=True)
class NameRules:
    """Which names a gateway may have a certificate for: a stolen gateway gets none for the city's portal.

    `shared` are the names that every gateway may answer to; `own_names_under` is the zone in which each has a name of
    its own, or empty.
    """

    shared: frozenset[str]
    own_names_under: str = ""

    def wanted(self, gateway: str, asked: Collection[str]) -> tuple[str, ...]:
        """The names that its certificate shall have: those asked for, and its own name where the city gives it one.

        The own name makes each gateway's set of names another one: authorities limit how many certificates they issue
        for exactly the same set. Raises Forbidden for a name that is not the gateway's.
        """
        own = own_name(gateway, self.own_names_under)
        if strangers := set(asked) - self.shared - own:
            raise Forbidden(
                f"Gateway {gateway} may have no certificate for {', '.join(sorted(strangers))}. Its [face] name is "
                "one of [certificates] names, or its own name below [certificates] own_names_under."
            )
        return tuple(sorted({*asked, *own}))


def own_name(gateway: str, zone: str) -> frozenset[str]:
    """A gateway's own name in the zone, if there is a zone and the gateway is called like a host (RFC 1123, 2.1)."""
    name = f"{gateway.lower()}.{zone}"
    return frozenset({name} if zone and _HOST_NAME.fullmatch(name) else ())


def renewal(begins_at: datetime, ends_at: datetime, chance: float) -> datetime:
    """When to order the next one: at two thirds of its life, or by `chance` (0 to 1) a little earlier."""
    return begins_at + (ends_at - begins_at) * (_RENEWED_AT - _EARLIER * chance)


def pause(failure: NotCertified, earlier_failures: int, chance: float) -> timedelta:
    """How long to wait before the next try: longer each time, never shorter than the authority asked for.

    `chance` (0 to 1) makes it up to a fifth longer, so that those who failed together do not come back together.
    """
    first, growth, longest = _PAUSES[failure.kind]
    own = min(first * int(growth ** min(earlier_failures, _MOST_STEPS)), longest)
    asked = min(failure.retry_after or timedelta(), _LONGEST_RETRY_AFTER)
    return max(own, asked) * (1 + chance / 5)
