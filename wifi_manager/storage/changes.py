"""Whose grant has changed at which revision of a gateway: so that a gateway is told the news and not everything.

A revision is the moment of its change in milliseconds since 1970, or one more than the revision before it, whichever
is later. So a database restored from a backup gives no revision a second time, and a gateway that goes on from one
that this database does not know is noticed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from wifi_manager.storage.gateways import no_such_gateway
from wifi_manager.storage.prepared import Prepared, Row
from wifi_manager.storage.rows.inventory import gateway
from wifi_manager.storage.rows.visits import grant_change

MOST_CHANGES = 1000  # more than these are told as a whole list, which is no larger then
_LOST_AFTER = timedelta(days=1)  # a gateway that was silent for so long is told everything

# Made once, for these are asked with every sign-in: SQLAlchemy takes longer to make a statement than to run it.
_NOW_MS = sa.bindparam("now_ms", type_=sa.BigInteger)
_NEXT = sa.case((gateway.c.revision < _NOW_MS, _NOW_MS), else_=gateway.c.revision + 1)
_NAMED = sa.and_(gateway.c.city_id == sa.bindparam("city"), gateway.c.name == sa.bindparam("gateway"))
_BUMPED = sa.update(gateway).where(_NAMED).values(revision=_NEXT).returning(gateway.c.id, gateway.c.revision)
_NEWS_COLUMNS = ("city_id", "gateway_id", "revision", "number")
_BUMP = Prepared(_BUMPED)
_BUMP_WHOLE = Prepared(_BUMPED.values(whole_revision=_NEXT))
_CHANGE = Prepared(sa.insert(grant_change), _NEWS_COLUMNS)


def _note_at_once() -> sa.Select[tuple[int]]:
    """Both in one question, which SQLite cannot be asked: a round trip less, and a lock held for less time."""
    bumped = _BUMPED.returning(gateway.c.city_id).cte("bumped")
    number = sa.func.unnest(sa.bindparam("numbers", type_=sa.ARRAY(sa.BigInteger))).column_valued("number")
    news = sa.select(bumped.c.city_id, bumped.c.id, bumped.c.revision, number)
    noted = sa.insert(grant_change).from_select(_NEWS_COLUMNS, news).returning(grant_change.c.number).cte("noted")
    return sa.select(bumped.c.revision).add_cte(noted)


_NOTE_AT_ONCE = Prepared({"postgresql": _note_at_once()})
_STANDING = Prepared(sa.select(gateway.c.id, gateway.c.revision, gateway.c.whole_revision).where(_NAMED))
_SINCE = (
    sa.select(grant_change.c.revision, grant_change.c.number)
    .where(grant_change.c.gateway_id == sa.bindparam("at"), grant_change.c.revision >= sa.bindparam("base"))
    .limit(MOST_CHANGES)
)


@dataclass(frozen=True, slots=True)
class Changed:
    """What a gateway has not heard of yet: up to this revision the grants of these devices, by their numbers."""

    revision: int
    numbers: frozenset[int]


@dataclass(frozen=True)
class Changes:
    """Notes changes of grants, each in the transaction that makes them, and says what is news to a gateway."""

    connection: sa.Connection
    city_id: int

    def note(self, gateway_name: str, numbers: Collection[int], now: datetime) -> int:
        """The grants of these devices are others now; returns the revision to be acknowledged.

        Whoever notes changes at several gateways does so in the order of their names. Raises NotFound.
        """
        if self.connection.dialect.name == "postgresql":
            return int(self._one(_NOTE_AT_ONCE, gateway_name, now_ms=_ms(now), numbers=sorted(numbers))["revision"])
        bumped = self._one(_BUMP, gateway_name, now_ms=_ms(now))
        for number in sorted(numbers):
            given = {"city_id": self.city_id, "gateway_id": bumped["id"], "revision": bumped["revision"]}
            _CHANGE.change(self.connection, {**given, "number": number})
        return int(bumped["revision"])

    def note_all(self, gateway_name: str, now: datetime) -> int:
        """Anything may have changed at this gateway: it is told everything. Raises NotFound."""
        return int(self._one(_BUMP_WHOLE, gateway_name, now_ms=_ms(now))["revision"])

    def note_everywhere(self, number: int, now: datetime) -> None:
        """Something has changed for this device at every gateway."""
        self._update_all(now, {"revision": _NEXT})
        news = sa.select(gateway.c.city_id, gateway.c.id, gateway.c.revision, sa.literal(number, sa.BigInteger))
        news = news.where(gateway.c.city_id == self.city_id)
        self.connection.execute(sa.insert(grant_change).from_select(_NEWS_COLUMNS, news))

    def note_all_everywhere(self, now: datetime) -> None:
        """Anything may have changed anywhere."""
        self._update_all(now, {"revision": _NEXT, "whole_revision": _NEXT})

    def since(self, gateway_name: str, base: int) -> Changed | None:
        """What is news to a gateway that enforces revision `base`; None where it must be told everything.

        Raises NotFound.
        """
        standing = self._one(_STANDING, gateway_name)
        at, revision = standing["id"], standing["revision"]
        if not standing["whole_revision"] <= base <= revision:
            return None
        if base == revision:
            return Changed(base, frozenset())
        # The rows of the base itself come along: where there are none, this database never gave that revision.
        rows = self.connection.execute(_SINCE, {"at": at, "base": base}).all()
        if len(rows) == MOST_CHANGES or all(noted != base for noted, _ in rows):
            return None
        return Changed(revision, frozenset(number for noted, number in rows if noted > base))

    def forget(self, before: datetime) -> int:
        """Forget what was noted before then and every gateway that is not lost has heard of; returns how many."""
        acknowledged = sa.select(gateway.c.acknowledged).where(gateway.c.id == grant_change.c.gateway_id)
        heard = grant_change.c.revision < acknowledged.scalar_subquery()
        old = sa.and_(grant_change.c.revision < _ms(before), heard)
        lost = grant_change.c.revision < _ms(before - _LOST_AFTER)
        mine = grant_change.c.city_id == self.city_id
        return self.connection.execute(sa.delete(grant_change).where(mine, sa.or_(old, lost))).rowcount

    def _one(self, statement: Prepared, gateway_name: str, **given: object) -> Row:
        named = {"city": self.city_id, "gateway": gateway_name}
        row = statement.first(self.connection, {**named, **given})
        if row is None:
            raise no_such_gateway(gateway_name)
        return row

    def _update_all(self, now: datetime, values: dict[str, sa.ColumnElement[int]]) -> None:
        mine = gateway.c.city_id == self.city_id
        # In the order of their names, as everybody takes them: PostgreSQL would end one of two that cross.
        self.connection.execute(sa.select(gateway.c.id).where(mine).order_by(gateway.c.name).with_for_update())
        self.connection.execute(sa.update(gateway).where(mine).values(values), {"now_ms": _ms(now)})


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
