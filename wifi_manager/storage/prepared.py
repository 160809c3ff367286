"""Statements that every sign-in asks: SQLAlchemy writes each of them once, and the database's driver runs them.

SQLAlchemy's own way to run a statement takes several times longer than SQLite takes to answer it, and a crowd at a
concert pays for that. Transactions, connections and their pool stay SQLAlchemy's.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import sqlalchemy as sa

Row = dict[str, Any]
_Convert = Callable[[Any], Any]


class _Column(Protocol):
    key: str
    type: sa.types.TypeEngine[Any]


@dataclass(frozen=True, slots=True)
class _Written:
    """A statement as one driver takes it; values are converted on their way there, and on their way back."""

    text: str
    order: Sequence[str] | None  # of the parameters, where the driver takes them by position
    usual: dict[str, Any]  # values that the statement has by itself
    names: Sequence[str]  # of what it answers
    to_driver: Sequence[tuple[str, _Convert]]
    from_driver: Sequence[tuple[str, _Convert]]

    def parameters(self, given: Mapping[str, Any]) -> Any:
        values = {**self.usual, **given}
        for name, convert in self.to_driver:
            values[name] = convert(values[name])
        return values if self.order is None else [values[name] for name in self.order]

    def row(self, values: Sequence[Any]) -> Row:
        found = dict(zip(self.names, values, strict=True))
        for name, convert in self.from_driver:
            found[name] = convert(found[name])
        return found


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement, or by name of the dialect one for each kind of database. A list is one value: see `is_one_of`.

    `columns` names what an INSERT without a query is given.
    """

    statement: sa.Executable | Mapping[str, sa.Executable]
    columns: Sequence[str] | None = None
    _written: dict[str, _Written] = field(default_factory=dict)

    def first(self, connection: sa.Connection, given: Mapping[str, Any]) -> Row | None:
        """The first row of the answer, or None. Raises what SQLAlchemy would."""
        written, cursor = self._run(connection, given)
        values = cursor.fetchone()
        cursor.close()
        return None if values is None else written.row(values)

    def all(self, connection: sa.Connection, given: Mapping[str, Any]) -> list[Row]:
        """Every row of the answer. Raises what SQLAlchemy would."""
        written, cursor = self._run(connection, given)
        rows = [written.row(values) for values in cursor.fetchall()]
        cursor.close()
        return rows

    def change(self, connection: sa.Connection, given: Mapping[str, Any]) -> int:
        """Run it for its effect; the number of rows that it changed. Raises what SQLAlchemy would."""
        _, cursor = self._run(connection, given)
        changed = int(cursor.rowcount)
        cursor.close()
        return changed

    def _run(self, connection: sa.Connection, given: Mapping[str, Any]) -> tuple[_Written, Any]:
        written = self._written.get(connection.dialect.name) or self._write(connection.dialect)
        return written, run(connection, written.text, written.parameters(given))

    def _write(self, dialect: sa.Dialect) -> _Written:
        statement = self.statement[dialect.name] if isinstance(self.statement, Mapping) else self.statement
        compiled = cast("Any", statement).compile(dialect=dialect, column_keys=self.columns)
        columns = _columns(statement)
        kinds = {name: bind.type for bind, name in compiled.bind_names.items()}  # one may stand at several places
        written = _Written(
            text=str(compiled),
            order=compiled.positiontup,
            usual=compiled.params,
            names=[each.key for each in columns],
            to_driver=_needed((name, _to_driver(kind, dialect)) for name, kind in kinds.items()),
            from_driver=_needed((each.key, _from_driver(each.type, dialect)) for each in columns),
        )
        self._written[dialect.name] = written
        return written


def run(connection: sa.Connection, text: str, parameters: Any = ()) -> Any:
    """Have the database's driver run a statement; its cursor. Raises what SQLAlchemy would."""
    driver: Any = connection.connection.dbapi_connection
    try:
        return driver.execute(text, parameters)  # makes a cursor, as both drivers do
    except connection.dialect.loaded_dbapi.Error as problem:
        raise _said_by_sqlalchemy(connection, text, problem) from problem


def commit(connection: sa.Connection) -> None:
    """Have the database's driver commit. Raises what SQLAlchemy would."""
    driver: Any = connection.connection.dbapi_connection
    try:
        driver.commit()
    except connection.dialect.loaded_dbapi.Error as problem:
        raise _said_by_sqlalchemy(connection, "COMMIT", problem) from problem


def is_one_of(column: sa.Column[str], parameter: str) -> Mapping[str, sa.ColumnElement[bool]]:
    """By name of the dialect: whether the column is one of the texts of a list, which is a single parameter."""
    texts = sa.func.json_each(sa.bindparam(parameter, type_=sa.JSON)).table_valued("value")
    return {
        "sqlite": column.in_(sa.select(texts.c.value)),
        "postgresql": column == sa.any_(sa.bindparam(parameter, type_=sa.ARRAY(sa.Text))),
    }


def _columns(statement: Any) -> Sequence[_Column]:
    """What it answers, by name: nothing where it changes rows and returns none."""
    return list(statement.exported_columns)


def _needed(converts: Iterable[tuple[str, _Convert | None]]) -> list[tuple[str, _Convert]]:
    """Most values are as the driver takes or gives them."""
    return [(name, convert) for name, convert in converts if convert is not None]


def _to_driver(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> _Convert | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _from_driver(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> _Convert | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _said_by_sqlalchemy(connection: sa.Connection, text: str, problem: Exception) -> Exception:
    """The same in SQLAlchemy's words. A connection that is lost is not handed to anybody again."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(cast("Any", problem), connection.connection, None)
    if lost:
        connection.invalidate(problem)
    error = dialect.loaded_dbapi.Error
    return sa.exc.DBAPIError.instance(text, None, problem, error, connection_invalidated=lost, dialect=dialect)
