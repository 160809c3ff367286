"""The city's inventory: imported from the city's own list as a whole or not at all, and asked for."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from wifi_manager.clock import Clock
from wifi_manager.domain.access_points import AccessPoint, LifeCycle
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.errors import NotFound
from wifi_manager.domain.mappings import ColumnMapping, FileFormat, InventoryRow, RowProblem, RowReader, shown
from wifi_manager.services import inventory_csv, inventory_geojson, inventory_rejects
from wifi_manager.services.inventory_changes import Change, Comparison, compare
from wifi_manager.services.inventory_files import Progress, SourceRow
from wifi_manager.storage.reports import FleetFilter, FleetPage
from wifi_manager.storage.store import Store, Transaction

_SOURCES = {FileFormat.CSV: inventory_csv.source, FileFormat.GEOJSON: inventory_geojson.source}


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How an import is done. A dry run writes nothing, neither to the database nor to a rejects file."""

    dry_run: bool = False
    skip_bad_rows: bool = False


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import found and did. `was_refused` means that bad rows kept everything from being written."""

    file: str
    sha256: str
    mapping: str
    encoding: str
    rows: int
    added: Sequence[Change]
    changed: Sequence[Change]
    unchanged: int
    not_in_file: int
    problems: Sequence[RowProblem]
    rejected_rows: int
    rejects_file: Path | None
    ignored_columns: Sequence[str]
    was_refused: bool
    was_written: bool


@dataclass(frozen=True, slots=True)
class _Content:
    """All that a file says."""

    sha256: str
    encoding: str
    columns: Sequence[str]
    ignored_columns: Sequence[str]
    good: Sequence[InventoryRow]
    bad: dict[int, SourceRow]
    problems: Sequence[RowProblem]


class Inventory:
    """Use cases of the inventory."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def import_file(
        self,
        path: Path,
        mapping: ColumnMapping,
        *,
        actor: str,
        options: ImportOptions | None = None,
        progress: Progress = lambda _bytes: None,
    ) -> ImportReport:
        """Bring a file's access points into the inventory in one transaction; what the file does not know is kept.

        Bad rows keep everything out, unless they are to be skipped; either way they go to a rejects file. Raises
        BadInput when the file cannot be used at all, OutsideFailure when the database or the rejects file cannot.
        """
        options = options or ImportOptions()
        content = _read(path, mapping, progress)
        refused = bool(content.problems) and not options.skip_bad_rows
        rejects = None
        if content.problems and not options.dry_run:
            rejects = inventory_rejects.write(path, content.columns, mapping.delimiter, content.bad, content.problems)
        found = self._apply(path.name, content, actor, only_look=refused or options.dry_run)
        return ImportReport(
            file=path.name,
            sha256=content.sha256,
            mapping=mapping.name,
            encoding=content.encoding,
            rows=len(content.good) + len(content.bad),
            added=found.added,
            changed=found.changed,
            unchanged=found.unchanged,
            not_in_file=found.not_in_file,
            problems=content.problems,
            rejected_rows=len(content.bad),
            rejects_file=rejects,
            ignored_columns=content.ignored_columns,
            was_refused=refused,
            was_written=bool(found.points) and not refused and not options.dry_run,
        )

    def fleet(self, wanted: FleetFilter, *, limit: int, offset: int = 0) -> FleetPage:
        """A page of the fleet list, by external id."""
        with self._store.read() as tx:
            return tx.reports.fleet(wanted, limit=limit, offset=offset)

    def access_point(self, external_id: str) -> AccessPoint:
        """One access point. Raises NotFound, with the nearest number there is."""
        with self._store.read() as tx:
            found = tx.access_points.get(external_id)
            if found is not None:
                return found
            near = get_close_matches(external_id, tx.access_points.numbers(), n=1)
        hint = f"Did you mean {near[0]}?" if near else "Look for it with: wifi-manager fleet list --text WORDS"
        raise NotFound(f"There is no access point {external_id!r} in this city. {hint}")

    def in_service(self) -> list[AccessPoint]:
        """Every access point that is not retired, by external id: what an export holds."""
        with self._store.read() as tx:
            points = tx.access_points.all().values()
        return [point for point in points if point.life_cycle is not LifeCycle.RETIRED]

    def _apply(self, file: str, content: _Content, actor: str, *, only_look: bool) -> Comparison:
        with self._store.read() if only_look else self._store.begin() as tx:
            if not only_look:
                tx.access_points.hold()
            found = compare(content.good, tx.access_points.all(), tx.sites.all())
            if found.points and not only_look:
                _save(tx, found)
                tx.audit.add_all(self._audit(file, content, found, actor))
        return found

    def _audit(self, file: str, content: _Content, found: Comparison, actor: str) -> list[AuditEntry]:
        now = self._clock.now()
        entries = [
            AuditEntry(now, actor, action, "access point", each.external_id, each.before, each.after)
            for action, changes in (("added", found.added), ("changed", found.changed))
            for each in changes
        ]
        summary: dict[str, Any] = {
            "sha256": content.sha256,
            "added": len(found.added),
            "changed": len(found.changed),
            "unchanged": found.unchanged,
            "not_in_file": found.not_in_file,
            "rejected": len(content.bad),
        }
        return [*entries, AuditEntry(now, actor, "imported", "inventory file", file, None, summary)]


def _save(tx: Transaction, found: Comparison) -> None:
    tx.sites.save({point.site.key: point.site for point in found.points}.values())
    tx.access_points.save(found.points, tx.sites.numbers())


def _read(path: Path, mapping: ColumnMapping, progress: Progress) -> _Content:
    originals: dict[int, SourceRow] = {}
    rows: dict[int, InventoryRow] = {}
    problems: list[RowProblem] = []
    with _SOURCES[mapping.format](path, mapping, progress) as source:
        reader = RowReader(mapping, mapping.choose(source.columns))
        for original in source.rows:
            originals[original.line] = original
            read = _read_row(reader, original)
            if isinstance(read, InventoryRow):
                rows[read.line] = read
            else:
                problems.extend(read)
    problems += _repeated(rows.values(), reader.chosen["external_id"], mapping.format.unit)
    bad = {problem.line for problem in problems}
    return _Content(
        sha256=source.sha256,
        encoding=source.encoding,
        columns=source.columns,
        ignored_columns=[each for each in source.columns if each not in reader.chosen.values()],
        good=[row for line, row in rows.items() if line not in bad],
        bad={line: originals[line] for line in bad},
        problems=sorted(problems, key=lambda each: each.line),
    )


def _read_row(reader: RowReader, original: SourceRow) -> InventoryRow | tuple[RowProblem, ...]:
    if original.fault is not None:
        return (RowProblem(original.line, *original.fault),)
    return reader.read(original.line, original.cells)


def _repeated(rows: Iterable[InventoryRow], column: str, unit: str) -> list[RowProblem]:
    """Every row whose number another one has too: nobody can tell which of them is right."""
    by_number: dict[str, list[int]] = {}
    for row in rows:
        by_number.setdefault(row.external_id, []).append(row.line)
    return [
        RowProblem(line, column, f"{shown(number)} is also in {unit} {_few(set(lines) - {line})}")
        for number, lines in by_number.items()
        if len(lines) > 1
        for line in lines
    ]


def _few(numbers: Collection[int]) -> str:
    few = sorted(numbers)[:3]
    more = f" and {len(numbers) - len(few)} more" if len(numbers) > len(few) else ""
    return f"{', '.join(map(str, few))}{more}"
