"""`wifi-manager coverage`: where the city's Wi-Fi is heard, what a failure takes away, and where more would help."""

import json
import signal
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import timedelta
from functools import reduce, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wifi_manager import assembly
from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import json_option, say_json, say_table
from wifi_manager.domain.access_points import Band
from wifi_manager.domain.coverage import ANY_BAND, Quality, Share
from wifi_manager.domain.coverage_reports import CoverageReport
from wifi_manager.domain.errors import BadInput, OutsideFailure, WifiError
from wifi_manager.domain.sites import SiteKind

if TYPE_CHECKING:  # the library for arithmetic, which --help need not wait for
    from wifi_manager.coverage.city import CityMap
    from wifi_manager.services.coverage_watch import Change
    from wifi_manager.services.covering import Covering, Given

ACTOR = "command line"
_ZOOMS = (8, 18)
_FILE = click.Path(path_type=Path)


def _given(command: Callable[..., None]) -> Callable[..., None]:
    """Options that say what a map is computed with, handed on together."""

    @wraps(command)
    def collected(
        *values: Any, assumptions: Path | None, outlines: Path | None, people: Path | None, **rest: Any
    ) -> None:
        from wifi_manager.services.covering import Given

        command(*values, given=Given(assumptions, outlines, people), **rest)

    options = (
        click.option("--people", type=_FILE, help="CSV of residents: latitude, longitude, people."),
        click.option("--outlines", type=_FILE, help="GeoJSON of districts or kinds of site.  [default: hulls]"),
        click.option("--assumptions", type=_FILE, help="TOML like configs/coverage.toml.  [default: that one]"),
    )
    return reduce(lambda made, option: option(made), options, collected)


def _covering(installation: Installation) -> "Covering":
    return assembly.covering(installation.services)


@click.group()
def coverage() -> None:
    """Where the city's Wi-Fi is heard: predicted from the inventory, measured by surveys."""


@coverage.command("import")
@click.argument("file", type=_FILE)
@click.option("--gps", type=_FILE, help="For a capture: its track, GPX or CSV with time, latitude, longitude.")
@click.option("--bssids", type=_FILE, help="For a capture: CSV with bssid, access_point.")
@pass_installation
def import_(installation: Installation, file: Path, gps: Path | None, bssids: Path | None) -> None:
    """Keep the signals measured in FILE: CSV with time, latitude, longitude, band, rssi_dbm, access_point.

    Or a capture with radiotap headers (.pcap) and its track: of it only what our own access points have sent is kept.
    The same file again changes nothing. A bad row keeps the whole file out.
    """
    from wifi_manager.services.survey_captures import Walk

    if file.suffix != ".pcap":
        count = _covering(installation).import_survey(file, ACTOR)
    elif gps is None or bssids is None:
        raise BadInput(f"{file} is a capture: say where it was with --gps, and what is ours with --bssids.")
    else:
        count = _covering(installation).import_walk(Walk(file, gps, bssids), ACTOR)
    click.echo(f"{file} was imported before." if count is None else f"Imported {count} measured signals from {file}.")


@coverage.command()
@_given
@json_option
@pass_installation
def compute(installation: Installation, given: "Given", *, as_json: bool) -> None:
    """Compute the map anew, and keep it for the console and the exporter: run it from a timer, each few minutes."""
    service = _covering(installation)
    _say(service.keep(service.living(given)), as_json=as_json)


@coverage.command()
@_given
@click.option("--seconds", type=click.IntRange(1, 3600), default=15, show_default=True, help="Between two looks.")
@click.option(
    "--at-least-every",
    type=click.IntRange(1, 1440),
    default=15,
    show_default=True,
    help="Minutes: compute it anyway.",
)
@pass_installation
def watch(installation: Installation, given: "Given", *, seconds: int, at_least_every: int) -> None:
    """Keep the map true until told to stop: a failure or a return of an access point shows at the next look."""
    from wifi_manager.services.coverage_watch import CoverageWatch

    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda _number, _frame: stop.set())
    clock = installation.services.clock
    look = CoverageWatch(_covering(installation), given, clock, timedelta(minutes=at_least_every)).look
    while True:
        try:
            _say_change(look())
        except WifiError as failed:  # a database that is away comes back
            click.echo(f"{failed} Trying again in {seconds} s.", err=True)
        if stop.wait(seconds):
            return


@coverage.command()
@json_option
@pass_installation
def show(installation: Installation, *, as_json: bool) -> None:
    """Show the shares of the newest map, and what they take for granted."""
    _say(_covering(installation).newest(), as_json=as_json)


@coverage.command("map")
@click.argument("output", type=_FILE)
@_given
@click.option("--district", default="", help="Only this district.  [default: the city]")
@click.option("--band", type=click.Choice([ANY_BAND, *map(str, Band)]), default=ANY_BAND, show_default=True)
@click.option("--resolution", type=click.IntRange(6, 11), default=9, show_default=True, help="H3, of hexagons.")
@click.option("--zoom", type=click.IntRange(*_ZOOMS), multiple=True, help="Of tiles; may be repeated.  [default: 12]")
@pass_installation
def map_(
    installation: Installation,
    output: Path,
    given: "Given",
    *,
    district: str,
    band: str,
    resolution: int,
    zoom: tuple[int, ...],
) -> None:
    """Draw the map: a picture (OUTPUT ends in .png), hexagons (.geojson), or a folder of tiles (no ending)."""
    if output.suffix not in (".png", ".geojson", ""):
        raise BadInput(f"{output}: end it in .png for a picture, in .geojson for hexagons, or in nothing for tiles.")
    found = _covering(installation).map(given)
    count = _write(_drawn(found, output, district, band, resolution, zoom or (12,)))
    click.echo(f"Wrote {output}." if output.suffix else f"Wrote {count} tiles below {output}.")
    for sentence in found.sentences():
        click.echo(f"  {sentence}")


def _drawn(
    found: "CityMap", output: Path, district: str, band: str, resolution: int, zooms: Iterable[int]
) -> Iterable[tuple[Path, bytes]]:
    """Files and what is in them."""
    from wifi_manager.coverage.cells import hexagons
    from wifi_manager.coverage.pictures import Raster, area_png
    from wifi_manager.services.covering import scale_of

    assumed, area, signal = found.material.assumptions, found.area(district), found.view(band).signal
    if output.suffix == ".png":
        yield output, area_png(signal, area, scale_of(assumed), legend=True)
        return
    mask = found.mask(area)
    if output.suffix:
        drawn = hexagons(found.grid, signal, mask, assumed.thresholds, resolution)
        yield output, json.dumps({**drawn, "assumptions": found.sentences()}, ensure_ascii=False).encode()
        return
    raster = Raster.of(found.grid, signal, mask, scale_of(assumed))
    for zoom in zooms:
        for x, y, png in raster.tiles(zoom):
            yield output / str(zoom) / str(x) / f"{y}.png", png


def _write(files: Iterable[tuple[Path, bytes]]) -> int:
    count = 0
    for path, content in files:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as refused:
            raise OutsideFailure(f"{path} cannot be written: {refused.strerror}.") from refused
        count += 1
    return count


@coverage.command()
@click.argument("numbers", nargs=-1, required=True)
@_given
@json_option
@pass_installation
def hole(installation: Installation, numbers: tuple[str, ...], given: "Given", *, as_json: bool) -> None:
    """Say what is lost while the access points NUMBERS are down, all of them at once."""
    lost = _covering(installation).hole(numbers, given)
    if as_json:
        say_json(asdict(lost))
        return
    for quality, area in lost.square_kilometres.items():
        people = "" if lost.people is None else f", where {lost.people[quality]:.0f} people live"
        click.echo(f"No longer {quality}: {area * 1e6:,.0f} m²{people}.")


@coverage.command("next")
@_given
@click.option("--count", type=click.IntRange(1, 1000), default=5, show_default=True, help="So many places.")
@click.option("--kind", type=click.Choice(list(map(str, SiteKind))), default=SiteKind.STREET.value, show_default=True)
@click.option(
    "--quality", type=click.Choice(list(map(str, Quality))), default=Quality.USABLE.value, show_default=True
)
@click.option("--district", default="", help="Only in this district.")
@json_option
@pass_installation
def next_(
    installation: Installation,
    given: "Given",
    *,
    count: int,
    kind: str,
    quality: str,
    district: str,
    as_json: bool,
) -> None:
    """Say where one more access point would help most, then one more, and so on; by people if residents are given."""
    from wifi_manager.services.covering import NextWanted

    wanted = NextWanted(count, SiteKind(kind), Quality(quality), district)
    found = _covering(installation).next_places(given, wanted)
    if as_json:
        say_json([asdict(each) for each in found])
        return
    unit = "KM² MORE" if given.people is None else "PEOPLE MORE"
    rows = [(f"{x.position.latitude:.6f}", f"{x.position.longitude:.6f}", f"{x.gain:.4g}") for x in found]
    say_table(("LATITUDE", "LONGITUDE", unit), rows)


def _say_change(found: "tuple[CoverageReport, Change] | None") -> None:
    if found is None:
        return
    report, (failed, returned) = found
    click.echo(f"{report.at:%Y-%m-%d %H:%M:%S} UTC: computed; {len(failed)} failed, {len(returned)} returned.")


def _say(report: CoverageReport, *, as_json: bool) -> None:
    if as_json:
        say_json({"at": report.at, "assumptions": report.sentences, "shares": [asdict(x) for x in report.shares]})
        return
    click.echo(f"Coverage of {report.at:%Y-%m-%d %H:%M} UTC, {report.source}, strongest of all bands:")
    for people in (False, True):
        if lines := report.lines(people=people):
            rows = [(x.district or "the city", x.kind, _said(x.good), _said(x.usable)) for x in lines]
            say_table(("DISTRICT", "KIND", *(f"{quality} ({_of(people=people)})" for quality in Quality)), rows)
    for sentence in report.sentences:
        click.echo(f"  {sentence}")


def _of(*, people: bool) -> str:
    return "of people" if people else "of area"


def _said(share: Share) -> str:
    return f"{share.ratio:.1%} ({share.low:.0%} to {share.high:.0%})"
