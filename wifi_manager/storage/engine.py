"""Opens the database named by a URL: embedded SQLite by default, PostgreSQL 15 or later for large cities."""

import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.errors import BadInput

SQLITE_DRIVER = "sqlite+pysqlite"
POSTGRES_DRIVER = "postgresql+psycopg"
_DRIVERS = {
    "sqlite": SQLITE_DRIVER,
    SQLITE_DRIVER: SQLITE_DRIVER,
    "postgresql": POSTGRES_DRIVER,
    POSTGRES_DRIVER: POSTGRES_DRIVER,
}


def open_engine(url: str, busy_timeout_seconds: float = 10) -> sa.Engine:
    """Open a database. Nothing is created but the folder of an SQLite file.

    Raises BadInput when the URL is not one of ours. Whether anybody answers is seen at the first transaction.
    """
    parsed = _parse(url)
    if parsed.drivername == SQLITE_DRIVER:
        return _open_sqlite(parsed, busy_timeout_seconds)
    return sa.create_engine(
        parsed,
        pool_pre_ping=True,  # a restarted server costs one reconnect, not one error page
        pool_size=16,  # the portal's threads, each with at most one transaction
        connect_args={"connect_timeout": max(2, int(busy_timeout_seconds)), "application_name": "wifi-manager"},
    )


def _parse(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as broken:
        raise BadInput(
            "The database URL cannot be read. Examples: sqlite:///var/wifi-manager.db, postgresql://host/wifi"
        ) from broken
    driver = _DRIVERS.get(parsed.drivername)
    if driver is None:
        raise BadInput(f"Databases of kind {parsed.drivername!r} are not supported: use sqlite:/// or postgresql://.")
    return parsed.set(drivername=driver)


def _open_sqlite(url: sa.URL, busy_timeout_seconds: float) -> sa.Engine:
    if not url.database or url.database == ":memory:":
        raise BadInput(
            "An SQLite database needs a file, since several processes share it: sqlite:///var/wifi-manager.db"
        )
    Path(url.database).absolute().parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, connect_args={"timeout": busy_timeout_seconds})

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver's own BEGIN comes too late and is never IMMEDIATE; _begin below says it instead.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",  # readers never wait for the writer
            "synchronous=NORMAL",  # a killed process loses nothing; a power cut at most the last moments
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # A deferred transaction that reads first and writes later fails at once when somebody wrote in between;
        # taking the write lock at the start waits its turn instead.
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
