"""Budgets of one city: spent together with what they pay for, in one transaction."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from wifi_manager.domain.budgets import Budget
from wifi_manager.storage.prepared import Prepared, is_one_of
from wifi_manager.storage.rows.base import Moment
from wifi_manager.storage.rows.budgets import budget as table

# Made once, here: SQLAlchemy takes longer to make a statement than to run it.
_KEY = (table.c.city_id, table.c.what, table.c.whom, table.c.since)
_ONE_MORE = {"used": table.c.used + 1}
_IS_LEFT = table.c.used < sa.bindparam("most")
_SPEND = Prepared(
    {
        "sqlite": sqlite.insert(table)
        .on_conflict_do_update(_KEY, set_=_ONE_MORE, where=_IS_LEFT)
        .returning(table.c.used),
        "postgresql": postgresql.insert(table)
        .on_conflict_do_update(index_elements=_KEY, set_=_ONE_MORE, where=_IS_LEFT)
        .returning(table.c.used),
    },
    ("city_id", "what", "whom", "since", "used"),
)
_CITY = sa.bindparam("city", type_=sa.BigInteger)
_BEGIN, _END = sa.bindparam("begin", type_=Moment), sa.bindparam("end", type_=Moment)
_IS_OF = sa.and_(
    table.c.city_id == _CITY,
    table.c.what == sa.bindparam("about"),
    table.c.whom == sa.bindparam("of"),
    table.c.since == _BEGIN,
)
_USED = Prepared(sa.select(table.c.used).where(_IS_OF))
_GIVE_BACK = Prepared(sa.update(table).where(_IS_OF, table.c.used > 0).values(used=table.c.used - 1))
_COUNT = Prepared(
    {
        dialect: sa.select(table.c.what, sa.func.sum(table.c.used).label("used"))
        .where(table.c.city_id == _CITY, is_named, table.c.whom == b"", table.c.since >= _BEGIN, table.c.since < _END)
        .group_by(table.c.what)
        for dialect, is_named in is_one_of(table.c.what, "whats").items()
    }
)


@dataclass(frozen=True)
class Budgets:
    """Counts what was spent. Several budgets are always spent in one order, so that transactions never cross."""

    connection: sa.Connection
    city_id: int

    def spend(self, budget: Budget) -> int:
        """Spend one of it and say how many that makes; 0, and nothing spent, when it was used up."""
        if budget.limit < 1:
            return 0
        given = {"city_id": self.city_id, "what": budget.what, "whom": budget.whom, "since": budget.since}
        values = {**given, "used": 1, "most": budget.limit}
        spent = _SPEND.first(self.connection, values)
        return 0 if spent is None else int(spent["used"])

    def give_back(self, budget: Budget) -> None:
        """Undo one `spend`."""
        _GIVE_BACK.change(self.connection, self._named(budget))

    def left(self, budget: Budget) -> int:
        """How often it can still be spent."""
        found = _USED.first(self.connection, self._named(budget))
        return max(budget.limit - (0 if found is None else int(found["used"])), 0)

    def counts(self, whats: Collection[str], begin: datetime, end: datetime) -> Mapping[str, int]:
        """How often each happened in the whole city, in spans that began from `begin` on and before `end`."""
        given = {"city": self.city_id, "whats": list(whats), "begin": begin, "end": end}
        found = {row["what"]: int(row["used"]) for row in _COUNT.all(self.connection, given)}
        return {what: found.get(what, 0) for what in whats}

    def _named(self, budget: Budget) -> dict[str, object]:
        return {"city": self.city_id, "about": budget.what, "of": budget.whom, "begin": budget.since}
