"""Devices and visits of one city. Addresses of devices lie sealed, and only while a visit is active."""

import ipaddress
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.addresses import IpAddress, MacAddress
from wifi_manager.domain.errors import Conflict
from wifi_manager.domain.grants import Grant, Usage
from wifi_manager.domain.plans import Plan
from wifi_manager.domain.visits import Asker, Consent, EndReason, Method, Visit, extended_until, grant_name, grant_of
from wifi_manager.storage.gateways import gateway_number
from wifi_manager.storage.held import keep_bytes
from wifi_manager.storage.once import insert_once
from wifi_manager.storage.plans import PLAN_COLUMNS, to_plan
from wifi_manager.storage.prepared import Prepared
from wifi_manager.storage.rows.base import Moment
from wifi_manager.storage.rows.desk import problem_report
from wifi_manager.storage.rows.inventory import district, gateway, network, plan, site
from wifi_manager.storage.rows.visits import device, remembered_device, stay, used_ticket, visit
from wifi_manager.storage.vault import DEVICE_PURPOSE, Vault

_ASKER = "asker"  # the vault's purpose for sealed addresses

# What every sign-in asks is made once, here: SQLAlchemy takes longer to make a statement than to run it.
_CITY = sa.bindparam("city", type_=sa.BigInteger)
_NOW = sa.bindparam("now", type_=Moment)
_IS_DEVICE = sa.and_(device.c.city_id == _CITY, device.c.pseudonym == sa.bindparam("pseudonym"))
_DEVICE = sa.select(device.c.id).where(_IS_DEVICE)
_ADD_DEVICE = Prepared(insert_once(device, device.c.id), ("city_id", "pseudonym", "first_seen_at"))
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
_KNOWN = Prepared(
    sa.select(device.c.id.label("number"), *_WHOLE)
    .outerjoin_from(device, visit, visit.c.device_id == device.c.id)
    .outerjoin(gateway, visit.c.gateway_id == gateway.c.id)
    .outerjoin(plan, visit.c.plan_id == plan.c.id)
    .outerjoin(network, _AT_NETWORK)
    .outerjoin(site, _AT_SITE)
    .outerjoin(district)
    .where(_IS_DEVICE)
    .order_by(visit.c.id.desc())
    .limit(1)
)
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


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device that was here before: its newest visit, and the revision that this visit's gateway has to enforce."""

    number: int
    visit: Visit | None = None
    revision: int = 0

    def running(self, now: datetime) -> Visit | None:
        """The newest visit while it runs: an older one cannot, for a device has one at a time."""
        return self.visit if self.visit is not None and self.visit.is_active(now) else None


@dataclass(frozen=True)
class Visits:
    """Questions about and changes of a city's visits."""

    connection: sa.Connection
    city_id: int
    vault: Vault | None  # None in processes that need no addresses: they see visits without their asker

    def device_number(self, address: MacAddress, now: datetime) -> int:
        """The number (packet mark) of a device, given at its first visit."""
        values = {"city_id": self.city_id, "pseudonym": self._pseudonym(address), "first_seen_at": now}
        added = _ADD_DEVICE.first(self.connection, values)
        # Nothing was added where it was here before, or where another transaction was first: that number counts.
        return int(added["id"] if added else self.connection.scalars(_DEVICE, self._device(address)).one())

    def device(self, address: MacAddress) -> KnownDevice | None:
        """All that is known of a device, or None where it was never here or is forgotten."""
        row = _KNOWN.first(self.connection, self._device(address))
        if row is None or row["public_id"] is None:
            return None if row is None else KnownDevice(row["number"])
        return KnownDevice(row["number"], self._to_visit(row), row["gateway_revision"])

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

    def forget_device(self, number: int) -> None:
        """Erase a device: its visits, and its reports without their words, stay as figures nothing links to it."""
        keep_bytes(self.connection, self.city_id, number)
        reported = problem_report.c.device_id == number
        unsaid = {"device_id": None, "text_sealed": None, "answer_sealed": None}
        self.connection.execute(sa.update(problem_report).where(reported).values(unsaid))
        values = {"device_id": None, "holder": None}
        self.connection.execute(sa.update(visit).where(visit.c.device_id == number).values(values))
        mine = sa.and_(device.c.city_id == self.city_id, device.c.id == number)
        self.connection.execute(sa.delete(device).where(mine))

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

    def forget_tickets(self, before: datetime) -> int:
        """Forget nonces of tickets that are too old to be accepted anyway; returns how many."""
        old = sa.and_(used_ticket.c.city_id == self.city_id, used_ticket.c.used_at < before)
        return self.connection.execute(sa.delete(used_ticket).where(old)).rowcount

    def forget_visits(self, ended_before: datetime, limit: int) -> int:
        """Delete at most so many visits that ended before then; returns how many."""
        # What ended before then was opened before then, and that is the moment that has an index.
        opened = sa.and_(visit.c.city_id == self.city_id, visit.c.opened_at < ended_before)
        old = sa.and_(opened, visit.c.ended_at < ended_before)
        some = sa.select(visit.c.id).where(old).limit(limit)
        return self.connection.execute(sa.delete(visit).where(visit.c.id.in_(some))).rowcount

    def forget_devices(self, seen_before: datetime, limit: int) -> int:
        """Delete at most so many devices first seen before then of which no visit is left; returns how many."""
        visited = sa.exists().where(visit.c.device_id == device.c.id)
        remembered = sa.exists().where(remembered_device.c.device_id == device.c.id)
        old = sa.and_(device.c.city_id == self.city_id, device.c.first_seen_at < seen_before, ~visited, ~remembered)
        some = sa.select(device.c.id).where(old).limit(limit)
        return self.connection.execute(sa.delete(device).where(device.c.id.in_(some))).rowcount

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

    def _running(self, public_id: str) -> sa.ColumnElement[bool]:
        mine = sa.and_(visit.c.city_id == self.city_id, visit.c.public_id == public_id)
        return sa.and_(mine, visit.c.ended_at.is_(None))

    @property
    def _dialect(self) -> str:
        return self.connection.dialect.name

    def _device(self, address: MacAddress) -> dict[str, object]:
        return {"city": self.city_id, "pseudonym": self._pseudonym(address)}

    def _pseudonym(self, address: MacAddress) -> bytes:
        return self._keys().digest(DEVICE_PURPOSE, address.octets)

    def _seal(self, asker: Asker) -> bytes:
        return self._keys().seal(_ASKER, json.dumps([asker.device.full(), str(asker.address)]).encode())

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
    device_text, address_text = json.loads(vault.unseal(_ASKER, sealed))
    return MacAddress.parse(device_text), ipaddress.ip_address(address_text)
