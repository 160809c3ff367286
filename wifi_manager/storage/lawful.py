"""Lawful requests of one city. What they ask for lies sealed, for it may name a device."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.errors import NotFound
from wifi_manager.domain.lawful import LawfulRequest, Scope
from wifi_manager.storage.rows.inventory import gateway
from wifi_manager.storage.rows.law import lawful_request
from wifi_manager.storage.rows.records import RECORDS, Aged
from wifi_manager.storage.rows.visits import device, visit
from wifi_manager.storage.vault import Vault

LAWFUL_PURPOSE = "lawful request"  # the vault's purpose
_OPEN_COLUMNS = tuple(each for each in lawful_request.columns if each.name not in {"city_id", "scope_sealed"})


@dataclass(frozen=True)
class LawfulRequests:
    """Questions about and changes of a city's requests."""

    connection: sa.Connection
    city_id: int
    vault: Vault | None  # None in processes that need no addresses: they must not ask

    def add(self, case_number: str, scope: Scope, asked_by: str, now: datetime) -> int:
        """Record a request; returns its number."""
        values = {
            "city_id": self.city_id,
            "case_number": case_number,
            "scope_sealed": self._keys().seal(LAWFUL_PURPOSE, _written(scope)),
            "asked_by": asked_by,
            "asked_at": now,
        }
        added = sa.insert(lawful_request).values(values).returning(lawful_request.c.id)
        return int(self.connection.execute(added).scalar_one())

    def get(self, number: int) -> LawfulRequest:
        """One request. Raises NotFound."""
        query = sa.select(*_OPEN_COLUMNS).where(self._numbered(number))
        row = self.connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound(f"There is no lawful request {number}. `wifi-manager lawful list` shows them.")
        return _to_request(row)

    def all(self) -> list[LawfulRequest]:
        """Every request, the newest first."""
        query = sa.select(*_OPEN_COLUMNS).where(lawful_request.c.city_id == self.city_id)
        return [
            _to_request(row) for row in self.connection.execute(query.order_by(lawful_request.c.id.desc())).mappings()
        ]

    def scope(self, number: int) -> Scope:
        """What a request asks for."""
        sealed = self.connection.scalar(sa.select(lawful_request.c.scope_sealed).where(self._numbered(number)))
        return _read(self._keys().unseal(LAWFUL_PURPOSE, sealed or b""))

    def note(self, number: int, **values: object) -> None:
        """Write down what became of a request."""
        self.connection.execute(sa.update(lawful_request).where(self._numbered(number)).values(values))

    def visits(self, scope: Scope, numbers: Collection[int], kept_since: datetime) -> list[dict[str, Any]]:
        """Visits within the scope that the city may still have. `numbers`: those of its device, if it names one."""
        what = {
            "device": visit.c.device_id.in_(numbers),
            "visit": visit.c.public_id == scope.visit,
            "gateway": visit.c.gateway_id.in_(sa.select(gateway.c.id).where(gateway.c.name == scope.gateway)),
        }[_about(scope)]
        overlaps = sa.and_(visit.c.opened_at < scope.ends, _ended_after(scope.begins), _ended_after(kept_since))
        query = (
            sa.select(visit.c.public_id.label("visit"), device.c.pseudonym.label("device"), *_SHOWN)
            .outerjoin_from(visit, device, visit.c.device_id == device.c.id)
            .where(visit.c.city_id == self.city_id, what, overlaps)
            .order_by(visit.c.id)
        )
        rows = self.connection.execute(query).mappings()
        return [{**row, "device": None if row["device"] is None else bytes(row["device"]).hex()} for row in rows]

    def _numbered(self, number: int) -> sa.ColumnElement[bool]:
        return sa.and_(lawful_request.c.city_id == self.city_id, lawful_request.c.id == number)

    def _keys(self) -> Vault:
        if self.vault is None:
            raise RuntimeError("This process was built without the master key, so it must not touch devices.")
        return self.vault


def _shown() -> tuple[sa.ColumnElement[object], ...]:
    record = RECORDS[visit.name]
    return record.shown if isinstance(record, Aged) else ()


_SHOWN = _shown()  # the same as its citizen reads, and no more


def _about(scope: Scope) -> str:
    if scope.device is not None:
        return "device"
    return "visit" if scope.visit else "gateway"


def _ended_after(moment: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(visit.c.ended_at.is_(None), visit.c.ended_at >= moment)


def _written(scope: Scope) -> bytes:
    address = None if scope.device is None else scope.device.full()
    return json.dumps(
        [scope.begins.isoformat(), scope.ends.isoformat(), address, scope.visit, scope.gateway]
    ).encode()


def _read(text: bytes) -> Scope:
    begins, ends, address, visit_id, gateway_name = json.loads(text)
    named = None if address is None else MacAddress.parse(address)
    return Scope(datetime.fromisoformat(begins), datetime.fromisoformat(ends), named, visit_id, gateway_name)


def _to_request(row: sa.RowMapping) -> LawfulRequest:
    rest = {name: value for name, value in row.items() if name != "id"}
    return LawfulRequest(number=row["id"], **rest)
