"""PostgreSQL's driver for those that share an event loop: while one waits for the server, the others go on."""

from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import waiting
from psycopg.abc import RV, PQGen

from wifi_manager import waits

_LOOK_SECONDS = 0.1  # whether a connection was lost that nobody told us about


class SharedConnection(psycopg.Connection[Any]):
    """psycopg's connection, but that guests of a loop wait for the server as its AsyncConnection does."""

    def wait(self, gen: PQGen[RV], interval: float = _LOOK_SECONDS, timeout: float | None = None) -> RV:
        """Run one exchange with the server to its end (psycopg's own hook). Raises what `gen` raises."""
        if not waits.is_guest():
            return super().wait(gen, interval, timeout)
        return waits.until(waiting.wait_async(gen, self.pgconn.socket, interval, timeout))


def share(engine: sa.Engine) -> None:
    """Have an engine of PostgreSQL open such connections."""

    @sa.event.listens_for(engine, "do_connect")
    def _open(_dialect: sa.Dialect, _record: object, arguments: list[Any], settings: dict[str, Any]) -> Any:
        return SharedConnection.connect(*arguments, **settings)
