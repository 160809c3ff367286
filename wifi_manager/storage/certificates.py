"""Certificates of one city's gateways, the orders for them that workers claim, and accounts at authorities."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.certificates import FORGOTTEN_AFTER, CertificateStanding
from wifi_manager.domain.errors import NotFound
from wifi_manager.storage.once import insert_once
from wifi_manager.storage.rows.certificates import acme_account, certificate
from wifi_manager.storage.rows.inventory import gateway
from wifi_manager.storage.vault import Vault

ACME_PURPOSE = "acme account key"  # purpose of the vault
_NO_CLAIM: dict[str, Any] = {"claimed_by": "", "claimed_until": None}
_INSERT_ACCOUNT = insert_once(acme_account, acme_account.c.id)
_PRESENT = (
    sa.select(certificate)
    .join(gateway)
    .where(certificate.c.city_id == sa.bindparam("city"), gateway.c.name == sa.bindparam("gateway"))
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A gateway's request as it is kept, how often it changed lately, and the chain issued for its key."""

    request: bytes  # PKCS #10, DER
    key_digest: bytes
    names: tuple[str, ...]
    heard_at: datetime
    changes: int
    changes_since: datetime
    chain: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A request that one worker carries out, and what was before it."""

    gateway: str
    request: bytes
    names: tuple[str, ...]
    tries: int  # that failed since the last success
    problem: str  # of the last of them


@dataclass(frozen=True, slots=True)
class Issued:
    """What came of an order: the chain (PEM), until when it is good, and when the next one is due."""

    chain: str
    at: datetime
    ends_at: datetime
    due_at: datetime


@dataclass(frozen=True)
class Certificates:
    """Questions about and changes of the certificates of a city's gateways."""

    connection: sa.Connection
    city_id: int
    vault: Vault | None  # None in processes that never touch an account

    def asked(self, name: str) -> Asked | None:
        """What a gateway asked for, and what it got; None before it asked."""
        row = self.connection.execute(_PRESENT, {"city": self.city_id, "gateway": name}).mappings().one_or_none()
        if row is None:
            return None
        about = {each: row[each] for each in Asked.__slots__ if each != "names"}
        return Asked(names=tuple(row["names"]), **about)

    def hear(self, name: str, at: datetime) -> None:
        """The gateway still asks."""
        self._change(name, {"heard_at": at})

    def ask(self, name: str, asked: Asked, at: datetime) -> None:
        """Keep a new request, which is due at once. `asked` has the present chain where that is of the same key."""
        values = {
            **{each: getattr(asked, each) for each in Asked.__slots__},
            "names": list(asked.names),
            "due_at": at,
            "try_at": at,
            "tries": 0,
            "problem": "",
        }
        if asked.chain is None:
            values |= {"issued_at": None, "ends_at": None}
        if not self._change(name, values):
            row = {"gateway_id": self._number_of(name), "city_id": self.city_id, "failures": 0, **_NO_CLAIM, **values}
            self.connection.execute(sa.insert(certificate).values(row))

    def claim(self, worker: str, now: datetime, hold: timedelta) -> Order | None:
        """Take the order that waits longest; whoever claimed it before has been silent for longer than its `hold`."""
        is_free = sa.or_(certificate.c.claimed_until.is_(None), certificate.c.claimed_until < now)
        is_due = sa.and_(certificate.c.try_at <= now, certificate.c.heard_at >= now - FORGOTTEN_AFTER)
        query = sa.select(certificate.c.gateway_id).where(certificate.c.city_id == self.city_id, is_due, is_free)
        query = query.order_by(certificate.c.try_at).limit(1).with_for_update(skip_locked=True)
        number: int | None = self.connection.scalar(query)
        if number is None:
            return None
        mine = certificate.c.gateway_id == number
        claim = {"claimed_by": worker, "claimed_until": now + hold}
        self.connection.execute(sa.update(certificate).where(mine).values(claim))
        row = self.connection.execute(sa.select(certificate, gateway.c.name).join(gateway).where(mine)).one()
        return Order(row.name, row.request, tuple(row.names), row.tries, row.problem)

    def release(self, order: Order, worker: str) -> None:
        """Give an order back as it was, for whoever comes next."""
        self._end_claim(order, worker, {})

    def issue(self, order: Order, worker: str, issued: Issued) -> bool:
        """Keep what was issued. False, and nothing kept, where the request has been changed or claimed meanwhile."""
        values = {
            "chain": issued.chain,
            "issued_at": issued.at,
            "ends_at": issued.ends_at,
            "due_at": issued.due_at,
            "try_at": issued.due_at,
            "tries": 0,
            "problem": "",
        }
        return self._end_claim(order, worker, values, certificate.c.request == order.request)

    def fail(self, order: Order, worker: str, problem: str, try_at: datetime) -> bool:
        """The order came to nothing; what was issued before stays. False as in `issue`."""
        values = {
            "tries": certificate.c.tries + 1,
            "failures": certificate.c.failures + 1,
            "problem": problem,
            "try_at": try_at,
        }
        return self._end_claim(order, worker, values, certificate.c.request == order.request)

    def renew(self, name: str, at: datetime) -> None:
        """Order the next one now. Raises NotFound where the gateway has never asked for one."""
        if not self._change(name, {"due_at": at, "try_at": at, "tries": 0}):
            raise NotFound(
                f"Gateway {name!r} has not asked for a certificate. `wifi-manager certificates list` shows all."
            )

    def standings(self) -> list[CertificateStanding]:
        """How the certificates of all gateways stand, by name of the gateway."""
        names = [each for each in CertificateStanding.__slots__ if each not in {"gateway", "names"}]
        columns = [certificate.c[each] for each in ("names", *names)]
        query = sa.select(gateway.c.name.label("gateway"), *columns).select_from(certificate).join(gateway)
        query = query.where(certificate.c.city_id == self.city_id).order_by(gateway.c.name)
        return [
            CertificateStanding(row["gateway"], tuple(row["names"]), **{each: row[each] for each in names})
            for row in self.connection.execute(query).mappings()
        ]

    def account_key(self, directory_url: str) -> bytes | None:
        """The private key (PKCS #8, DER) of the city's account at an authority, or None before there is one."""
        mine = sa.and_(acme_account.c.city_id == self.city_id, acme_account.c.directory_url == directory_url)
        sealed = self.connection.scalar(sa.select(acme_account.c.key_sealed).where(mine))
        return None if sealed is None else self._keys().unseal(ACME_PURPOSE, sealed)

    def add_account_key(self, directory_url: str, key: bytes, at: datetime) -> None:
        """Keep a new account's key, sealed; where there is one already, that one stays."""
        sealed = self._keys().seal(ACME_PURPOSE, key)
        row = {"city_id": self.city_id, "directory_url": directory_url, "key_sealed": sealed, "made_at": at}
        self.connection.execute(_INSERT_ACCOUNT[self.connection.dialect.name].values(row))

    def _end_claim(self, order: Order, worker: str, values: dict[str, Any], *still: sa.ColumnElement[bool]) -> bool:
        mine = sa.and_(certificate.c.gateway_id == self._number_of(order.gateway), certificate.c.claimed_by == worker)
        query = sa.update(certificate).where(mine, *still).values({**values, **_NO_CLAIM})
        if self.connection.execute(query).rowcount == 1:
            return True
        self.connection.execute(sa.update(certificate).where(mine).values(_NO_CLAIM))
        return False

    def _change(self, name: str, values: dict[str, Any]) -> bool:
        query = sa.update(certificate).where(certificate.c.gateway_id == self._number_of(name)).values(values)
        return self.connection.execute(query).rowcount == 1

    def _number_of(self, name: str) -> int:
        mine = sa.and_(gateway.c.city_id == self.city_id, gateway.c.name == name)
        number: int | None = self.connection.scalar(sa.select(gateway.c.id).where(mine))
        if number is None:
            raise NotFound(f"No gateway is called {name!r}. `wifi-manager gateway list` shows all.")
        return number

    def _keys(self) -> Vault:
        if self.vault is None:
            raise RuntimeError("This process was built without the master key, so it must not touch accounts.")
        return self.vault
