"""`wifi-manager provision drift`: what runs and should not, and what to do about it."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from provisioning.collect_commands import collector_of
from provisioning.fleet_commands import actor
from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import json_option, say_json, say_table
from wifi_manager.clock import SystemClock
from wifi_manager.domain.days import end_of_day
from wifi_manager.domain.drift import Drift
from wifi_manager.domain.errors import NotFound

if TYPE_CHECKING:
    from wifi_manager.domain.access_points import Managed
    from wifi_manager.services.drift import Drifting

_access_point = click.argument("access_point", metavar="ACCESS_POINT")


@click.group()
def drift() -> None:
    """What runs on access points and is not what was committed: check, look, and adopt, restore or ignore it."""


@drift.command()
@click.argument("access_points", metavar="[ACCESS_POINT]...", nargs=-1)
@click.option("--parallel", default=16, show_default=True, help="Access points asked at the same time.")
@pass_installation
def check(installation: Installation, access_points: tuple[str, ...], parallel: int) -> None:
    """Ask these access points, or all, what runs on them now; exit code 1 where something differs.

    `wifi-manager collect run` does so once a minute.
    """
    collector = collector_of(installation, interval=60, parallel=parallel)
    targets = _chosen(collector.collection.targets(), access_points)
    with ThreadPoolExecutor(parallel, "check") as pool:
        answers = dict(zip(targets, pool.map(lambda each: collector.poll(*each), targets.items()), strict=True))
    silent = [name for name, found in answers.items() if not found.up]
    drifts = [each for each in drifting_of(installation).all() if each.access_point in answers]
    if access_points:
        click.echo(
            "".join(f"{each.access_point} since {each.since:%Y-%m-%d %H:%M} UTC\n{each.diff}" for each in drifts),
            nl=False,
        )
    click.echo(f"{len(answers)} asked, {len(drifts)} differ, {len(silent)} did not answer.")
    if silent and access_points:
        click.echo(f"No answer: {', '.join(silent)}. What is said of them is what was last known.")
    raise SystemExit(1 if drifts or silent else 0)


@drift.command("list")
@json_option
@pass_installation
def list_(installation: Installation, *, as_json: bool) -> None:
    """Every access point that differs, as far as its newest poll tells."""
    now, found = SystemClock().now(), drifting_of(installation).all()
    if as_json:
        say_json([_document(each, now) for each in found])
        return
    rows = [
        (each.access_point, each.district, each.site, f"{each.since:%Y-%m-%d %H:%M}", _state(each, now))
        for each in found
    ]
    say_table(("ACCESS POINT", "DISTRICT", "SITE", "SINCE", "STATE"), rows)


@drift.command()
@_access_point
@json_option
@pass_installation
def show(installation: Installation, access_point: str, *, as_json: bool) -> None:
    """How ACCESS_POINT differs; keys are hidden. Lines with + run there and were not wanted."""
    now, found = SystemClock().now(), drifting_of(installation).get(access_point)
    if as_json:
        say_json({**_document(found, now), "diff": found.diff})
        return
    click.echo(f"{access_point} since {found.since:%Y-%m-%d %H:%M} UTC: {_state(found, now)}\n{found.diff}", nl=False)
    click.echo("".join(f"No intent can say it: {each}\n" for each in found.obstacles), nl=False)


@drift.command()
@_access_point
@click.option("--reason", default="", help="Why, for whoever approves it and reads it later.")
@pass_installation
def adopt(installation: Installation, access_point: str, reason: str) -> None:
    """Propose what runs on ACCESS_POINT as its own layer of intent. It holds once somebody approves it."""
    new = drifting_of(installation).adopt(access_point, reason, by=actor())
    click.echo(
        f"Version {new.version} of {new.scope} waits. See what it changes: wifi-manager provision plan "
        f"--draft {new.scope} {new.version}. "
        f"Approve it: wifi-manager provision intent approve {new.scope} {new.version}"
    )


@drift.command()
@_access_point
@pass_installation
def restore(installation: Installation, access_point: str) -> None:
    """Propose a push of what was last committed on ACCESS_POINT. A worker carries it out once it is approved."""
    say_proposed(drifting_of(installation).restore(access_point, by=actor()).number, access_point)


@drift.command()
@_access_point
@click.option("--reason", required=True, help="Why it may stay.")
@click.option("--until", required=True, help="The last day of it, in the city's time: YYYY-MM-DD.")
@pass_installation
def ignore(installation: Installation, access_point: str, reason: str, until: str) -> None:
    """Let the drift of ACCESS_POINT stay for a while. It comes back at once when something else runs."""
    end = end_of_day(until, ZoneInfo(installation.settings.city.time_zone))
    drifting_of(installation).ignore(access_point, end, reason, by=actor())
    click.echo(f"The drift of {access_point} is ignored up to {until}.")


def say_proposed(number: int, access_point: str) -> None:
    """Which push waits, and how it goes on."""
    click.echo(f"Push {number} for {access_point}: approve it: wifi-manager provision approve {number}.")


def drifting_of(installation: Installation) -> "Drifting":
    """Drift and backups; their database is closed when the command is done."""
    from wifi_manager import assembly

    drifting = assembly.drifting(installation.settings)
    click.get_current_context().call_on_close(drifting.store.dispose)
    return drifting


def _chosen(known: "Mapping[str, Managed]", names: tuple[str, ...]) -> "dict[str, Managed]":
    for name in names:
        if name not in known:
            raise NotFound(f"{name} is not enrolled. Run `wifi-manager provision enrol {name} …`.")
    return {name: known[name] for name in names or known}


def _state(each: Drift, now: datetime) -> str:
    adopted = f"; version {each.adopted_version} of ap:{each.access_point} adopts it" if each.adopted_version else ""
    if each.ignored and now < each.ignored.until:
        return f"ignored until {each.ignored.until:%Y-%m-%d} by {each.ignored.by}: {each.ignored.reason}{adopted}"
    return f"found{adopted}"


def _document(each: Drift, now: datetime) -> dict[str, Any]:
    ignored = each.ignored
    return {
        "access_point": each.access_point,
        "district": each.district,
        "site": each.site,
        "since": each.since,
        "state": each.state(now).value,
        "digest": each.digest,
        "obstacles": list(each.obstacles),
        "ignored": None if ignored is None else {"until": ignored.until, "by": ignored.by, "reason": ignored.reason},
        "adopted_version": each.adopted_version,
    }


COMMANDS = (drift,)
