"""Rows of which there may be one only: whoever comes first inserts it, and who comes second learns so in peace.

A statement refused by a unique constraint would end the whole transaction on PostgreSQL, and a savepoint around it
costs three statements more.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T", bound=sa.Insert)


def insert_once(
    table: sa.Table,
    returning: sa.Column[Any],
    columns: Sequence[sa.Column[Any]] = (),
    query: sa.Select[Any] | None = None,
) -> Mapping[str, sa.Insert]:
    """By name of the dialect: an INSERT that does nothing, and returns nothing, where a unique row stands already.

    It inserts the values that it is given, or what `query` finds for `columns`.
    """
    return {
        "sqlite": _filled(sqlite.insert(table), columns, query).on_conflict_do_nothing().returning(returning),
        "postgresql": _filled(postgresql.insert(table), columns, query).on_conflict_do_nothing().returning(returning),
    }


def _filled(insert: T, columns: Sequence[sa.Column[Any]], query: sa.Select[Any] | None) -> T:
    return insert if query is None else insert.from_select(columns, query)
