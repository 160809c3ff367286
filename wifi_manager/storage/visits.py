"""Devices and visits of one city. Addresses of devices lie sealed, and only while a visit is active."""

import ipaddress
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.addresses import IpAddress, MacAddress
from wifi_manager.domain.errors import Conflict
from wifi_manager.domain.grants import Grant, Usage
from wifi_manager.domain.plans import Plan
from wifi_manager.domain.visits import Asker, Consent, EndReason, Method, Visit, extended_until, grant_name, grant_of
from wifi_manager.storage.blocks import IN_FORCE, KeptBlock, block_columns, to_block
from wifi_manager.storage.device_keys import Pseudonym, Pseudonyms, any_of, by_pseudonym
from wifi_manager.storage.gateways import gateway_number
from wifi_manager.storage.once import insert_once
from wifi_manager.storage.plans import PLAN_COLUMNS, to_plan
from wifi_manager.storage.prepared import Prepared
from wifi_manager.storage.rows.base import Moment
from wifi_manager.storage.rows.inventory import district, gateway, network, plan, site
from wifi_manager.storage.rows.visits import block, device, stay, used_ticket, visit
from wifi_manager.storage.vault import Vault

ASKER_PURPOSE = "asker"  # the vault's purpose for sealed addresses

# What every sign-in asks is made once, here: SQLAlchemy takes longer to make a statement than to run it.
_CITY = sa.bindparam("city", type_=sa.BigInteger)
_NOW = sa.bindparam("now", type_=Moment)
_ADD_DEVICE = Prepared(insert_once(device, device.c.id), ("city_id", "pseudonym", "key_id", "first_seen_at"))
_USE_TICKET = Prepared(insert_once(used_ticket, used_ticket.c.nonce), ("city_id", "nonce", "used_at"))
_GIVEN = (
    visit.c.city_id, visit.c.public_id, visit.c.device_id, visit.c.network, visit.c.method, visit.c.terms_version,
    visit.c.terms_language, visit.c.opened_at, visit.c.expires_at, visit.c.asker_sealed, visit.c.up_bytes,
    visit.c.down_bytes, visit.c.holder, visit.c.own_volume_bytes, visit.c.ends_by,
)  # fmt: skip
_ADD = Prepared(
    insert_once(
        visit,
        visit.c.id,
        (*_GIVEN, visit.c.gateway_id, visit.c.plan_id),
        sa.select(*(sa.bindparam(each.name, type_=each.type) for each in _GIVEN), gateway.c.id, plan.c.id)
        .join_from(gateway, plan, gateway.c.city_id == plan.c.city_id)
        .where(
            gateway.c.city_id == _CITY, gateway.c.name == sa.bindparam("gateway"), plan.c.name == sa.bindparam("plan")
        ),
    )
)
_WHOLE = (
    visit,
    gateway.c.name.label("gateway_name"),
    gateway.c.revision.label("gateway_revision"),
    district.c.name.label("district_name"),
    site.c.name.label("site_name"),
    *PLAN_COLUMNS,
)
_AT_NETWORK = sa.and_(network.c.gateway_id == gateway.c.id, network.c.name == visit.c.network)
_AT_SITE = sa.func.coalesce(network.c.site_id, gateway.c.site_id) == site.c.id
_VISITS: sa.Select[tuple[object, ...]] = (
    sa.select(*_WHOLE)
    .join_from(visit, gateway, visit.c.gateway_id == gateway.c.id)
    .join(plan, visit.c.plan_id == plan.c.id)
    .outerjoin(network, _AT_NETWORK)
    .outerjoin(site, _AT_SITE)
    .outerjoin(district)
    .where(visit.c.city_id == _CITY)
)
_BY_PUBLIC_ID = _VISITS.where(visit.c.public_id == sa.bindparam("public_id"))
_DEVICE = (device.c.id.label("number"), device.c.key_id)
_BLOCK = "block_"  # before the names of a block's columns
_OF_DEVICE = visit.alias("of_device")
_NEWEST = sa.select(sa.func.max(_OF_DEVICE.c.id)).where(_OF_DEVICE.c.device_id == device.c.id).scalar_subquery()
_ANYBODY = sa.select(sa.literal(1).label("one")).subquery("anybody")  # one row, known and blocked or not
_IS_RUNNING = sa.and_(visit.c.ended_at.is_(None), visit.c.expires_at > _NOW)
_OF_OTHERS = _VISITS.where(
    visit.c.holder == sa.bindparam("holder"), visit.c.device_id != sa.bindparam("number"), _IS_RUNNING
).order_by(visit.c.id)
_GRANTS = (
    sa.select(
        visit.c.public_id,
        visit.c.device_id,
        visit.c.asker_sealed,
        visit.c.expires_at,
        visit.c.stay,
        visit.c.carried_up_bytes,
        visit.c.carried_down_bytes,
        visit.c.own_volume_bytes,
        visit.c.ends_by,
        visit.c.extensions,
        *PLAN_COLUMNS,
    )
    .join_from(visit, plan)
    .where(visit.c.gateway_id == sa.bindparam("gateway_id"), visit.c.asker_sealed.is_not(None), _IS_RUNNING)
    .order_by(visit.c.id)
)
_GRANTS_OF = _GRANTS.where(visit.c.device_id.in_(sa.bindparam("numbers", expanding=True)))
_STAYED = sa.select(
    visit.c.city_id,
    visit.c.id,
    visit.c.stay,
    visit.c.gateway_id,
    visit.c.up_bytes - visit.c.carried_up_bytes,
    visit.c.down_bytes - visit.c.carried_down_bytes,
)
_STAY_COLUMNS = ("city_id", "visit_id", "stay", "gateway_id", "up_bytes", "down_bytes")
_NEXT_STAY = {
    "stay": visit.c.stay + 1,
    "carried_up_bytes": visit.c.up_bytes,
    "carried_down_bytes": visit.c.down_bytes,
}


def _with_newest_visit(found: sa.Select[Any]) -> sa.Select[Any]:
    """A device that was found, and its newest visit, if it has one."""
    return (
        found.outerjoin(visit, visit.c.id == _NEWEST)
        .outerjoin(gateway, visit.c.gateway_id == gateway.c.id)
        .outerjoin(plan, visit.c.plan_id == plan.c.id)
        .outerjoin(network, _AT_NETWORK)
        .outerjoin(site, _AT_SITE)
        .outerjoin(district)
        .order_by(visit.c.id.desc().nulls_last())
        .limit(1)
    )


@cache
def _known(keys: int) -> Prepared:
    mine = sa.and_(device.c.city_id == _CITY, by_pseudonym(device.c.pseudonym, keys))
    return Prepared(_with_newest_visit(sa.select(*_DEVICE, *_WHOLE).select_from(device)).where(mine))


@cache
def _met(keys: int) -> Prepared:
    """As `_known`, with the block in force: one question, since every sign-in asks both."""
    mine = sa.and_(device.c.city_id == _CITY, by_pseudonym(device.c.pseudonym, keys))
    blocked = sa.and_(IN_FORCE, by_pseudonym(block.c.pseudonym, keys))
    columns = sa.select(*_DEVICE, *_WHOLE, *block_columns(_BLOCK))
    met = columns.select_from(_ANYBODY).outerjoin(device, mine).outerjoin(block, blocked)
    return Prepared(_with_newest_visit(met))


@cache
def _device(keys: int) -> Prepared:
    mine = sa.and_(device.c.city_id == _CITY, by_pseudonym(device.c.pseudonym, keys))
    return Prepared(sa.select(device.c.id, device.c.key_id).where(mine).order_by(device.c.id))


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device that was here before: its newest visit, and the revision that this visit's gateway has to enforce."""

    number: int
    visit: Visit | None = None
    revision: int = 0
    key: int | None = None  # row of the key that made its pseudonym

    def running(self, now: datetime) -> Visit | None:
        """The newest visit while it runs: an older one cannot, for a device has one at a time."""
        return self.visit if self.visit is not None and self.visit.is_active(now) else None


@dataclass(frozen=True)
class Visits:
    """Questions about and changes of a city's visits."""

    connection: sa.Connection
    city_id: int
    vault: Vault | None  # None in processes that need no addresses: they see visits without their asker
    pseudonyms: Pseudonyms

    def device_number(self, address: MacAddress, now: datetime) -> int:
        """The number (packet mark) of a device, given at its first visit."""
        of = self.pseudonyms.of(address)
        row = _device(len(of)).first(self.connection, self._any(of))
        return (
            self.add_device(address, now) if row is None else self.keep_device(row["id"], row["key_id"], address, now)
        )

    def numbers(self, of: Collection[Pseudonym]) -> list[int]:
        """Numbers of the devices with any of these pseudonyms."""
        return [row["id"] for row in _device(len(of)).all(self.connection, self._any(of))]

    def add_device(self, address: MacAddress, now: datetime) -> int:
        """As `device_number`, for one that was not known a moment ago."""
        made = self.pseudonyms.current(address, now)
        values = {"city_id": self.city_id, "pseudonym": made.digest, "key_id": made.key, "first_seen_at": now}
        added = _ADD_DEVICE.first(self.connection, values)
        # Nothing was added where another transaction was first: that number counts.
        return int(added["id"]) if added else self.numbers([made])[0]

    def keep_device(self, number: int, key: int | None, address: MacAddress, now: datetime) -> int:
        """Give a device that comes back a pseudonym of today's key, if its own is older; returns its number."""
        if self.pseudonyms.current_key(now) != key:
            made = self.pseudonyms.current(address, now)
            other = device.alias()
            taken = sa.exists().where(other.c.city_id == self.city_id, other.c.pseudonym == made.digest)
            mine = sa.and_(device.c.city_id == self.city_id, device.c.id == number, ~taken)
            self.connection.execute(sa.update(device).where(mine).values(pseudonym=made.digest, key_id=made.key))
        return number

    def device(self, address: MacAddress) -> KnownDevice | None:
        """All that is known of a device, or None where it was never here or is forgotten."""
        of = self.pseudonyms.of(address)
        row = _known(len(of)).first(self.connection, self._any(of))
        return None if row is None else self._to_known(row)

    def meet(self, address: MacAddress, now: datetime) -> tuple[KnownDevice | None, KeptBlock | None]:
        """All that is known of a device, as `device`, and the block that keeps it out, if there is one."""
        of = self.pseudonyms.of(address)
        row = _met(len(of)).first(self.connection, {"now": now, **self._any(of)}) or {"number": None}
        known = None if row["number"] is None else self._to_known(row)
        return known, None if row.get(f"{_BLOCK}id") is None else to_block(row, self.vault, _BLOCK)

    def running_of(self, address: MacAddress, now: datetime) -> Visit | None:
        """The running visit of a device."""
        known = self.device(address)
        return None if known is None else known.running(now)

    def get(self, public_id: str) -> Visit | None:
        """One visit, or None."""
        given = {"city": self.city_id, "public_id": public_id}
        row = self.connection.execute(_BY_PUBLIC_ID, given).mappings().one_or_none()
        return None if row is None else self._to_visit(row)

    def add(self, new: Visit) -> None:
        """Open a visit. Raises Conflict when the device has one already, NotFound for an unknown gateway."""
        values = {
            "city_id": self.city_id,
            "public_id": new.public_id,
            "device_id": new.number,
            "city": self.city_id,
            "gateway": new.gateway,
            "plan": new.plan.name,
            "network": "" if new.asker is None else new.asker.network,
            "method": new.method.value,
            "terms_version": new.consent.terms_version,
            "terms_language": new.consent.language,
            "opened_at": new.opened_at,
            "expires_at": new.expires_at,
            "asker_sealed": None if new.asker is None else self._seal(new.asker),
            "up_bytes": 0,
            "down_bytes": 0,
            "holder": new.holder,
            "own_volume_bytes": new.own_volume_bytes,
            "ends_by": new.ends_by,
        }
        if _ADD.first(self.connection, values) is None:
            gateway_number(self.connection, self.city_id, new.gateway)
            raise Conflict("This device is online already.")

    def lock(self, public_ids: Collection[str]) -> None:
        """Take the rows of these visits before they are changed, in the one order in which everybody takes them.

        PostgreSQL would end one of two transactions that cross. On SQLite whoever writes is alone anyway.
        """
        self._lock(visit.c.public_id.in_(public_ids))

    def move(self, public_id: str, asker: Asker) -> None:
        """The device is at another address or gateway now. At another gateway a new stay begins."""
        self.lock([public_id])
        there, running = gateway_number(self.connection, self.city_id, asker.gateway), self._running(public_id)
        left = _STAYED.where(running, visit.c.gateway_id != there)
        kept = sa.insert(stay).from_select(_STAY_COLUMNS, left).returning(stay.c.stay)
        moves = self.connection.scalar(kept) is not None
        values = {"gateway_id": there, "network": asker.network, "asker_sealed": self._seal(asker)}
        begun = _NEXT_STAY if moves else {}
        self.connection.execute(sa.update(visit).where(running).values({**values, **begun}))

    def extend(self, public_id: str, expires_at: datetime) -> None:
        """Let a running visit last until then; it was extended once more."""
        values = {"expires_at": expires_at, "extensions": visit.c.extensions + 1}
        self.connection.execute(sa.update(visit).where(self._running(public_id)).values(values))

    def others_of(self, holder: bytes, number: int, now: datetime) -> tuple[Visit, ...]:
        """The running visits of one holder on other devices than this, the oldest first."""
        given = {"city": self.city_id, "holder": holder, "number": number, "now": now}
        return tuple(map(self._to_visit, self.connection.execute(_OF_OTHERS, given).mappings()))

    def kept_of(self, number: int) -> tuple[int, datetime | None]:
        """How many visits of a device are kept, and when the first of them began."""
        mine = sa.and_(visit.c.city_id == self.city_id, visit.c.device_id == number)
        row = self.connection.execute(sa.select(sa.func.count(), sa.func.min(visit.c.opened_at)).where(mine)).one()
        return row[0], row[1]

    def end(self, public_id: str, at: datetime, reason: EndReason) -> bool:
        """End a visit and forget the device's addresses. False when it had ended before."""
        values = {"ended_at": at, "end_reason": reason.value, "asker_sealed": None}
        return self.connection.execute(sa.update(visit).where(self._running(public_id)).values(values)).rowcount == 1

    def grants(self, gateway_name: str, now: datetime) -> tuple[Grant, ...]:
        """What a gateway must let through now, in the order of opening: for one address, the later one counts."""
        given = {"gateway_id": gateway_number(self.connection, self.city_id, gateway_name), "now": now}
        return tuple(map(self._to_grant, self.connection.execute(_GRANTS, given).mappings()))

    def grants_of(self, gateway_name: str, numbers: Collection[int], now: datetime) -> tuple[Grant, ...]:
        """As `grants`, of these devices alone."""
        given = {"gateway_id": gateway_number(self.connection, self.city_id, gateway_name), "now": now}
        rows = self.connection.execute(_GRANTS_OF, {**given, "numbers": list(numbers)}).mappings()
        return tuple(map(self._to_grant, rows))

    def end_expired(self, now: datetime) -> int:
        """End every visit whose time is over; returns how many. Gateways have let go of them by themselves."""
        over = sa.and_(visit.c.city_id == self.city_id, visit.c.ended_at.is_(None), visit.c.expires_at <= now)
        self._lock(over)
        values = {"ended_at": visit.c.expires_at, "end_reason": EndReason.EXPIRED.value, "asker_sealed": None}
        return self.connection.execute(sa.update(visit).where(over).values(values)).rowcount

    def use_ticket(self, nonce: str, now: datetime) -> bool:
        """Use a ticket's nonce up. False when it was used before: the same answer is due, but no second change."""
        values = {"city_id": self.city_id, "nonce": nonce, "used_at": now}
        return _USE_TICKET.first(self.connection, values) is not None

    def _lock(self, which: sa.ColumnElement[bool]) -> None:
        if self._dialect == "postgresql":
            query = sa.select(visit.c.id).where(visit.c.city_id == self.city_id, which).order_by(visit.c.id)
            self.connection.execute(query.with_for_update()).all()

    def _to_visit(self, row: Mapping[Any, Any]) -> Visit:
        return Visit(
            public_id=row["public_id"],
            number=row["device_id"] or 0,
            gateway=row["gateway_name"],
            site=None if row["site_name"] is None else (row["district_name"], row["site_name"]),
            plan=_own_plan(row),
            method=Method(row["method"]),
            consent=Consent(row["terms_version"], row["terms_language"]),
            opened_at=row["opened_at"],
            expires_at=row["expires_at"],
            asker=self._unseal(row),
            up_bytes=row["up_bytes"],
            down_bytes=row["down_bytes"],
            ended_at=row["ended_at"],
            end_reason=None if row["end_reason"] is None else EndReason(row["end_reason"]),
            stay=row["stay"],
            carried_up_bytes=row["carried_up_bytes"],
            carried_down_bytes=row["carried_down_bytes"],
            holder=row["holder"],
            own_volume_bytes=row["own_volume_bytes"],
            ends_by=row["ends_by"],
            extensions=row["extensions"],
        )

    def _to_known(self, row: Mapping[Any, Any]) -> KnownDevice:
        if row["public_id"] is None:
            return KnownDevice(row["number"], key=row["key_id"])
        return KnownDevice(row["number"], self._to_visit(row), row["gateway_revision"], row["key_id"])

    def _running(self, public_id: str) -> sa.ColumnElement[bool]:
        mine = sa.and_(visit.c.city_id == self.city_id, visit.c.public_id == public_id)
        return sa.and_(mine, visit.c.ended_at.is_(None))

    @property
    def _dialect(self) -> str:
        return self.connection.dialect.name

    def _any(self, of: Collection[Pseudonym]) -> dict[str, object]:
        return {"city": self.city_id, **any_of(of)}

    def _seal(self, asker: Asker) -> bytes:
        return self._keys().seal(ASKER_PURPOSE, json.dumps([asker.device.full(), str(asker.address)]).encode())

    def _to_grant(self, row: sa.RowMapping) -> Grant:
        name = grant_name(row["public_id"], row["stay"])
        carried = Usage(name, row["carried_up_bytes"], row["carried_down_bytes"])
        asker = Asker("", *_addresses(self._keys(), row["asker_sealed"]))
        plan, expires_at = _own_plan(row), row["expires_at"]
        may_extend = extended_until(plan, expires_at, row["ends_by"], row["extensions"]) is not None
        return grant_of(plan, carried, row["device_id"], asker, expires_at, may_extend=may_extend)

    def _unseal(self, row: Mapping[Any, Any]) -> Asker | None:
        if row["asker_sealed"] is None or self.vault is None:
            return None
        return Asker(row["gateway_name"], *_addresses(self.vault, row["asker_sealed"]), row["network"])

    def _keys(self) -> Vault:
        if self.vault is None:
            raise RuntimeError("This process was built without the master key, so it must not touch devices.")
        return self.vault


def _own_plan(row: Mapping[Any, Any]) -> Plan:
    """The plan as it is now, with the smaller volume that this visit's proof allows."""
    return to_plan(row).within(row["own_volume_bytes"])


def _addresses(vault: Vault, sealed: bytes) -> tuple[MacAddress, IpAddress]:
    device_text, address_text = json.loads(vault.unseal(ASKER_PURPOSE, sealed))
    return MacAddress.parse(device_text), ipaddress.ip_address(address_text)
