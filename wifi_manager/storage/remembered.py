"""Devices of one city whose citizens agreed to come back without a page: one agreement a device, the newest."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.remembering import Remembered
from wifi_manager.domain.visits import Consent, Method
from wifi_manager.storage.device_keys import Pseudonyms
from wifi_manager.storage.rows.base import Moment
from wifi_manager.storage.rows.visits import device, remembered_device, visit

_KEPT = ("method", "holder", "terms_version", "terms_language", "agreed_at", "until")
_NOW = sa.bindparam("now", type_=Moment)
_OF = sa.select(remembered_device).where(
    remembered_device.c.city_id == sa.bindparam("city"),
    remembered_device.c.device_id == sa.bindparam("number"),
    remembered_device.c.until > _NOW,
)
_IS_ONLINE = sa.exists().where(
    visit.c.city_id == device.c.city_id, visit.c.device_id == device.c.id, visit.c.ended_at.is_(None)
)
_IS_REMEMBERED = sa.exists().where(remembered_device.c.device_id == device.c.id, remembered_device.c.until > _NOW)
_WORTH_A_LOOK = sa.select(device.c.pseudonym).where(
    device.c.city_id == sa.bindparam("city"),
    device.c.pseudonym.in_(sa.bindparam("pseudonyms", expanding=True)),
    sa.or_(_IS_ONLINE, _IS_REMEMBERED),
)


@dataclass(frozen=True)
class RememberedDevices:
    """Questions about and changes of a city's remembered devices."""

    connection: sa.Connection
    city_id: int
    pseudonyms: Pseudonyms

    def set(self, number: int, agreed: Remembered) -> None:
        """Remember a device by its number, instead of what was agreed before."""
        values: dict[str, Any] = {
            "device_id": number,
            "city_id": self.city_id,
            "method": agreed.method.value,
            "holder": agreed.holder,
            "terms_version": agreed.consent.terms_version,
            "terms_language": agreed.consent.language,
            "agreed_at": agreed.agreed_at,
            "until": agreed.until,
        }
        self.connection.execute(_SET[self.connection.dialect.name], values)

    def of(self, number: int, now: datetime) -> Remembered | None:
        """What holds for a device now, or None."""
        given = {"city": self.city_id, "number": number, "now": now}
        row = self.connection.execute(_OF, given).one_or_none()
        if row is None:
            return None
        consent = Consent(row.terms_version, row.terms_language)
        return Remembered(Method(row.method), consent, row.agreed_at, row.until, row.holder)

    def forget(self, number: int) -> bool:
        """Withdraw what was agreed for a device. False when nothing was."""
        return self._delete(remembered_device.c.device_id == number) == 1

    def forget_holder(self, holder: bytes) -> int:
        """Withdraw it for all devices of a number or an account that is not good any more; returns how many."""
        return self._delete(remembered_device.c.holder == holder)

    def forget_over(self, now: datetime) -> int:
        """Forget what holds no more; returns how many."""
        return self._delete(remembered_device.c.until <= now)

    def worth_a_look(self, devices: Collection[MacAddress], now: datetime) -> frozenset[MacAddress]:
        """Those that may be online somewhere or are remembered: one question for all that have come to a gateway."""
        pseudonyms = {made.digest: each for each in devices for made in self.pseudonyms.of(each)}
        given = {"city": self.city_id, "pseudonyms": list(pseudonyms), "now": now}
        return frozenset(pseudonyms[bytes(found)] for found in self.connection.scalars(_WORTH_A_LOOK, given))

    def _delete(self, which: sa.ColumnElement[bool]) -> int:
        mine = sa.and_(remembered_device.c.city_id == self.city_id, which)
        return self.connection.execute(sa.delete(remembered_device).where(mine)).rowcount


def _upsert(insert: postgresql.Insert | sqlite.Insert) -> sa.Insert:
    return insert.on_conflict_do_update(
        index_elements=[remembered_device.c.device_id], set_={name: insert.excluded[name] for name in _KEPT}
    )


_SET = {
    "sqlite": _upsert(sqlite.insert(remembered_device)),
    "postgresql": _upsert(postgresql.insert(remembered_device)),
}
