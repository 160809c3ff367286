"""Gateways of one city: enrolment, and the revision that says which grants are wanted and which are enforced."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wifi_manager.domain.errors import Conflict, NotFound
from wifi_manager.domain.gateways import Gateway
from wifi_manager.storage.prepared import Prepared, is_one_of
from wifi_manager.storage.rows.base import Moment
from wifi_manager.storage.rows.inventory import district, gateway, site

# Made once, for these are asked again and again: SQLAlchemy takes longer to make a statement than to run it.
_CITY = sa.bindparam("city", type_=sa.BigInteger)
_NAMED = sa.and_(gateway.c.city_id == _CITY, gateway.c.name == sa.bindparam("gateway"))
_MARK = sa.select(sa.func.sum(gateway.c.revision)).where(gateway.c.city_id == _CITY)
_REVISION = sa.select(gateway.c.revision).where(_NAMED)
_REVISIONS = sa.select(gateway.c.name, gateway.c.revision).where(gateway.c.city_id == _CITY)
_ACKNOWLEDGED = Prepared(
    {
        dialect: sa.select(gateway.c.name, gateway.c.acknowledged).where(gateway.c.city_id == _CITY, is_named)
        for dialect, is_named in is_one_of(gateway.c.name, "names").items()
    }
)
_KEYS = Prepared(sa.select(gateway.c.public_key, gateway.c.ticket_key_sealed).where(_NAMED))
_NUMBER = sa.select(gateway.c.id).where(_NAMED)
_ENFORCES = sa.bindparam("enforces", type_=sa.BigInteger)
_ACKNOWLEDGE = (
    sa.update(gateway)
    .where(_NAMED)
    .values(
        acknowledged=sa.case((gateway.c.acknowledged < _ENFORCES, _ENFORCES), else_=gateway.c.acknowledged),
        last_contact_at=sa.bindparam("at", type_=Moment),
    )
)
_GATEWAYS: sa.Select[tuple[object, ...]] = (
    sa.select(gateway, district.c.name.label("site_district"), site.c.name.label("site_name"))
    .outerjoin_from(gateway, site)
    .outerjoin(district)
    .where(gateway.c.city_id == _CITY)
)
_GATEWAY = _GATEWAYS.where(gateway.c.name == sa.bindparam("gateway"))


@dataclass(frozen=True, slots=True)
class StoredKeys:
    """A gateway's keys as they lie in the database; the ticket key is sealed under the city's master key."""

    public_key: bytes
    ticket_key_sealed: bytes


@dataclass(frozen=True)
class Gateways:
    """Questions about and changes of a city's gateways."""

    connection: sa.Connection
    city_id: int

    def all(self) -> list[Gateway]:
        """Every gateway, by name."""
        return [_to_gateway(row) for row in self.connection.execute(_GATEWAYS.order_by(gateway.c.name), self._city)]

    def get(self, name: str) -> Gateway | None:
        """One gateway, or None."""
        row = self.connection.execute(_GATEWAY, self._named(name)).one_or_none()
        return None if row is None else _to_gateway(row)

    def add(self, name: str, site_number: int | None, token_digest: bytes, token_expires_at: datetime) -> None:
        """Add a gateway that may enrol once with the token. Raises Conflict when the name is taken."""
        if self.get(name) is not None:
            raise Conflict(f"There is a gateway called {name!r} already. Use `gateway token` to enrol it anew.")
        values = {
            "city_id": self.city_id,
            "site_id": site_number,
            "name": name,
            "token_digest": token_digest,
            "token_expires_at": token_expires_at,
            "revision": 1,
            "acknowledged": 0,
        }
        self.connection.execute(sa.insert(gateway).values(values))

    def renew_token(self, name: str, token_digest: bytes, token_expires_at: datetime) -> None:
        """Let a known gateway enrol once more; its present keys stay valid until it does."""
        values = {"token_digest": token_digest, "token_expires_at": token_expires_at}
        self.connection.execute(sa.update(gateway).where(_NAMED).values(values), self._named(name))

    def enrol(self, token_digest: bytes, keys: StoredKeys, now: datetime) -> str | None:
        """Store the keys of the gateway that has this token, and use the token up; returns the gateway's name.

        None when no valid token has this digest. A new box enforces nothing yet, so nothing is acknowledged.
        """
        values = {
            "public_key": keys.public_key,
            "ticket_key_sealed": keys.ticket_key_sealed,
            "token_digest": None,
            "token_expires_at": None,
            "acknowledged": 0,
        }
        valid = sa.and_(gateway.c.token_digest == token_digest, gateway.c.token_expires_at > now)
        query = sa.update(gateway).where(gateway.c.city_id == self.city_id, valid).values(values)
        return self.connection.scalars(query.returning(gateway.c.name)).one_or_none()

    def keys(self, name: str) -> StoredKeys | None:
        """The keys of an enrolled gateway, or None."""
        row = _KEYS.first(self.connection, self._named(name))
        if row is None or row["public_key"] is None or row["ticket_key_sealed"] is None:
            return None
        return StoredKeys(row["public_key"], row["ticket_key_sealed"])

    def acknowledge(self, name: str, revision: int, at: datetime) -> None:
        """The gateway enforces this revision. An older acknowledgement that comes late changes nothing."""
        self.connection.execute(_ACKNOWLEDGE, {**self._named(name), "enforces": revision, "at": at})

    def revision(self, name: str) -> int | None:
        """The wanted revision of one gateway, or None for an unknown one."""
        return self.connection.scalar(_REVISION, self._named(name))

    def revisions(self) -> dict[str, int]:
        """The wanted revision of every gateway."""
        return {row[0]: row[1] for row in self.connection.execute(_REVISIONS, self._city)}

    def revision_mark(self) -> int:
        """A number that is another one after any revision changed: the cheapest question that polls can watch."""
        return int(self.connection.scalar(_MARK, self._city) or 0)

    def acknowledged(self, names: Collection[str]) -> dict[str, int]:
        """The revision that each of these gateways enforces."""
        rows = _ACKNOWLEDGED.all(self.connection, {**self._city, "names": list(names)})
        return {row["name"]: row["acknowledged"] for row in rows}

    @property
    def _city(self) -> dict[str, object]:
        return {"city": self.city_id}

    def _named(self, name: str) -> dict[str, object]:
        return {"city": self.city_id, "gateway": name}


def gateway_number(connection: sa.Connection, city_id: int, name: str) -> int:
    """The number of a gateway's row. Raises NotFound."""
    number: int | None = connection.scalar(_NUMBER, {"city": city_id, "gateway": name})
    if number is None:
        raise no_such_gateway(name)
    return number


def no_such_gateway(name: str) -> NotFound:
    """What is said of a gateway that nobody added."""
    return NotFound(f"No gateway is called {name!r}. Add it with `wifi-manager gateway add`.")


def _to_gateway(row: sa.Row[tuple[object, ...]]) -> Gateway:
    return Gateway(
        name=row.name,
        site=None if row.site_name is None else (row.site_district, row.site_name),
        is_enrolled=row.public_key is not None,
        revision=row.revision,
        acknowledged=row.acknowledged,
        last_contact_at=row.last_contact_at,
    )
