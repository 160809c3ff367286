"""Optional consents of devices, and the terms word for word as citizens accepted them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wifi_manager.domain.errors import Conflict
from wifi_manager.domain.visits import Method, Visit
from wifi_manager.storage.gateways import gateway_number
from wifi_manager.storage.rows.law import agreement, terms_text
from wifi_manager.storage.rows.visits import visit

_STANDING = (
    sa.select(agreement)
    .where(agreement.c.device_id == sa.bindparam("device", type_=sa.BigInteger), agreement.c.withdrawn_at.is_(None))
    .order_by(agreement.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """One optional consent: to what, when, under which terms in which language, and how its visit was opened."""

    what: str
    given_at: datetime
    terms_version: str
    terms_language: str
    method: Method


@dataclass(frozen=True)
class Agreements:
    """Questions about and changes of a city's consents."""

    connection: sa.Connection
    city_id: int

    def give(self, what: str, during: Visit, network: str, now: datetime) -> None:
        """Record a consent of the device whose visit runs."""
        values = {
            "city_id": self.city_id,
            "device_id": during.number,
            "what": what,
            "terms_version": during.consent.terms_version,
            "terms_language": during.consent.language,
            "gateway_id": gateway_number(self.connection, self.city_id, during.gateway),
            "network": network,
            "method": during.method.value,
            "given_at": now,
        }
        self.connection.execute(sa.insert(agreement).values(values))

    def standing(self, device: int, what: str) -> Agreement | None:
        """The newest consent of a device to this that was not taken back."""
        query = _STANDING.where(agreement.c.what == what)
        row = self.connection.execute(query, {"device": device}).one_or_none()
        if row is None:
            return None
        return Agreement(row.what, row.given_at, row.terms_version, row.terms_language, Method(row.method))

    def withdraw(self, device: int, now: datetime) -> None:
        """Take every consent of a device back, from now on."""
        standing = sa.and_(agreement.c.device_id == device, agreement.c.withdrawn_at.is_(None))
        mine = sa.and_(agreement.c.city_id == self.city_id, standing)
        self.connection.execute(sa.update(agreement).where(mine).values(withdrawn_at=now))

    def keep_terms(self, version: str, language: str, text: str, now: datetime) -> None:
        """Keep what a version says. Raises Conflict when citizens have accepted it with other words."""
        digest = hashlib.sha256(text.encode()).digest()
        mine = sa.and_(terms_text.c.city_id == self.city_id, terms_text.c.version == version)
        mine = sa.and_(mine, terms_text.c.language == language)
        known = self.connection.scalar(sa.select(terms_text.c.digest).where(mine))
        if known == digest:
            return
        values = {"digest": digest, "text": text, "since": now}
        if known is None:
            named = {"city_id": self.city_id, "version": version, "language": language}
            self.connection.execute(sa.insert(terms_text).values({**named, **values}))
            return
        accepted = sa.exists().where(
            visit.c.city_id == self.city_id, visit.c.terms_version == version, visit.c.terms_language == language
        )
        if self.connection.scalar(sa.select(accepted)):
            raise Conflict(
                f"The terms {version!r} ({language}) are not as citizens have accepted them. "
                "Undo the change, and put the new words into a new folder in configs/terms."
            )
        self.connection.execute(sa.update(terms_text).where(mine).values(values))
