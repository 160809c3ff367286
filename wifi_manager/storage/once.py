"""Rows of which there may be one only: whoever comes first inserts it, and who comes second learns so in peace.

A statement refused by a unique constraint would end the whole transaction on PostgreSQL, and a savepoint around it
costs three statements more.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def insert_once(table: sa.Table, returning: sa.Column[Any]) -> Mapping[str, sa.Insert]:
    """By name of the dialect: an INSERT that does nothing, and returns nothing, where a unique row stands already."""
    return {
        "sqlite": sqlite.insert(table).on_conflict_do_nothing().returning(returning),
        "postgresql": postgresql.insert(table).on_conflict_do_nothing().returning(returning),
    }
