"""Hands connections on from one transaction to the next, as long as the next one comes at once.

Fetching a connection from SQLAlchemy's pool and giving it back takes longer than most questions do, and in a crowd
the next transaction is always there. A connection that nobody took over in time goes through the pool again, which
asks whether it still stands.
"""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from wifi_manager import waits
from wifi_manager.storage.engine import TRUSTED_SECONDS, USED_AT, reading_options

_MOST_IDLE = 4  # of each kind, so that threads which come all at once still find room in the pool
_GUESTS = 8  # with a transaction at a time: more would only wait for each other in the server


class Connections:
    """Connections of one engine, for one transaction at a time. Safe to share between threads."""

    def __init__(self, engine: sa.Engine) -> None:
        # Made once: options that are set for each transaction cost as much as a question.
        self._engines = {True: engine.execution_options(**reading_options(engine)), False: engine}
        self._idle = {reading: deque[sa.Connection]() for reading in self._engines}
        self._places = waits.Places(_GUESTS)
        sa.event.listen(engine, "engine_disposed", lambda _engine: self.close())

    @contextmanager
    def one(self, *, reading: bool) -> Iterator[sa.Connection]:
        """A connection without a transaction. Raises what SQLAlchemy does when there is none."""
        with self._places.one():
            connection = self._taken_over(self._idle[reading]) or self._fetched(self._engines[reading])
            try:
                yield connection
            except BaseException:
                connection.close()  # whatever state it is in, the pool makes it good again
                raise
            self._hand_on(connection, self._idle[reading])

    def close(self) -> None:
        """Close what nobody uses: the pool may be gone already and would keep it open."""
        for idle in self._idle.values():
            while idle:
                connection = idle.pop()
                connection.detach()
                connection.close()

    @staticmethod
    def _fetched(engine: sa.Engine) -> sa.Connection:
        """From the pool, which may wait for a place, a server that does not answer, and locks of its own."""
        return engine.connect() if engine.dialect.name == "sqlite" else waits.in_a_thread(engine.connect)

    @staticmethod
    def _taken_over(idle: deque[sa.Connection]) -> sa.Connection | None:
        try:
            connection = idle.pop()
        except IndexError:
            return None
        if time.monotonic() - connection.info[USED_AT] < TRUSTED_SECONDS:
            return connection
        connection.close()
        return None

    @staticmethod
    def _hand_on(connection: sa.Connection, idle: deque[sa.Connection]) -> None:
        if connection.invalidated or len(idle) >= _MOST_IDLE:
            connection.close()
        else:
            connection.info[USED_AT] = time.monotonic()
            idle.append(connection)
