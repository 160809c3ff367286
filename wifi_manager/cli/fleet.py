"""`wifi-manager fleet`: the inventory of access points, in and out."""

import gc
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import json_option, say_json, say_table
from wifi_manager.domain.access_points import AccessPoint
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.domain.hardware import Hardware, differences
from wifi_manager.domain.mappings import ColumnMapping
from wifi_manager.domain.sites import SiteKind
from wifi_manager.services import inventory_export, inventory_mappings
from wifi_manager.services.inventory_changes import Change, facts_of
from wifi_manager.services.inventory_files import Progress, size

if TYPE_CHECKING:  # it brings the whole database library, which --help need not wait for
    from wifi_manager.services.inventory import ImportReport

ACTOR = "command line"
_SHOWN = 20  # changes and problems that a terminal gets; JSON and the rejects file have all


@click.group()
def fleet() -> None:
    """Access points: import the city's list, look at it, export it."""


@fleet.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--mapping",
    help="Which columns mean what: a name under configs/mappings, or a .toml file of your own."
    "  [default: the one named like the city, else wifi-manager]",
)
@click.option("--dry-run", is_flag=True, help="Only say what would change; write nothing.")
@click.option("--skip-bad-rows", is_flag=True, help="Import the good rows although others are bad.")
@json_option
@pass_installation
def import_(
    installation: Installation, *, file: Path, mapping: str | None, dry_run: bool, skip_bad_rows: bool, as_json: bool
) -> None:
    """Bring a CSV or GeoJSON file into the inventory, as a whole or not at all.

    Importing the same file again changes nothing. What the file does not know is kept. Bad rows are listed and kept
    in FILE.rejects.csv; while there are any, nothing is imported unless --skip-bad-rows is given.
    """
    from wifi_manager.services.inventory import ImportOptions

    chosen = inventory_mappings.find(mapping or inventory_mappings.default_name(installation.settings.city.slug))
    with _progress(file) as progress, _no_garbage_collection():
        report = installation.services.inventory.import_file(
            file, chosen, actor=ACTOR, options=ImportOptions(dry_run, skip_bad_rows), progress=progress
        )
    if as_json:
        say_json(asdict(report))
    else:
        _say_report(report, chosen, only_look=dry_run or report.was_refused)
    if report.was_refused:
        raise click.ClickException(_refusal(report))


@fleet.command("list")
@click.option("--text", default="", help="Words sought in number, site, address, place and district.")
@click.option("--district", default="", help="Only this district.")
@click.option(
    "--kind",
    default="",
    type=click.Choice(["", *map(str, SiteKind)]),
    show_choices=False,
    metavar="KIND",
    help=f"Only sites of this kind: {', '.join(SiteKind)}.",
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1_000_000), help="At most so many.")
@json_option
@pass_installation
def list_(installation: Installation, *, text: str, district: str, kind: str, limit: int, as_json: bool) -> None:
    """List access points."""
    from wifi_manager.storage.reports import FleetFilter, FleetLine

    page = installation.services.inventory.fleet(FleetFilter(text, district, kind), limit=limit)
    if as_json:
        say_json({"total": page.total, "access_points": [asdict(line) for line in page.lines]})
        return
    names = [each.name for each in fields(FleetLine)]
    say_table([name.replace("_", " ") for name in names], [[getattr(x, name) for name in names] for x in page.lines])
    click.echo(f"{len(page.lines)} of {page.total} access points.")


@fleet.command()
@click.argument("number")
@json_option
@pass_installation
def show(installation: Installation, *, number: str, as_json: bool) -> None:
    """Show all that the inventory knows about the access point NUMBER."""
    point = installation.services.inventory.access_point(number)
    with installation.store().read() as tx:
        found = tx.hardware.get(number)
    facts = {**_all_facts(point), **_found_facts(point, found)}
    if as_json:
        say_json(facts)
    else:
        say_table(("", ""), [(name.replace("_", " "), _said(value)) for name, value in facts.items()])


@fleet.command()
@click.option("--format", "file_format", type=click.Choice(["csv", "geojson"]), default="csv", show_default=True)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="A file.  [default: standard output]")
@pass_installation
def export(installation: Installation, file_format: str, output: Path | None) -> None:
    """Export every access point that is not retired; the mappings wifi-manager and wifi-manager-geojson read it."""
    points = installation.services.inventory.in_service()
    _write((inventory_export.as_csv if file_format == "csv" else inventory_export.as_geojson)(points), output)
    if output is not None:
        click.echo(f"Wrote {len(points)} access points to {output}.")


@fleet.command()
@click.argument("name", default="hotspots.csv", metavar="[FILE]")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="A file.  [default: standard output]")
@pass_installation
def publish(installation: Installation, name: str, output: Path | None) -> None:
    """Write what everybody may read: hotspots.csv, hotspots.geojson, or hotspots-MAPPING.csv as [open_data] says.

    The portal serves the same files.
    """
    from wifi_manager import assembly

    _write(assembly.open_data(installation.settings, installation.store()).lines(name), output)
    if output is not None:
        click.echo(f"Wrote {output}.")


def _write(parts: Iterable[str], output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.writelines(part.encode() for part in parts)
        return
    try:
        with output.open("wb") as file:
            file.writelines(part.encode() for part in parts)
    except OSError as refused:
        raise OutsideFailure(f"{output} cannot be written: {refused.strerror}.") from refused


@contextmanager
def _progress(file: Path) -> Iterator[Progress]:
    if not sys.stderr.isatty():
        yield lambda _bytes: None
        return
    with click.progressbar(length=size(file), label="Reading", file=sys.stderr) as bar:
        yield bar.update


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """An import builds half a million objects and throws none away: looking for garbage takes a third of its time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _say_report(report: "ImportReport", mapping: ColumnMapping, *, only_look: bool) -> None:
    click.echo(f"{report.file}: {report.rows} rows, {report.encoding.upper()}, mapping {report.mapping}.")
    if report.ignored_columns:
        click.echo(f"Columns not used: {', '.join(map(repr, report.ignored_columns))}.")
    for problem in report.problems[:_SHOWN]:
        column = f", {problem.column!r}" if problem.column else ""
        click.echo(f"  {mapping.format.unit} {problem.line}{column}: {problem.reason}")
    _say_more(len(report.problems))
    if report.problems:
        kept = f"; they are kept in {report.rejects_file}" if report.rejects_file else ""
        click.echo(f"Bad rows: {report.rejected_rows}{kept}.")
    click.echo(
        f"{'Would be added' if only_look else 'Added'} {len(report.added)}, changed {len(report.changed)}, "
        f"unchanged {report.unchanged}, in the inventory but not in the file {report.not_in_file}."
    )
    for change in report.changed[:_SHOWN]:
        click.echo(f"  {change.external_id}: {_difference(change)}")
    _say_more(len(report.changed))


def _say_more(count: int) -> None:
    if count > _SHOWN:
        click.echo(f"  … and {count - _SHOWN} more")


def _refusal(report: "ImportReport") -> str:
    return (
        f"{report.rejected_rows} of {report.rows} rows are bad, so nothing was imported. "
        "Correct the file, or import the good rows with --skip-bad-rows."
    )


def _difference(change: Change) -> str:
    before = change.before or {}
    return "; ".join(f"{name} {_said(before.get(name))} → {_said(value)}" for name, value in change.after.items())


def _all_facts(point: AccessPoint) -> dict[str, Any]:
    reach = point.management
    return {
        **facts_of(point),
        "life_cycle": point.life_cycle.value,
        "platform": point.platform,
        "management": None if reach is None else f"{reach.user}@{reach.host}:{reach.port}",
        "radios": [asdict(each) for each in point.radios],
    }


def _found_facts(point: AccessPoint, found: Hardware | None) -> dict[str, Any]:
    """What the device said of itself, beside the list."""
    if found is None:
        return {}
    return {**{f"found_{name}": value for name, value in asdict(found).items()}, "differs": differences(point, found)}


def _said(value: Any) -> str:
    return "—" if value in (None, "", [], ()) else str(value)
