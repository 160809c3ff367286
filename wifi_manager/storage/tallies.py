"""Tallies of tries, shared by all processes: a row for each device, account or place that has tried lately."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wifi_manager.domain.tries import Limit, Tally, one_more
from wifi_manager.storage.once import insert_once
from wifi_manager.storage.rows.vouchers import tally

_ADD = insert_once(tally, tally.c.who)
_MINE = sa.and_(tally.c.city_id == sa.bindparam("city"), tally.c.who == sa.bindparam("whose"))
_LOCK = sa.select(tally).where(_MINE).with_for_update()
_SET = sa.update(tally).where(_MINE)
_GIVE_BACK = sa.update(tally).where(_MINE, tally.c.tries > 0).values(tries=tally.c.tries - 1)
_SOME = sa.select(tally).where(
    tally.c.city_id == sa.bindparam("city"), tally.c.who.in_(sa.bindparam("all", expanding=True))
)


@dataclass(frozen=True)
class Tallies:
    """Questions about and changes of a city's tallies. `who` is always a keyed digest."""

    connection: sa.Connection
    city_id: int

    def of(self, all_: Collection[bytes]) -> Mapping[bytes, Tally]:
        """Those of them who have one."""
        rows = self.connection.execute(_SOME, {"city": self.city_id, "all": list(all_)})
        return {row.who: _read(row) for row in rows}

    def add(self, who: bytes, limit: Limit, now: datetime) -> Tally | None:
        """Count one more try and return what stood before it. Others who add to the same tally wait meanwhile."""
        first = one_more(None, limit, now)
        values = {"tries": first.count, "doublings": first.doublings, "ends_at": first.ends_at}
        given = {"city_id": self.city_id, "who": who, **values}
        if self.connection.scalar(_ADD[self.connection.dialect.name], given) is not None:
            return None
        mine = {"city": self.city_id, "whose": who}
        before = _read(self.connection.execute(_LOCK, mine).one())
        after = one_more(before, limit, now)
        counted = {"tries": after.count, "doublings": after.doublings, "ends_at": after.ends_at}
        self.connection.execute(_SET.values(counted), mine)
        return before

    def give_back(self, who: bytes) -> None:
        """A try that was right does not count."""
        self.connection.execute(_GIVE_BACK, {"city": self.city_id, "whose": who})


def _read(row: sa.Row[tuple[object, ...]]) -> Tally:
    return Tally(row.tries, row.doublings, row.ends_at)
