"""`wifi-manager provision intent` and `plan`: what is wanted in layers, and what it would change on the fleet."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioning.fleet_commands import actor, read_text
from provisioning.planning import Plan, plan
from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import json_option, say_json, say_table
from wifi_manager.domain.intent_layers import Combined, LayerVersion, Scope, combine
from wifi_manager.domain.intent_values import values
from wifi_manager.domain.risk import worst

if TYPE_CHECKING:
    from wifi_manager.services.intents import Intents

_SHOWN = 5  # access points that a group names; --json names all


@click.group()
def intent() -> None:
    """What is wanted, in layers: fleet, city, kind:KIND, site:DISTRICT/NAME, ap:NUMBER. The narrower one wins."""


@intent.command("set")
@click.argument("scope")
@click.argument("layer_file", metavar="LAYER.toml", type=click.Path(path_type=Path))
@click.option("--reason", default="", help="Why, for whoever approves it and reads it later.")
@pass_installation
def set_(installation: Installation, scope: str, layer_file: Path, reason: str) -> None:
    """Propose LAYER.toml, a part of an intent, for SCOPE. It holds once somebody approves it."""
    new = intents_of(installation).propose(Scope.parse(scope), read_text(layer_file), reason, by=actor())
    click.echo(
        f"Version {new.version} of {scope} waits. See what it changes: wifi-manager provision plan "
        f"--draft {scope} {new.version}. Approve it: wifi-manager provision intent approve {scope} {new.version}"
    )


@intent.command()
@click.argument("scope")
@click.argument("version", type=int)
@pass_installation
def approve(installation: Installation, scope: str, version: int) -> None:
    """Let VERSION of SCOPE hold instead of the one before. Nothing reaches a device by that alone."""
    intents_of(installation).approve(Scope.parse(scope), version, by=actor())
    click.echo(f"Version {version} of {scope} holds.")


@intent.command()
@click.argument("scope")
@click.argument("version", type=int)
@pass_installation
def withdraw(installation: Installation, scope: str, version: int) -> None:
    """Take VERSION of SCOPE back before it is approved."""
    intents_of(installation).withdraw(Scope.parse(scope), version, by=actor())
    click.echo(f"Version {version} of {scope} is withdrawn.")


@intent.command()
@click.argument("scope")
@pass_installation
def history(installation: Installation, scope: str) -> None:
    """Every version of SCOPE, the newest first."""
    with intents_of(installation).store.read() as tx:
        versions = tx.intents.history(Scope.parse(scope))
    say_table(("VERSION", "STATE", "BY", "AT", "DECIDED BY", "REASON"), map(_line, versions))


@intent.command()
@click.argument("scope")
@click.argument("version", type=int)
@pass_installation
def show(installation: Installation, scope: str, version: int) -> None:
    """What VERSION of SCOPE says, keys hidden."""
    layer = version_of(intents_of(installation), scope, version).layer()
    say_table(("VALUE", "IS", "FROM"), _values(combine([layer])))


@intent.command()
@click.argument("access_point", metavar="ACCESS_POINT")
@pass_installation
def of(installation: Installation, access_point: str) -> None:
    """What is wanted on ACCESS_POINT, each value with the layer it is from; keys hidden."""
    intents = intents_of(installation)
    combined = intents.wants().of(intents.access_point(access_point))
    say_table(("VALUE", "IS", "FROM"), _values(combined))
    combined.intent()  # says what is wrong with it, if anything is


@click.command("plan")
@click.option("--draft", nargs=2, type=(str, int), metavar="SCOPE VERSION", help="As if this version held already.")
@click.option("--lines", is_flag=True, help="Show the whole difference of one access point of each group.")
@json_option
@pass_installation
def plan_(installation: Installation, draft: tuple[str, int] | None, *, lines: bool, as_json: bool) -> None:
    """Show what the layers would change on the whole fleet. Asks no device and changes nothing."""
    intents = intents_of(installation)
    wanted = intents.wants(None if draft is None else version_of(intents, *draft))
    found = plan(intents.fleet(), wanted, intents.running(), intents.digests())
    if as_json:
        say_json(_document(found))
        return
    _say(found, whole=lines)


def _say(found: Plan, *, whole: bool) -> None:
    for group in found.groups:
        more = len(group.access_points) - _SHOWN
        names = ", ".join(group.access_points[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
        click.echo(
            f"{len(group.access_points)} change alike (risk {group.risk.score}, {worst(group.touched)}): {names}"
        )
        click.echo(group.example if whole else group.lines)
    for why, points in found.wrong.items():
        click.echo(f"{len(points)} have no usable intent: {', '.join(points[:_SHOWN])}\n{why}\n")
    wrong = sum(map(len, found.wrong.values()))
    click.echo(
        f"{found.changed} change in {len(found.groups)} groups, {len(found.unchanged)} stay, {wrong} are wrong."
    )
    if found.groups:
        click.echo(f"Risk {found.risk.score} of 100: {'; '.join(found.risk.reasons)}.")


def _document(found: Plan) -> dict[str, Any]:
    groups = [
        {
            "risk": group.risk.score,
            "touches": worst(group.touched).value,
            "diff": group.lines,
            "access_points": list(group.access_points),
        }
        for group in found.groups
    ]
    wrong = [{"why": why, "access_points": list(names)} for why, names in found.wrong.items()]
    about = {"risk": found.risk.score, "reasons": list(found.risk.reasons)}
    return {**about, "groups": groups, "unchanged": list(found.unchanged), "wrong": wrong}


def _values(combined: Combined) -> list[tuple[str, str, str]]:
    return [(each.path, each.text, str(each.origin)) for each in values(combined)]


def version_of(intents: "Intents", scope: str, version: int) -> LayerVersion:
    """A version by the words that were typed. Raises BadInput, NotFound."""
    with intents.store.read() as tx:
        return tx.intents.get(Scope.parse(scope), version)


def _line(each: LayerVersion) -> tuple[str, ...]:
    at = each.proposed_at.isoformat(timespec="seconds")
    return str(each.version), each.state.value, each.proposed_by, at, each.decided_by, each.reason


def intents_of(installation: Installation) -> "Intents":
    """The layers; their database is closed when the command is done."""
    from wifi_manager import assembly

    intents = assembly.intents(installation.settings)
    click.get_current_context().call_on_close(intents.store.dispose)
    return intents


COMMANDS = (intent, plan_)
