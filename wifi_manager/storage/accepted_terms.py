"""The terms word for word as citizens accepted them."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wifi_manager.domain.errors import Conflict
from wifi_manager.storage.rows.law import terms_text
from wifi_manager.storage.rows.visits import visit


@dataclass(frozen=True)
class AcceptedTerms:
    """What each version of a city's terms says."""

    connection: sa.Connection
    city_id: int

    def keep(self, version: str, language: str, text: str, now: datetime) -> None:
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
