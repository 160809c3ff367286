"""Rollouts of one city, and the pushes that they are made of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from wifi_manager.domain.errors import Conflict, NotFound
from wifi_manager.domain.pushes import PushState
from wifi_manager.domain.rollouts import Rollout, RolloutState, WaveStanding
from wifi_manager.storage.pushes import INTENT_PURPOSE
from wifi_manager.storage.rows.inventory import access_point
from wifi_manager.storage.rows.provisioning import push, rollout
from wifi_manager.storage.vault import Vault


@dataclass(frozen=True, slots=True)
class PlannedPush:
    """One access point's part in a rollout. `before` is the intent to go back to, None where there was none."""

    access_point: str
    wave: int
    intent: str
    digest: str
    before: str | None


@dataclass(frozen=True)
class Rollouts:
    """Questions about and changes of a city's rollouts."""

    connection: sa.Connection
    city_id: int
    vault: Vault | None

    def add(self, new: Rollout, pushes: Iterable[PlannedPush], numbers: Mapping[str, int]) -> int:
        """Keep a rollout with all its pushes, none of which may begin; returns its number."""
        values = {
            "city_id": self.city_id,
            "reason": new.reason,
            "state": new.state.value,
            "note": new.note,
            "waves": new.waves,
            "wave": 0,
            "soak_seconds": int(new.soak.total_seconds()),
            "proposed_by": new.proposed_by,
            "proposed_at": new.proposed_at,
            "approved_by": "",
        }
        number: int = self.connection.scalars(sa.insert(rollout).values(values).returning(rollout.c.id)).one()
        rows = [{**self._to_row(each, new, numbers), "rollout_id": number} for each in pushes]
        if rows:
            self.connection.execute(sa.insert(push), rows)
        return number

    def get(self, number: int) -> Rollout:
        """One rollout, which nobody else changes until this transaction ends. Raises NotFound."""
        row = self.connection.execute(self._select(rollout.c.id == number).with_for_update()).mappings().one_or_none()
        if row is None:
            raise NotFound(f"There is no rollout number {number}. `wifi-manager provision rollout list` shows them.")
        return _to_rollout(row)

    def newest(self, limit: int) -> list[Rollout]:
        """The newest first."""
        query = self._select(sa.true()).order_by(rollout.c.id.desc()).limit(limit)
        return [_to_rollout(row) for row in self.connection.execute(query).mappings()]

    def running(self) -> list[int]:
        """Numbers of the rollouts that are under way and that nobody else is looking after right now."""
        mine = self._select(rollout.c.state == RolloutState.RUNNING.value).with_for_update(skip_locked=True)
        return [row["id"] for row in self.connection.execute(mine.order_by(rollout.c.id)).mappings()]

    def standings(self, number: int) -> dict[int, WaveStanding]:
        """How each wave stands."""
        tried = sa.and_(push.c.state == PushState.APPROVED.value, push.c.attempts > 0)
        query = (
            sa.select(
                push.c.wave,
                push.c.state,
                sa.func.count().label("number"),
                sa.func.sum(sa.case((tried, 1), else_=0)).label("unreachable"),
                sa.func.max(push.c.ended_at).label("last_end"),
            )
            .where(push.c.rollout_id == number)
            .group_by(push.c.wave, push.c.state)
        )
        return _by_wave(self.connection.execute(query).all())

    def let_go(self, number: int, wave: int, moments: Mapping[str, datetime], by: str) -> None:
        """Let the workers take the pushes of a wave, each not before its moment; it is the rollout's newest now."""
        mine = sa.and_(push.c.rollout_id == number, push.c.wave == wave, push.c.state == PushState.HELD.value)
        query = sa.update(push).where(mine, push.c.access_point_id == sa.bindparam("point"))
        query = query.values(state=PushState.APPROVED.value, approved_by=by, due_at=sa.bindparam("moment"))
        points = self._points(moments)
        if points:
            self.connection.execute(query, [{"point": at, "moment": moments[name]} for name, at in points.items()])
        self.connection.execute(sa.update(rollout).where(rollout.c.id == number).values(wave=wave))

    def members(self, number: int, wave: int, *states: PushState) -> list[str]:
        """Access points of a wave whose pushes are in one of these states, in the order of the plan."""
        wanted = [state.value for state in states]
        query = sa.select(access_point.c.external_id).join_from(push, access_point).order_by(push.c.id)
        mine = sa.and_(push.c.rollout_id == number, push.c.wave == wave, push.c.state.in_(wanted))
        return list(self.connection.scalars(query.where(mine)))

    def hold(self, number: int) -> None:
        """Let no push begin that has not begun: what is under way ends, for the device itself keeps that safe."""
        waiting = sa.and_(push.c.rollout_id == number, push.c.state == PushState.APPROVED.value)
        self.connection.execute(sa.update(push).where(waiting).values(state=PushState.HELD.value))

    def cancel(self, number: int, by: str, at: datetime) -> None:
        """End every push that has not begun."""
        waiting = sa.and_(push.c.rollout_id == number, push.c.state == PushState.HELD.value)
        values = {"state": PushState.CANCELLED.value, "reason": f"its rollout was aborted by {by}", "ended_at": at}
        self.connection.execute(sa.update(push).where(waiting).values(values))

    def turn(self, number: int, expected: Iterable[RolloutState], state: RolloutState, **values: str) -> None:
        """Change its state. Raises Conflict when it is in none of the expected ones."""
        before = [each.value for each in expected]
        mine = sa.and_(rollout.c.city_id == self.city_id, rollout.c.id == number, rollout.c.state.in_(before))
        changed = sa.update(rollout).where(mine).values(state=state.value, **values)
        if self.connection.execute(changed).rowcount == 0:
            raise Conflict(f"Rollout {number} is {self.get(number).state.value}; that is not possible now.")

    def ways_back(self, number: int) -> list[tuple[int, str, str]]:
        """(wave, access point, intent before) of each push that was committed and has a way back."""
        mine = sa.and_(push.c.rollout_id == number, push.c.state == PushState.COMMITTED.value)
        query = sa.select(push.c.wave, access_point.c.external_id, push.c.before_sealed).join_from(push, access_point)
        rows = self.connection.execute(query.where(mine, push.c.before_sealed.is_not(None)).order_by(push.c.id))
        return [
            (row.wave, row.external_id, self._keys().unseal(INTENT_PURPOSE, row.before_sealed).decode())
            for row in rows
        ]

    def _to_row(self, each: PlannedPush, new: Rollout, numbers: Mapping[str, int]) -> dict[str, object]:
        keys = self._keys()
        return {
            "city_id": self.city_id,
            "access_point_id": numbers[each.access_point],
            "intent_sealed": keys.seal(INTENT_PURPOSE, each.intent.encode()),
            "digest": each.digest,
            "state": PushState.HELD.value,
            "reason": "",
            "proposed_by": new.proposed_by,
            "proposed_at": new.proposed_at,
            "approved_by": "",
            "attempts": 0,
            "due_at": new.proposed_at,
            "claimed_by": "",
            "wave": each.wave,
            "before_sealed": None if each.before is None else keys.seal(INTENT_PURPOSE, each.before.encode()),
        }

    def _points(self, names: Iterable[str]) -> dict[str, int]:
        query = sa.select(access_point.c.external_id, access_point.c.id).where(access_point.c.city_id == self.city_id)
        known = {row.external_id: row.id for row in self.connection.execute(query)}
        return {name: known[name] for name in names}

    def _select(self, condition: sa.ColumnElement[bool]) -> sa.Select[tuple[object, ...]]:
        return sa.select(rollout).where(rollout.c.city_id == self.city_id, condition)

    def _keys(self) -> Vault:
        if self.vault is None:
            raise RuntimeError("This process was built without the master key, so it must not touch intents.")
        return self.vault


def _by_wave(rows: Iterable[sa.Row[tuple[object, ...]]]) -> dict[int, WaveStanding]:
    counts: dict[int, dict[PushState, int]] = {}
    unreachable: dict[int, int] = {}
    ends: dict[int, datetime] = {}
    for row in rows:
        counts.setdefault(row.wave, {})[PushState(row.state)] = row.number
        unreachable[row.wave] = unreachable.get(row.wave, 0) + row.unreachable
        if row.last_end is not None:
            ends[row.wave] = max(row.last_end, ends.get(row.wave, row.last_end))
    return {wave: WaveStanding(counts[wave], unreachable[wave], ends.get(wave)) for wave in sorted(counts)}


def _to_rollout(row: sa.RowMapping) -> Rollout:
    return Rollout(
        number=row["id"],
        reason=row["reason"],
        state=RolloutState(row["state"]),
        waves=row["waves"],
        wave=row["wave"],
        soak=timedelta(seconds=row["soak_seconds"]),
        proposed_by=row["proposed_by"],
        proposed_at=row["proposed_at"],
        approved_by=row["approved_by"],
        note=row["note"],
    )
