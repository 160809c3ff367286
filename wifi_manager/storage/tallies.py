"""Tallies of tries, shared by all processes: a row for each device, account or place that has tried lately."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import sqlalchemy as sa

from wifi_manager.domain.tries import Limit, Tally, one_more
from wifi_manager.storage.once import insert_once
from wifi_manager.storage.prepared import Prepared, Row
from wifi_manager.storage.rows.vouchers import tally

_COUNTED = ("tries", "doublings", "ends_at")
_ADD = Prepared(insert_once(tally, tally.c.who), ("city_id", "who", *_COUNTED))
_MINE = sa.and_(tally.c.city_id == sa.bindparam("city"), tally.c.who == sa.bindparam("whose"))
_LOCK = Prepared(sa.select(tally).where(_MINE).with_for_update())
_SET = Prepared(sa.update(tally).where(_MINE), _COUNTED)
_GIVE_BACK = Prepared(sa.update(tally).where(_MINE, tally.c.tries > 0).values(tries=tally.c.tries - 1))


@cache
def _some(count: int) -> Prepared:
    anybody = tally.c.who.in_([sa.bindparam(f"who_{place}", type_=tally.c.who.type) for place in range(count)])
    return Prepared(sa.select(tally).where(tally.c.city_id == sa.bindparam("city"), anybody))


@dataclass(frozen=True)
class Tallies:
    """Questions about and changes of a city's tallies. `who` is always a keyed digest."""

    connection: sa.Connection
    city_id: int

    def of(self, all_: Collection[bytes]) -> Mapping[bytes, Tally]:
        """Those of them who have one."""
        given = {f"who_{place}": who for place, who in enumerate(all_)}
        rows = _some(len(given)).all(self.connection, {"city": self.city_id, **given})
        return {row["who"]: _read(row) for row in rows}

    def add(self, who: bytes, limit: Limit, now: datetime) -> Tally | None:
        """Count one more try and return what stood before it. Others who add to the same tally wait meanwhile."""
        given = {"city_id": self.city_id, "who": who, **_counted(one_more(None, limit, now))}
        if _ADD.first(self.connection, given) is not None:
            return None
        mine = {"city": self.city_id, "whose": who}
        (row,) = _LOCK.all(self.connection, mine)
        before = _read(row)
        _SET.change(self.connection, {**mine, **_counted(one_more(before, limit, now))})
        return before

    def give_back(self, who: bytes) -> None:
        """A try that was right does not count."""
        _GIVE_BACK.change(self.connection, {"city": self.city_id, "whose": who})


def _counted(tally_: Tally) -> dict[str, object]:
    return dict(zip(_COUNTED, (tally_.count, tally_.doublings, tally_.ends_at), strict=True))


def _read(row: Row) -> Tally:
    return Tally(row["tries"], row["doublings"], row["ends_at"])
