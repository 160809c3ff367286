"""What the access points of one city said they are made of: the newest word of each."""

from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from wifi_manager.domain.hardware import FoundRadio, Hardware
from wifi_manager.storage.rows.hardware import hardware
from wifi_manager.storage.rows.inventory import access_point


@dataclass(frozen=True)
class HardwareRows:
    """Questions about and changes of it."""

    connection: sa.Connection
    city_id: int

    def get(self, external_id: str) -> Hardware | None:
        """What one access point said, or None before it was asked."""
        row = self._row(external_id)
        if row is None:
            return None
        radios = tuple(FoundRadio(**each) for each in row["radios"])
        return Hardware(row["model"], row["firmware"], row["serial"], radios)

    def is_due(self, external_id: str, model: str, firmware: str, read_before: datetime) -> bool:
        """Whether it has to be asked: never asked, not for so long, or another model or firmware since."""
        row = self._row(external_id)
        if row is None:
            return True
        return (row["model"], row["firmware"]) != (model, firmware) or bool(row["read_at"] < read_before)

    def record(self, number: int, found: Hardware, at: datetime) -> None:
        """Keep what the access point of this row number said."""
        mine = hardware.c.access_point_id == number
        values = {**asdict(found), "radios": [asdict(each) for each in found.radios], "read_at": at}
        if self.connection.execute(sa.update(hardware).where(mine).values(values)).rowcount == 0:
            row = {"access_point_id": number, "city_id": self.city_id, **values}
            self.connection.execute(sa.insert(hardware).values(row))

    def _row(self, external_id: str) -> sa.RowMapping | None:
        query = sa.select(hardware).join_from(hardware, access_point)
        mine = query.where(access_point.c.city_id == self.city_id, access_point.c.external_id == external_id)
        return self.connection.execute(mine).mappings().one_or_none()
