"""Pushes of one city, claimed by workers; what each access point should run; and how to sign in to it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.errors import Conflict, NotFound
from wifi_manager.domain.maintenance import Start
from wifi_manager.domain.pushes import OUTCOMES, Push, PushState
from wifi_manager.domain.sites import Site, SiteKind
from wifi_manager.storage.rows.inventory import access_point, district, site
from wifi_manager.storage.rows.provisioning import credential, observation, push, wanted
from wifi_manager.storage.vault import Vault

_CLAIMING = 0x57_46  # the class of our advisory lock
INTENT_PURPOSE, CREDENTIAL_PURPOSE = "intent", "access point credential"  # purposes of the vault


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an access point should run since its last committed push."""

    intent: str
    digest: str
    since: datetime


@dataclass(frozen=True)
class Pushes:
    """Questions about and changes of a city's pushes."""

    connection: sa.Connection
    city_id: int
    vault: Vault | None  # None in processes that only show states: they see pushes with an empty intent

    def propose(self, external_id: str, intent: str, digest: str, *, by: str, at: datetime) -> Push:
        """Add a push that waits for approval."""
        values = {
            "city_id": self.city_id,
            "access_point_id": self._number_of(external_id),
            "intent_sealed": self._keys().seal(INTENT_PURPOSE, intent.encode()),
            "digest": digest,
            "state": PushState.PROPOSED.value,
            "reason": "",
            "proposed_by": by,
            "proposed_at": at,
            "approved_by": "",
            "attempts": 0,
            "due_at": at,
            "claimed_by": "",
        }
        number = self.connection.scalars(sa.insert(push).values(values).returning(push.c.id)).one()
        return self.get(number)

    def get(self, number: int) -> Push:
        """One push. Raises NotFound."""
        row = self.connection.execute(self._select().where(push.c.id == number)).mappings().one_or_none()
        if row is None:
            raise NotFound(f"There is no push number {number}. `wifi-manager provision status` lists them.")
        return self._to_push(row)

    def newest(
        self, limit: int, external_id: str = "", *, state: PushState | None = None, before: int | None = None
    ) -> list[Push]:
        """The newest pushes first: of one access point, in one state, and older than number `before`, if given."""
        query = self._select().order_by(push.c.id.desc()).limit(limit)
        if external_id:
            query = query.where(access_point.c.external_id == external_id)
        if state is not None:
            query = query.where(push.c.state == state.value)
        if before is not None:
            query = query.where(push.c.id < before)
        return [self._to_push(row) for row in self.connection.execute(query).mappings()]

    def counts(self) -> dict[PushState, int]:
        """How many pushes are in each state."""
        query = sa.select(push.c.state, sa.func.count()).where(push.c.city_id == self.city_id).group_by(push.c.state)
        return {PushState(row[0]): row[1] for row in self.connection.execute(query)}

    def approve(self, number: int, by: str, *, any_hour: bool = False) -> None:
        """Let a worker take it, `any_hour`: also outside windows. Raises Conflict unless it waits for approval."""
        values = {"state": PushState.APPROVED.value, "approved_by": by, "any_hour": any_hour}
        self._step(number, PushState.PROPOSED, values)

    def cancel(self, number: int, by: str, at: datetime) -> None:
        """Take back a push that no worker has begun. Raises Conflict when one has."""
        waiting = self.get(number).state
        if waiting not in {PushState.PROPOSED, PushState.APPROVED}:
            raise Conflict(f"Push {number} is {waiting.value} and cannot be cancelled any more.")
        values = {"state": PushState.CANCELLED.value, "reason": f"cancelled by {by}", "ended_at": at}
        self._step(number, waiting, values)

    def claim(self, worker: str, now: datetime, silence: timedelta) -> Push | None:
        """Take the next push that is due: an approved one, or one whose worker has been silent for that long."""
        abandoned = sa.and_(push.c.state == PushState.RUNNING.value, push.c.heartbeat_at < now - silence)
        free = sa.not_(sa.or_(self._is_busy(), self._site_is_busy()))
        approved = sa.and_(push.c.state == PushState.APPROVED.value, push.c.due_at <= now, free)
        query = sa.select(push.c.id).where(push.c.city_id == self.city_id, sa.or_(abandoned, approved))
        query = query.order_by(push.c.id).limit(1).with_for_update(skip_locked=True)
        self._one_at_a_time()
        number: int | None = self.connection.scalar(query)
        if number is None:
            return None
        return self.get(number) if self.begin(number, worker, now) else None

    def begin(self, number: int, worker: str, now: datetime) -> bool:
        """From now on this worker has it. False when another has just begun a push at the same access point."""
        values = {
            "state": PushState.RUNNING.value,
            "claimed_by": worker,
            "heartbeat_at": now,
            "attempts": push.c.attempts + 1,
            "reason": "",
            "window_at": None,
        }
        try:
            with self.connection.begin_nested():
                self.connection.execute(sa.update(push).where(push.c.id == number).values(values))
        except sa.exc.IntegrityError:
            return False
        return True

    def heartbeat(self, number: int, worker: str, now: datetime) -> bool:
        """Say that the worker lives. False when the push was taken over by another."""
        query = sa.update(push).where(self._held(number, worker)).values(heartbeat_at=now)
        return self.connection.execute(query).rowcount == 1

    def postpone(self, number: int, worker: str, *, until: datetime, reason: str) -> bool:
        """Give it back to the queue: the device did not answer, which is neither success nor failure."""
        values = {"state": PushState.APPROVED.value, "due_at": until, "reason": reason, "claimed_by": ""}
        return self.connection.execute(sa.update(push).where(self._held(number, worker)).values(values)).rowcount == 1

    def wait(self, number: int, start: Start, until: datetime, reason: str) -> None:
        """Give it back untried: it is not in its maintenance window."""
        values = {
            "state": PushState.APPROVED.value,
            "due_at": until,
            "window_at": start.opens,
            "reason": reason,
            "claimed_by": "",
            "attempts": push.c.attempts - 1,
        }
        self.connection.execute(sa.update(push).where(push.c.id == number).values(values))

    def site(self, number: int) -> Site | None:
        """The site whose maintenance windows hold for a push; None where any hour will do."""
        query = sa.select(district.c.name, site.c.name, site.c.kind, push.c.any_hour)
        query = query.select_from(push).join(access_point).join(site).join(district).where(push.c.id == number)
        row = self.connection.execute(query).one()
        return None if row.any_hour else Site(row[0], row[1], SiteKind(row[2]))

    def wake(self, now: datetime) -> int:
        """Try those again at once that could not be reached and were seen to be up since; returns how many."""
        seen = sa.select(observation.c.access_point_id).where(
            observation.c.access_point_id == push.c.access_point_id,
            observation.c.is_up,
            observation.c.at > push.c.heartbeat_at,
        )
        missed = sa.and_(push.c.state == PushState.APPROVED.value, push.c.attempts > 0, push.c.due_at > now)
        missed = sa.and_(missed, push.c.window_at.is_(None))
        mine = sa.and_(push.c.city_id == self.city_id, missed, sa.exists(seen))
        return self.connection.execute(sa.update(push).where(mine).values(due_at=now)).rowcount

    def finish(self, number: int, worker: str, state: PushState, *, reason: str, at: datetime) -> bool:
        """Record the outcome. False when the push was taken over by another worker, whose word then counts."""
        if state not in OUTCOMES:
            raise ValueError(f"{state} is no outcome.")
        values = {"state": state.value, "reason": reason, "ended_at": at}
        return self.connection.execute(sa.update(push).where(self._held(number, worker)).values(values)).rowcount == 1

    def set_wanted(self, external_id: str, value: Wanted) -> None:
        """From now on this is what the access point should run."""
        number = self._number_of(external_id)
        values: dict[str, Any] = {
            "intent_sealed": self._keys().seal(INTENT_PURPOSE, value.intent.encode()),
            "digest": value.digest,
            "since": value.since,
        }
        self._put(wanted, number, values)

    def wanted(self, external_id: str) -> Wanted | None:
        """What the access point should run, or None before its first committed push."""
        query = sa.select(wanted).where(wanted.c.access_point_id == self._number_of(external_id))
        row = self.connection.execute(query).mappings().one_or_none()
        return None if row is None else Wanted(self._open(row["intent_sealed"]), row["digest"], row["since"])

    def all_wanted(self) -> dict[str, str]:
        """The intent that each access point should run, by external id."""
        query = sa.select(access_point.c.external_id, wanted.c.intent_sealed).join_from(wanted, access_point)
        rows = self.connection.execute(query.where(wanted.c.city_id == self.city_id))
        return {row.external_id: self._open(row.intent_sealed) for row in rows}

    def digests(self) -> dict[str, str]:
        """What the intent that each access point should run has rendered to, by external id."""
        query = sa.select(access_point.c.external_id, wanted.c.digest).join_from(wanted, access_point)
        return {row[0]: row[1] for row in self.connection.execute(query.where(wanted.c.city_id == self.city_id))}

    def set_credential(self, external_id: str, private_key: str) -> None:
        """Store the private key that signs in to this access point, sealed."""
        sealed = self._keys().seal(CREDENTIAL_PURPOSE, private_key.encode())
        values = {"private_key_sealed": sealed, "next_sealed": None, "previous_sealed": None}
        self._put(credential, self._number_of(external_id), values)

    def credential(self, external_id: str) -> str:
        """The private key that signs in to this access point. Raises NotFound when none was given."""
        mine = credential.c.access_point_id == self._number_of(external_id)
        sealed = self.connection.scalar(sa.select(credential.c.private_key_sealed).where(mine))
        if sealed is None:
            raise NotFound(f"No key is stored for {external_id}. Give it with `wifi-manager provision enrol`.")
        return self._keys().unseal(CREDENTIAL_PURPOSE, sealed).decode()

    def _put(self, table: sa.Table, number: int, values: dict[str, Any]) -> None:
        query = sa.update(table).where(table.c.access_point_id == number).values(values)
        if self.connection.execute(query).rowcount == 0:
            row = {"access_point_id": number, "city_id": self.city_id, **values}
            self.connection.execute(sa.insert(table).values(row))

    def _step(self, number: int, expected: PushState, values: dict[str, Any]) -> None:
        mine = sa.and_(push.c.city_id == self.city_id, push.c.id == number, push.c.state == expected.value)
        if self.connection.execute(sa.update(push).where(mine).values(values)).rowcount == 0:
            raise Conflict(f"Push {number} is {self.get(number).state.value}, not {expected.value}.")

    def _is_busy(self) -> sa.ColumnElement[bool]:
        other = push.alias("other")
        same = sa.and_(other.c.access_point_id == push.c.access_point_id, other.c.state == PushState.RUNNING.value)
        return sa.exists(sa.select(other.c.id).where(same))

    def _site_is_busy(self) -> sa.ColumnElement[bool]:
        """Never two of one site at once, also where one of an earlier wave comes back late."""
        other, mine, theirs = push.alias("at_site"), access_point.alias("mine"), access_point.alias("theirs")
        running = sa.select(other.c.id).join(theirs, theirs.c.id == other.c.access_point_id)
        running = running.join(mine, mine.c.site_id == theirs.c.site_id)
        same = sa.and_(other.c.state == PushState.RUNNING.value, mine.c.id == push.c.access_point_id)
        return sa.and_(push.c.rollout_id.is_not(None), sa.exists(running.where(same)))

    def _one_at_a_time(self) -> None:
        """Two workers must not both find a site free. SQLite has one writer at a time anyway."""
        if self.connection.dialect.name == "postgresql":
            self.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CLAIMING, self.city_id)))

    def _held(self, number: int, worker: str) -> sa.ColumnElement[bool]:
        return sa.and_(
            push.c.city_id == self.city_id,
            push.c.id == number,
            push.c.state == PushState.RUNNING.value,
            push.c.claimed_by == worker,
        )

    def _select(self) -> sa.Select[tuple[object, ...]]:
        columns: sa.Select[tuple[object, ...]] = sa.select(push, access_point.c.external_id)
        return columns.join(access_point, push.c.access_point_id == access_point.c.id).where(
            push.c.city_id == self.city_id
        )

    def _to_push(self, row: sa.RowMapping) -> Push:
        return Push(
            number=row["id"],
            access_point=row["external_id"],
            intent=self._open(row["intent_sealed"]),
            digest=row["digest"],
            state=PushState(row["state"]),
            proposed_by=row["proposed_by"],
            proposed_at=row["proposed_at"],
            approved_by=row["approved_by"],
            reason=row["reason"],
            ended_at=row["ended_at"],
            attempts=row["attempts"],
        )

    def _open(self, sealed: bytes) -> str:
        return "" if self.vault is None else self.vault.unseal(INTENT_PURPOSE, sealed).decode()

    def _keys(self) -> Vault:
        if self.vault is None:
            raise RuntimeError("This process was built without the master key, so it must not touch intents or keys.")
        return self.vault

    def _number_of(self, external_id: str) -> int:
        mine = sa.and_(access_point.c.city_id == self.city_id, access_point.c.external_id == external_id)
        number: int | None = self.connection.scalar(sa.select(access_point.c.id).where(mine))
        if number is None:
            raise NotFound(f"No access point is numbered {external_id!r}. `wifi-manager fleet list` shows them.")
        return number
