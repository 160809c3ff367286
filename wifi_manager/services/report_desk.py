"""What operators do with problem reports. The trail names a report by its number, and holds none of its words."""

from dataclasses import dataclass

from wifi_manager.clock import Clock
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.blocks import Block
from wifi_manager.domain.errors import BadInput, Conflict, NotFound
from wifi_manager.domain.gateways import Gateway
from wifi_manager.domain.observations import STALE_AFTER, Health
from wifi_manager.domain.problem_reports import LONGEST_ANSWER, ProblemReport, ReportState
from wifi_manager.domain.visits import Visit
from wifi_manager.storage.store import Store, Transaction

_NOUN = "report"


@dataclass(frozen=True, slots=True)
class Findings:
    """A report beside what is known of its place and its device now."""

    report: ProblemReport
    gateways: tuple[Gateway, ...]  # of its site, or the one that it came through
    health: dict[Health, int]  # managed access points at the site
    visit: Visit | None  # the device's newest
    block: Block | None


@dataclass(frozen=True, slots=True)
class ReportDesk:
    """Reads, takes, answers and closes. Its store needs the vault."""

    store: Store
    clock: Clock

    def look_into(self, number: int) -> Findings:
        """A report and all that bears upon it. Raises NotFound."""
        now = self.clock.now()
        with self.store.read() as tx:
            report = _report(tx, number)
            health = tx.reports.site_health(report.site, now - STALE_AFTER) if report.site else {}
            at = tuple(each for each in tx.gateways.all() if _serves(each, report))
            visit, block = None, None
            if report.device is not None:
                newest = tx.stays.newest_of(report.device)
                visit = None if newest is None else tx.visits.get(newest)
                block = next((each for each in tx.blocks.of([report.device]) if each.holds(now)), None)
            return Findings(report, at, health, visit, block)

    def assign(self, number: int, operator: str) -> None:
        """The operator takes it. Raises NotFound; Conflict when it is closed."""
        with self.store.begin() as tx:
            before = _unclosed(tx, number).assigned_to
            tx.problem_reports.assign(number, operator)
            self._note(tx, operator, "took", number, {"assigned_to": before}, {"assigned_to": operator})

    def answer(self, number: int, text: str, operator: str) -> None:
        """Let the citizen read this. Raises NotFound; BadInput for an empty or long text; Conflict when closed."""
        if not 0 < len(text) <= LONGEST_ANSWER:
            raise BadInput(f"An answer has 1 to {LONGEST_ANSWER} characters.")
        with self.store.begin() as tx:
            before = _unclosed(tx, number).state
            tx.problem_reports.answer(number, text, operator, self.clock.now())
            self._note(tx, operator, "answered", number, {"state": before}, {"state": ReportState.ANSWERED})

    def close(self, number: int, operator: str, why: str = "") -> None:
        """Take it off the queue. Raises NotFound; Conflict when it is closed already."""
        with self.store.begin() as tx:
            before = _unclosed(tx, number).state
            tx.problem_reports.close(number, operator, self.clock.now())
            after = {"state": ReportState.CLOSED.value, **({"why": why} if why else {})}
            self._note(tx, operator, "closed", number, {"state": before}, after)

    def _note(
        self, tx: Transaction, actor: str, action: str, number: int, before: dict[str, str], after: dict[str, str]
    ) -> None:
        tx.audit.add(AuditEntry(self.clock.now(), actor, action, _NOUN, str(number), before, after))


def _report(tx: Transaction, number: int) -> ProblemReport:
    found = tx.problem_reports.get(number)
    if found is None:
        raise NotFound(f"There is no report {number}. It may be older than the retention; look in the list.")
    return found


def _unclosed(tx: Transaction, number: int) -> ProblemReport:
    found = _report(tx, number)
    if found.state is ReportState.CLOSED:
        raise Conflict(f"Report {number} is closed already, by {found.handled_by}.")
    return found


def _serves(gateway: Gateway, report: ProblemReport) -> bool:
    return gateway.name == report.gateway or (report.site is not None and gateway.site == report.site)
