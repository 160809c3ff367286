"""Opens the database named by a URL: embedded SQLite by default, PostgreSQL 15 or later for large cities."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from wifi_manager import waits
from wifi_manager.domain.errors import BadInput, OutsideFailure
from wifi_manager.storage.prepared import commit, run
from wifi_manager.storage.shared_loop import share

SQLITE_DRIVER = "sqlite+pysqlite"
POSTGRES_DRIVER = "postgresql+psycopg"
_DRIVERS = {
    "sqlite": SQLITE_DRIVER,
    SQLITE_DRIVER: SQLITE_DRIVER,
    "postgresql": POSTGRES_DRIVER,
    POSTGRES_DRIVER: POSTGRES_DRIVER,
}
_BEGIN_TO_WRITE = "BEGIN IMMEDIATE"
_BUSY = "The database is busy: others have been writing for too long. Try again."
_POOL_SIZE = 32  # as many as the portal has threads, each with at most one transaction
USED_AT = "used_at"  # of what is known of a connection: when its last transaction ended (monotonic clock)
TRUSTED_SECONDS = 0.2  # a connection used within this time is not asked whether it still stands


def open_engine(url: str, busy_timeout_seconds: float = 10) -> sa.Engine:
    """Open a database. Nothing is created but the folder of an SQLite file.

    Raises BadInput when the URL is not one of ours. Whether anybody answers is seen at the first transaction.
    """
    parsed = _parse(url)
    if parsed.drivername == SQLITE_DRIVER:
        return _open_sqlite(parsed, busy_timeout_seconds)
    engine = sa.create_engine(
        parsed,
        pool_size=_POOL_SIZE,
        pool_use_lifo=True,  # whoever was used last needs no question whether it still stands
        connect_args={"connect_timeout": max(2, int(busy_timeout_seconds)), "application_name": "wifi-manager"},
    )
    share(engine)
    _ask_idle_connections(engine)
    return engine


def reading_options(engine: sa.Engine) -> dict[str, Any]:
    """Execution options of a connection that only reads.

    On PostgreSQL every statement sees what is committed by then (READ COMMITTED), in a transaction or not: without
    one a question is one round trip instead of three. On SQLite SQLAlchemy's statements hold one view; those that
    every sign-in asks (prepared.py) hold none before them, as on PostgreSQL: in a crowd threads hand Python over to
    each other several times a statement, so that BEGIN and COMMIT cost as much as two questions.
    """
    return {"reading": True, **({} if engine.dialect.name == "sqlite" else {"isolation_level": "AUTOCOMMIT"})}


@contextmanager
def one_transaction(connection: sa.Connection) -> Iterator[None]:
    """One transaction, of the driver's: SQLAlchemy's, which costs more, begins in it when a statement needs that one.

    Where it fails the connection is to be closed, which rolls back. Raises what SQLAlchemy would.
    """
    if connection.dialect.name == "sqlite" and not _is_reading(connection):  # the other driver begins by itself
        _begin(connection)
    yield
    if connection.in_transaction():
        connection.commit()
    else:
        commit(connection)


@contextmanager
def turn_to_write(turns: threading.Lock, engine: sa.Engine) -> Iterator[None]:
    """One thread's turn to write.

    SQLite takes one writer at a time; who comes meanwhile looks again after ever longer pauses, up to 0.1 s. Threads
    of one process take turns by a lock instead, which wakes the next one at once. PostgreSQL needs none of this.
    Raises OutsideFailure after waiting as long as for another process.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    if not _take(turns, _patience_seconds(engine)):
        raise OutsideFailure(_BUSY)
    try:
        yield
    finally:
        turns.release()


def _take(turns: threading.Lock, seconds: float) -> bool:
    if waits.is_guest():
        return waits.patiently(partial(turns.acquire, blocking=False), seconds)
    return turns.acquire(timeout=seconds)


def _patience_seconds(engine: sa.Engine) -> float:
    return float(engine.get_execution_options()["busy_timeout_seconds"])


def _ask_idle_connections(engine: sa.Engine) -> None:
    """A restarted server costs one reconnect, not one error page: who was idle is asked before it is used again."""

    @sa.event.listens_for(engine, "checkin")
    def _used(_connection: Any, record: sa.pool.ConnectionPoolEntry) -> None:
        record.info.setdefault(USED_AT, time.monotonic())

    @sa.event.listens_for(engine, "checkout")
    def _ask(connection: Any, record: sa.pool.ConnectionPoolEntry, _fairy: Any) -> None:
        now = time.monotonic()
        if now - record.info.pop(USED_AT, now) < TRUSTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as gone:
            raise sa.exc.DisconnectionError from gone  # the pool opens another one


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
    engine = sa.create_engine(
        url,
        pool_size=_POOL_SIZE,
        connect_args={"timeout": busy_timeout_seconds},
        execution_options={"busy_timeout_seconds": busy_timeout_seconds},
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver's own BEGIN comes too late and is never IMMEDIATE; _begin below says it instead.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",  # readers never wait for the writer
            "synchronous=NORMAL",  # a killed process loses nothing; a power cut at most the last moments
            "foreign_keys=ON",
            # Pages, 32 MB instead of 4: what a crowd writes again and again goes to the file less often.
            "wal_autocheckpoint=8000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    sa.event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: sa.Connection) -> None:
    driver: Any = connection.connection.dbapi_connection
    if driver.in_transaction:
        return
    # A deferred transaction that reads first and writes later fails at once when somebody wrote in between;
    # taking the write lock at the start waits its turn instead.
    if _is_reading(connection):
        run(connection, "BEGIN")
    elif waits.is_guest():
        _begin_as_guest(connection)
    else:
        run(connection, _BEGIN_TO_WRITE)


def _begin_as_guest(connection: sa.Connection) -> None:
    """SQLite itself would sleep until another process has written, and the whole loop with it."""
    seconds = _patience_seconds(connection.engine)
    run(connection, "PRAGMA busy_timeout = 0")
    try:
        has_begun = waits.patiently(partial(_begins, connection), seconds)
    finally:
        run(connection, f"PRAGMA busy_timeout = {int(1000 * seconds)}")
    if not has_begun:
        raise OutsideFailure(_BUSY)


def _begins(connection: sa.Connection) -> bool:
    try:
        run(connection, _BEGIN_TO_WRITE)
    except sa.exc.OperationalError as refused:
        # The extended codes of a busy file, such as while another process recovers its log, begin alike.
        if not getattr(refused.orig, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
            raise
        return False
    return True


def _is_reading(connection: sa.Connection) -> bool:
    return bool(connection.get_execution_options().get("reading", False))
