"""Rollouts of one city, and the pushes that they are made of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from wifi_manager.domain.errors import Conflict, NotFound
from wifi_manager.domain.pushes import PushState
from wifi_manager.domain.rollouts import MemberStanding, Rollout, RolloutState, Shown, ShownGroup, WaveStanding
from wifi_manager.domain.sites import Site, SiteKind
from wifi_manager.storage.pushes import INTENT_PURPOSE
from wifi_manager.storage.rows.inventory import access_point, district, site
from wifi_manager.storage.rows.provisioning import push, rollout, rollout_group
from wifi_manager.storage.vault import Vault


@dataclass(frozen=True, slots=True)
class PlannedPush:
    """One access point's part in a rollout. `before` is the intent to go back to, None where there was none."""

    access_point: str
    wave: int
    intent: str
    digest: str
    before: str | None
    sort: str = ""
    group: int | None = None  # position of its group


@dataclass(frozen=True, slots=True)
class LetGo:
    """When a push may begin. `opens`: it waits for that maintenance window; `why` says so in words."""

    due_at: datetime
    opens: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class KeptGroup:
    """Access points of a plan that change alike."""

    position: int
    score: int
    touched: tuple[str, ...]
    size: int
    diff: str


@dataclass(frozen=True)
class Rollouts:
    """Questions about and changes of a city's rollouts."""

    connection: sa.Connection
    city_id: int
    vault: Vault | None

    def add(self, new: Rollout) -> int:
        """Keep a rollout without a plan; returns its number."""
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
            "undoes": new.undoes,
            "summary": {},
        }
        number: int = self.connection.scalars(sa.insert(rollout).values(values).returning(rollout.c.id)).one()
        return number

    def fill(self, new: Rollout, pushes: Sequence[PlannedPush], numbers: Mapping[str, int], shown: Shown) -> None:
        """Give it its plan: all its pushes, none of which may begin, and what people see of it."""
        summary = {"reasons": shown.reasons, "unchanged": shown.unchanged, "wrong": shown.wrong}
        mine = sa.update(rollout).where(rollout.c.id == new.number)
        self.connection.execute(mine.values(waves=new.waves, score=shown.score, summary=summary))
        rows = [{**self._to_row(each, new, numbers), "rollout_id": new.number} for each in pushes]
        if rows:
            self.connection.execute(sa.insert(push), rows)
        groups = [self._group_row(new.number, position, each) for position, each in enumerate(shown.groups, 1)]
        if groups:
            self.connection.execute(sa.insert(rollout_group), groups)

    def _group_row(self, number: int, position: int, group: ShownGroup) -> dict[str, object]:
        return {
            "city_id": self.city_id,
            "rollout_id": number,
            "position": position,
            "score": group.score,
            "touched": list(group.touched),
            "diff": group.diff,
            "size": len(group.access_points),
        }

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
        return self.in_state(RolloutState.RUNNING)

    def in_state(self, state: RolloutState) -> list[int]:
        """Numbers of the rollouts in a state that nobody else is looking after right now, the oldest first."""
        mine = self._select(rollout.c.state == state.value).with_for_update(skip_locked=True)
        return [row["id"] for row in self.connection.execute(mine.order_by(rollout.c.id)).mappings()]

    def standings(self, number: int) -> dict[int, WaveStanding]:
        """How each wave stands."""
        tried = sa.and_(push.c.state == PushState.APPROVED.value, push.c.attempts > 0)
        waiting = sa.and_(push.c.state == PushState.APPROVED.value, push.c.window_at.is_not(None))
        query = (
            sa.select(
                push.c.wave,
                push.c.state,
                sa.func.count().label("number"),
                sa.func.sum(sa.case((tried, 1), else_=0)).label("unreachable"),
                sa.func.sum(sa.case((waiting, 1), else_=0)).label("waiting"),
                sa.func.max(push.c.ended_at).label("last_end"),
            )
            .where(push.c.rollout_id == number)
            .group_by(push.c.wave, push.c.state)
        )
        return _by_wave(self.connection.execute(query).all())

    def let_go(self, number: int, wave: int, starts: Mapping[int, LetGo], by: str) -> None:
        """Let the workers take these pushes, each not before its moment; `wave` is the rollout's newest now."""
        query = sa.update(push).where(push.c.id == sa.bindparam("number"), push.c.state == PushState.HELD.value)
        query = query.values(
            state=PushState.APPROVED.value,
            approved_by=by,
            due_at=sa.bindparam("moment"),
            window_at=sa.bindparam("opens"),
            reason=sa.bindparam("why"),
        )
        if starts:
            rows = [
                {"number": at, "moment": each.due_at, "opens": each.opens, "why": each.why}
                for at, each in starts.items()
            ]
            self.connection.execute(query, rows)
        self.connection.execute(sa.update(rollout).where(rollout.c.id == number).values(wave=wave))

    def held(self, number: int, wave: int) -> list[tuple[int, Site]]:
        """Pushes up to a wave that are held, with their sites, in the order of the plan."""
        query = sa.select(push.c.id, district.c.name, site.c.name, site.c.kind)
        query = query.select_from(push).join(access_point).join(site).join(district)
        mine = sa.and_(push.c.rollout_id == number, push.c.wave <= wave, push.c.state == PushState.HELD.value)
        rows = self.connection.execute(query.where(mine).order_by(push.c.wave, push.c.id))
        return [(row[0], Site(row[1], row[2], SiteKind(row[3]))) for row in rows]

    def send_stand_ins(self, number: int) -> int:
        """Let another one of each sort be its canary where none of that sort could be reached; returns how many.

        The first wave is what tells that a change does no harm: a device that is switched off tells nothing.
        """
        mine = sa.and_(push.c.rollout_id == number, push.c.wave == 1)
        missed = sa.and_(push.c.state == PushState.APPROVED.value, push.c.attempts > 0)
        met = sa.func.sum(sa.case((missed, 0), else_=1))
        unmet = sa.select(push.c.sort).where(mine).group_by(push.c.sort).having(met == 0)
        held = sa.and_(push.c.rollout_id == number, push.c.wave > 1, push.c.state == PushState.HELD.value)
        first = sa.select(sa.func.min(push.c.id)).where(held, push.c.sort.in_(unmet)).group_by(push.c.sort)
        found = list(self.connection.scalars(first))
        if found:
            self.connection.execute(sa.update(push).where(push.c.id.in_(found)).values(wave=1))
        return len(found)

    def override(self, number: int, reason: str) -> None:
        """From now on maintenance windows do not hold for it."""
        self.connection.execute(sa.update(rollout).where(rollout.c.id == number).values(any_hour=reason))
        self.connection.execute(sa.update(push).where(push.c.rollout_id == number).values(any_hour=True))

    def release(self, number: int, now: datetime) -> None:
        """Let those go now that wait for their windows."""
        waiting = sa.and_(push.c.rollout_id == number, push.c.state == PushState.APPROVED.value)
        waiting = sa.and_(waiting, push.c.window_at.is_not(None))
        self.connection.execute(sa.update(push).where(waiting).values(due_at=now, window_at=None, reason=""))

    def members(
        self, number: int, *, group: int | None = None, trouble: bool = False, limit: int = 1 << 31, offset: int = 0
    ) -> list[MemberStanding]:
        """Its access points wave by wave: those of a group, or those in `trouble`, where that is asked for."""
        columns = sa.select(push, access_point.c.external_id, district.c.name.label("district"), site.c.name)
        query = columns.select_from(push).join(access_point).join(site).join(district)
        query = query.where(self._members(number, group=group, trouble=trouble)).order_by(push.c.wave, push.c.id)
        return [_to_member(row) for row in self.connection.execute(query.limit(limit).offset(offset)).mappings()]

    def count(self, number: int, *, group: int | None = None, trouble: bool = False) -> int:
        """How many those are."""
        query = sa.select(sa.func.count()).where(self._members(number, group=group, trouble=trouble))
        return self.connection.execute(query).scalar_one()

    def _members(self, number: int, *, group: int | None, trouble: bool) -> sa.ColumnElement[bool]:
        chosen = [push.c.city_id == self.city_id, push.c.rollout_id == number]
        if group is not None:
            chosen.append(push.c.group_position == group)
        if trouble:
            missed = sa.and_(push.c.state == PushState.APPROVED.value, push.c.attempts > 0)
            chosen.append(sa.or_(missed, push.c.state.in_([PushState.UNDONE.value, PushState.REFUSED.value])))
        return sa.and_(*chosen)

    def groups(self, number: int, limit: int = 1 << 31, offset: int = 0) -> list[KeptGroup]:
        """Its groups, the riskiest first, without their diffs."""
        mine = sa.and_(rollout_group.c.city_id == self.city_id, rollout_group.c.rollout_id == number)
        query = sa.select(rollout_group).where(mine).order_by(rollout_group.c.position).limit(limit).offset(offset)
        return [
            KeptGroup(row["position"], row["score"], tuple(row["touched"]), row["size"], row["diff"])
            for row in self.connection.execute(query).mappings()
        ]

    def group(self, number: int, position: int) -> KeptGroup:
        """One group. Raises NotFound."""
        found = self.groups(number, 1, position - 1) if position > 0 else []
        if not found:
            raise NotFound(f"Rollout {number} has no group {position}.")
        return found[0]

    def group_count(self, number: int) -> int:
        """How many groups it has."""
        query = sa.select(sa.func.count()).where(rollout_group.c.rollout_id == number)
        return self.connection.execute(query).scalar_one()

    def shown(self, number: int) -> Shown:
        """What people see of its plan, without the groups. Raises NotFound."""
        row = self.connection.execute(self._select(rollout.c.id == number)).mappings().one_or_none()
        if row is None:
            raise NotFound(f"There is no rollout number {number}.")
        summary = row["summary"]
        reasons, wrong = tuple(summary.get("reasons", ())), summary.get("wrong", {})
        return Shown((), row["score"], reasons, summary.get("unchanged", 0), wrong)

    def hold(self, number: int) -> None:
        """Let no push begin that has not begun: what is under way ends, for the device itself keeps that safe."""
        waiting = sa.and_(push.c.rollout_id == number, push.c.state == PushState.APPROVED.value)
        self.connection.execute(sa.update(push).where(waiting).values(state=PushState.HELD.value, window_at=None))

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
            "sort": each.sort,
            "group_position": each.group,
            "before_sealed": None if each.before is None else keys.seal(INTENT_PURPOSE, each.before.encode()),
        }

    def _select(self, condition: sa.ColumnElement[bool]) -> sa.Select[tuple[object, ...]]:
        return sa.select(rollout).where(rollout.c.city_id == self.city_id, condition)

    def _keys(self) -> Vault:
        if self.vault is None:
            raise RuntimeError("This process was built without the master key, so it must not touch intents.")
        return self.vault


def _by_wave(rows: Iterable[sa.Row[tuple[object, ...]]]) -> dict[int, WaveStanding]:
    counts: dict[int, dict[PushState, int]] = {}
    unreachable: dict[int, int] = {}
    waiting: dict[int, int] = {}
    ends: dict[int, datetime] = {}
    for row in rows:
        counts.setdefault(row.wave, {})[PushState(row.state)] = row.number
        unreachable[row.wave] = unreachable.get(row.wave, 0) + row.unreachable
        waiting[row.wave] = waiting.get(row.wave, 0) + row.waiting
        if row.last_end is not None:
            ends[row.wave] = max(row.last_end, ends.get(row.wave, row.last_end))
    return {
        wave: WaveStanding(counts[wave], unreachable[wave], waiting[wave], ends.get(wave)) for wave in sorted(counts)
    }


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
        undoes=row["undoes"],
        any_hour=row["any_hour"],
        score=row["score"],
    )


def _to_member(row: sa.RowMapping) -> MemberStanding:
    return MemberStanding(
        access_point=row["external_id"],
        site=(row["district"], row["name"]),
        wave=row["wave"],
        push=row["id"],
        state=PushState(row["state"]),
        reason=row["reason"],
        attempts=row["attempts"],
        opens=row["window_at"],
        ended_at=row["ended_at"],
    )
