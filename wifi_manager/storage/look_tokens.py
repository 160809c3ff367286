"""Tokens with which access points of one city tell of themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wifi_manager.storage.rows.inventory import access_point
from wifi_manager.storage.rows.look_tokens import look_token
from wifi_manager.storage.rows.provisioning import observation


@dataclass(frozen=True, slots=True)
class Teller:
    """An access point whose token is known. `boots` are its newest starts, the present one last."""

    number: int
    external_id: str
    boots: tuple[str, ...]
    uptime_seconds: int


@dataclass(frozen=True)
class LookTokens:
    """Questions about and changes of tokens."""

    connection: sa.Connection
    city_id: int

    def give(self, number: int, digest: bytes, now: datetime) -> None:
        """From now on the access point of this row number has this token, and no other."""
        self.take_away(number)
        fresh = {"access_point_id": number, "city_id": self.city_id, "token_digest": digest, "given_at": now}
        self.connection.execute(sa.insert(look_token).values(**fresh, boots=[], uptime_seconds=0))

    def take_away(self, number: int) -> bool:
        """Whether it had one."""
        mine = sa.and_(look_token.c.city_id == self.city_id, look_token.c.access_point_id == number)
        return self.connection.execute(sa.delete(look_token).where(mine)).rowcount > 0

    def teller(self, digest: bytes) -> Teller | None:
        """Whose token it is; None for an unknown one. Nobody else tells for it until the transaction ends."""
        query = sa.select(
            look_token.c.access_point_id, access_point.c.external_id, look_token.c.boots, look_token.c.uptime_seconds
        ).join_from(look_token, access_point)
        mine = sa.and_(look_token.c.city_id == self.city_id, look_token.c.token_digest == digest)
        row = self.connection.execute(query.where(mine).with_for_update(of=look_token)).first()
        return None if row is None else Teller(row[0], row[1], tuple(row[2]), row[3])

    def told(self, number: int, boots: Sequence[str], uptime_seconds: int) -> None:
        """It has told how it does, up to this moment of its present start."""
        mine = sa.and_(look_token.c.city_id == self.city_id, look_token.c.access_point_id == number)
        values = {"boots": list(boots), "uptime_seconds": uptime_seconds}
        self.connection.execute(sa.update(look_token).where(mine).values(values))

    def fallen_silent(self, since: datetime) -> list[str]:
        """Those that nobody asks, that were up when they told last, and have told nothing since."""
        query = sa.select(access_point.c.external_id).join_from(look_token, access_point)
        query = query.join(observation, observation.c.access_point_id == access_point.c.id)
        silent = query.where(
            look_token.c.city_id == self.city_id,
            access_point.c.management_host.is_(None),
            observation.c.is_up,
            observation.c.at < since,
        )
        return list(self.connection.scalars(silent))
