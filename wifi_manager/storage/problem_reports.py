"""Citizens' problem reports of one city. What people typed lies sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.problem_reports import ProblemReport, ReportState, Told, Trouble
from wifi_manager.storage.once import insert_once
from wifi_manager.storage.rows.desk import problem_report
from wifi_manager.storage.rows.inventory import district, gateway, network, site
from wifi_manager.storage.vault import Vault

REPORT_PURPOSE = "problem report"  # the vault's purpose for what citizens and operators write
_ADD = insert_once(problem_report, problem_report.c.id)
_OWN = sa.and_(network.c.gateway_id == gateway.c.id, network.c.name == sa.bindparam("network"))
_PLACE = (
    sa.select(gateway.c.id, sa.func.coalesce(network.c.site_id, gateway.c.site_id))
    .join_from(gateway, network, _OWN, isouter=True)
    .where(gateway.c.city_id == sa.bindparam("city"), gateway.c.name == sa.bindparam("gateway"))
)
_WHOLE: sa.Select[tuple[Any, ...]] = (
    sa.select(
        problem_report,
        gateway.c.name.label("gateway_name"),
        district.c.name.label("district_name"),
        site.c.name.label("site_name"),
    )
    .outerjoin_from(problem_report, gateway, problem_report.c.gateway_id == gateway.c.id)
    .outerjoin(site, problem_report.c.site_id == site.c.id)
    .outerjoin(district, site.c.district_id == district.c.id)
)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The rows of the place that a report speaks of; both None where nobody knows it."""

    gateway: int | None = None
    site: int | None = None


NOWHERE = Whereabouts()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of a report beside what its citizen says. `nonce` is used once."""

    nonce: str
    at: datetime
    where: Whereabouts = NOWHERE
    network: str = ""
    access: str = ""
    device: int | None = None


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """Which reports a list shows. Empty means all."""

    state: ReportState | None = None
    district: str = ""
    site: str = ""
    assigned_to: str = ""


@dataclass(frozen=True, slots=True)
class WaitingReports:
    """How many reports of one site wait for somebody. Both names are empty where nobody knows the place."""

    district: str
    site: str
    count: int


@dataclass(frozen=True)
class ProblemReports:
    """Questions about and changes of a city's problem reports."""

    connection: sa.Connection
    city_id: int
    vault: Vault | None  # None in processes that count only: they see reports without their texts

    def whereabouts(self, gateway_name: str, network_name: str) -> Whereabouts:
        """The place of a network of a gateway."""
        given = {"city": self.city_id, "gateway": gateway_name, "network": network_name}
        row = self.connection.execute(_PLACE, given).one_or_none()
        return NOWHERE if row is None else Whereabouts(*row)

    def add(self, told: Told, known: Circumstances) -> int:
        """Keep a report; returns its number, or that of the report which the same nonce has brought before."""
        values = {
            "city_id": self.city_id,
            "nonce": known.nonce,
            "device_id": known.device,
            "site_id": known.where.site,
            "gateway_id": known.where.gateway,
            "network": known.network,
            "at": known.at,
            "trouble": told.trouble.value,
            "text_sealed": self._seal(told.text) if told.text else None,
            "incident": told.incident,
            "access": known.access,
            "state": ReportState.OPEN.value,
            "assigned_to": "",
            "answer_sealed": None,
            "handled_by": "",
            "handled_at": None,
        }
        number: int | None = self.connection.scalar(_ADD[self.connection.dialect.name], values)
        return number or self.number_of(known.nonce) or 0

    def number_of(self, nonce: str) -> int | None:
        """The report that came with this nonce, or None."""
        mine = sa.and_(problem_report.c.city_id == self.city_id, problem_report.c.nonce == nonce)
        return self.connection.scalar(sa.select(problem_report.c.id).where(mine))

    def from_device(self, number: int, since: datetime) -> int:
        """How many reports a device has sent since then."""
        return self._count(problem_report.c.device_id == number, problem_report.c.at >= since)

    def from_place(self, where: Whereabouts, since: datetime) -> int:
        """How many reports came from a site, or a gateway without a site, or from nobody knows where, since then."""
        at = problem_report.c.gateway_id == where.gateway
        if where.site is not None:
            at = problem_report.c.site_id == where.site
        elif where.gateway is None:
            at = problem_report.c.gateway_id.is_(None)
        return self._count(at, problem_report.c.at >= since)

    def of_device(self, number: int, limit: int) -> list[ProblemReport]:
        """The newest reports of a device."""
        return self._read(_WHOLE.where(problem_report.c.device_id == number), limit)

    def get(self, number: int) -> ProblemReport | None:
        """One report, or None."""
        found = self._read(_WHOLE.where(problem_report.c.id == number), 1)
        return found[0] if found else None

    def page(self, wanted: ReportFilter, limit: int, before: int | None = None) -> list[ProblemReport]:
        """The newest first, older than number `before` if given."""
        query = _WHOLE.where(*self._conditions(wanted))
        return self._read(query if before is None else query.where(problem_report.c.id < before), limit)

    def counts(self, wanted: ReportFilter) -> Mapping[ReportState, int]:
        """How many reports there are of each state, whatever state is wanted."""
        every = ReportFilter(None, wanted.district, wanted.site, wanted.assigned_to)
        query = sa.select(problem_report.c.state, sa.func.count()).select_from(_joined())
        query = query.where(problem_report.c.city_id == self.city_id, *self._conditions(every))
        rows = self.connection.execute(query.group_by(problem_report.c.state))
        return {ReportState(state): count for state, count in rows}

    def waiting(self) -> list[WaitingReports]:
        """Open reports by site."""
        sort = (sa.func.coalesce(district.c.name, ""), sa.func.coalesce(site.c.name, ""))
        query = sa.select(*sort, sa.func.count()).select_from(_joined()).group_by(*sort).order_by(*sort)
        mine = sa.and_(problem_report.c.city_id == self.city_id, problem_report.c.state == ReportState.OPEN.value)
        return [WaitingReports(*row) for row in self.connection.execute(query.where(mine))]

    def assign(self, number: int, operator: str) -> None:
        """Somebody takes it."""
        self._change(number, {"assigned_to": operator})

    def answer(self, number: int, text: str, operator: str, at: datetime) -> None:
        """Tell the citizen something; a later answer replaces it."""
        handled = {"handled_by": operator, "handled_at": at}
        self._change(number, {"answer_sealed": self._seal(text), "state": ReportState.ANSWERED.value, **handled})

    def close(self, number: int, operator: str, at: datetime) -> None:
        """Nothing more is to be done."""
        self._change(number, {"state": ReportState.CLOSED.value, "handled_by": operator, "handled_at": at})

    def _conditions(self, wanted: ReportFilter) -> Sequence[sa.ColumnElement[bool]]:
        given: list[tuple[sa.ColumnElement[Any], str]] = [
            (problem_report.c.state, wanted.state.value if wanted.state else ""),
            (district.c.name, wanted.district),
            (site.c.name, wanted.site),
            (problem_report.c.assigned_to, wanted.assigned_to),
        ]
        return [column == value for column, value in given if value]

    def _count(self, *conditions: sa.ColumnElement[bool]) -> int:
        query = sa.select(sa.func.count()).select_from(problem_report)
        return self.connection.scalar(query.where(problem_report.c.city_id == self.city_id, *conditions)) or 0

    def _read(self, query: sa.Select[tuple[Any, ...]], limit: int) -> list[ProblemReport]:
        mine = query.where(problem_report.c.city_id == self.city_id).order_by(problem_report.c.id.desc())
        return [self._to_report(row) for row in self.connection.execute(mine.limit(limit))]

    def _change(self, number: int, values: Mapping[str, Any]) -> None:
        mine = sa.and_(problem_report.c.city_id == self.city_id, problem_report.c.id == number)
        self.connection.execute(sa.update(problem_report).where(mine).values(values))

    def _to_report(self, row: sa.Row[tuple[Any, ...]]) -> ProblemReport:
        return ProblemReport(
            number=row.id,
            at=row.at,
            trouble=Trouble(row.trouble),
            text=self._unseal(row.text_sealed),
            incident=row.incident,
            access=row.access,
            device=row.device_id,
            site=None if row.site_name is None else (row.district_name, row.site_name),
            gateway=row.gateway_name or "",
            network=row.network,
            state=ReportState(row.state),
            assigned_to=row.assigned_to,
            answer=self._unseal(row.answer_sealed),
            handled_by=row.handled_by,
            handled_at=row.handled_at,
        )

    def _seal(self, text: str) -> bytes:
        if self.vault is None:
            raise RuntimeError("This process was built without the master key, so it must not touch reports' texts.")
        return self.vault.seal(REPORT_PURPOSE, text.encode())

    def _unseal(self, sealed: bytes | None) -> str | None:
        return None if sealed is None or self.vault is None else self.vault.unseal(REPORT_PURPOSE, sealed).decode()


def _joined() -> sa.FromClause:
    at_site = sa.join(problem_report, site, problem_report.c.site_id == site.c.id, isouter=True)
    return at_site.outerjoin(district, site.c.district_id == district.c.id)
