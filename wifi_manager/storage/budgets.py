"""Budgets of one city: spent together with what they pay for, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from wifi_manager.domain.budgets import Budget
from wifi_manager.storage.rows.budgets import budget as table

_KEY = (table.c.city_id, table.c.what, table.c.whom, table.c.since)
_ONE_MORE = {"used": table.c.used + 1}
_IS_LEFT = table.c.used < sa.bindparam("most")
_SPEND: Mapping[str, sa.Insert] = {
    "sqlite": sqlite.insert(table).on_conflict_do_update(_KEY, set_=_ONE_MORE, where=_IS_LEFT),
    "postgresql": postgresql.insert(table).on_conflict_do_update(index_elements=_KEY, set_=_ONE_MORE, where=_IS_LEFT),
}


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
        spending = _SPEND[self.connection.dialect.name].returning(table.c.used)
        return self.connection.scalar(spending, values) or 0

    def give_back(self, budget: Budget) -> None:
        """Undo one `spend`."""
        found = sa.and_(self._is_of(budget), table.c.used > 0)
        self.connection.execute(sa.update(table).where(found).values(used=table.c.used - 1))

    def left(self, budget: Budget) -> int:
        """How often it can still be spent."""
        used = self.connection.scalar(sa.select(table.c.used).where(self._is_of(budget))) or 0
        return max(budget.limit - used, 0)

    def count(self, what: str, begin: datetime, end: datetime) -> int:
        """How often this happened to anybody in spans that began from `begin` on and before `end`."""
        within = sa.and_(table.c.since >= begin, table.c.since < end)
        mine = sa.and_(table.c.city_id == self.city_id, table.c.what == what, within)
        return int(self.connection.scalar(sa.select(sa.func.coalesce(sa.func.sum(table.c.used), 0)).where(mine)) or 0)

    def forget(self, before: datetime) -> int:
        """Forget spans that began before then; returns how many."""
        old = sa.and_(table.c.city_id == self.city_id, table.c.since < before)
        return self.connection.execute(sa.delete(table).where(old)).rowcount

    def _is_of(self, budget: Budget) -> sa.ColumnElement[bool]:
        about = sa.and_(table.c.what == budget.what, table.c.whom == budget.whom, table.c.since == budget.since)
        return sa.and_(table.c.city_id == self.city_id, about)
