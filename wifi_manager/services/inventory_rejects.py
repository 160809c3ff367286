"""Keeps the rows that could not be imported, each with its reason, in a CSV that may be corrected and imported."""

import csv
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.domain.mappings import RowProblem
from wifi_manager.domain.spreadsheets import guarded
from wifi_manager.services.inventory_files import SourceRow

_OWN_COLUMNS = ("line", "column", "reason")


def path_for(path: Path) -> Path:
    """Where the rejected rows of a file go: beside it."""
    return path.with_name(f"{path.name}.rejects.csv")


def write(
    path: Path, columns: Sequence[str], delimiter: str, rows: Mapping[int, SourceRow], problems: Iterable[RowProblem]
) -> Path:
    """Write the rejects of `path`, all or nothing; gives the new file's path. Raises OutsideFailure."""
    target = path_for(path)
    by_line: dict[int, list[RowProblem]] = {}
    for problem in problems:
        by_line.setdefault(problem.line, []).append(problem)
    table = [[*_OWN_COLUMNS, *columns]]
    table += [_reject(found, rows[line], columns) for line, found in sorted(by_line.items())]
    try:
        _replace(target, delimiter, table)
    except OSError as refused:
        raise OutsideFailure(
            f"{target} cannot be written ({refused.strerror}), so nothing was imported. Make its folder writable."
        ) from refused
    return target


def _reject(problems: Sequence[RowProblem], row: SourceRow, columns: Sequence[str]) -> list[str]:
    reasons = "; ".join(f"{each.column}: {each.reason}" if each.column else each.reason for each in problems)
    about = [str(row.line), problems[0].column, reasons]
    return [_safe(cell) for cell in (*about, *(row.cells.get(column, "") for column in columns))]


def _safe(cell: str) -> str:
    return guarded(cell.encode("utf-8", "backslashreplace").decode())


def _replace(target: Path, delimiter: str, table: Iterable[Sequence[str]]) -> None:
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, delimiter=delimiter).writerows(table)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink()
        raise
