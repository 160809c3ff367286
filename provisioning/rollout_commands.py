"""`wifi-manager provision rollout`: a plan that is carried out wave by wave."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from provisioning.fleet_commands import actor
from provisioning.intent_commands import intents_of
from provisioning.planning import Plan, plan
from provisioning.rendering import render
from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import json_option, say_json, say_table
from wifi_manager.domain.access_points import AccessPoint
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent_documents import approved_intent
from wifi_manager.domain.rollouts import Member

if TYPE_CHECKING:
    from wifi_manager.services.rollouts import Change, Rollouts

_SOAK_SECONDS = 120


@click.group()
def rollout() -> None:
    """Change many access points in waves: a canary of each sort, five, 1 %, 10 %, the rest; it halts by itself."""


@rollout.command()
@click.option("--reason", required=True, help="Why, for whoever approves it and reads it later.")
@click.option("--soak", default=_SOAK_SECONDS, show_default=True, help="Seconds that a wave stands before the next.")
@click.option("--without-wrong", is_flag=True, help="Leave out access points without a usable intent.")
@pass_installation
def propose(installation: Installation, reason: str, soak: int, *, without_wrong: bool) -> None:
    """Plan what the layers in force would change, as `provision plan` shows it. It begins once it is approved."""
    intents = intents_of(installation)
    points = {each.external_id: each for each in intents.fleet()}
    running = intents.running()
    found = plan(points.values(), intents.wants(), running)
    if found.wrong and not without_wrong:
        raise BadInput(
            "Some access points have no usable intent: see `wifi-manager provision plan`, or leave them out."
        )
    changes = list(changes_of(found, points, running))
    number = _rollouts(installation).propose(changes, reason, timedelta(seconds=soak), by=actor())
    click.echo(
        f"Rollout {number} of {len(changes)} access points waits: wifi-manager provision rollout approve {number}"
    )


@rollout.command()
@click.argument("number", type=int)
@pass_installation
def approve(installation: Installation, number: int) -> None:
    """Let the first wave of rollout NUMBER go."""
    _rollouts(installation).approve(number, by=actor())
    click.echo(f"Rollout {number} has begun. Watch it: wifi-manager provision rollout show {number}")


@rollout.command()
@click.argument("number", type=int)
@pass_installation
def pause(installation: Installation, number: int) -> None:
    """Let no more of rollout NUMBER begin; what is under way ends."""
    _rollouts(installation).pause(number, by=actor())
    click.echo(f"Rollout {number} is paused. Go on: wifi-manager provision rollout resume {number}")


@rollout.command()
@click.argument("number", type=int)
@pass_installation
def resume(installation: Installation, number: int) -> None:
    """Go on with rollout NUMBER after a pause, or after a halt whose reason you have seen."""
    _rollouts(installation).resume(number, by=actor())
    click.echo(f"Rollout {number} goes on.")


@rollout.command()
@click.argument("number", type=int)
@pass_installation
def abort(installation: Installation, number: int) -> None:
    """End rollout NUMBER for good. What was changed stays until `undo`."""
    _rollouts(installation).abort(number, by=actor())
    click.echo(f"Rollout {number} is aborted. Go back: wifi-manager provision rollout undo {number}")


@rollout.command()
@click.argument("number", type=int)
@click.option("--soak", default=_SOAK_SECONDS, show_default=True, help="Seconds that a wave stands before the next.")
@pass_installation
def undo(installation: Installation, number: int, soak: int) -> None:
    """Plan the way back: a rollout of what each access point had before rollout NUMBER, the last wave first."""
    points = {each.external_id: each for each in intents_of(installation).fleet()}
    rollouts = _rollouts(installation)
    back = list(_back(rollouts.ways_back(number), points, intents_of(installation).running()))
    made = rollouts.propose(back, f"undoes rollout {number}", timedelta(seconds=soak), by=actor())
    click.echo(f"Rollout {made} of {len(back)} access points waits: wifi-manager provision rollout approve {made}")


@rollout.command()
@click.argument("number", type=int)
@json_option
@pass_installation
def show(installation: Installation, number: int, *, as_json: bool) -> None:
    """Where rollout NUMBER and each of its waves stand."""
    found, standings = _rollouts(installation).standing(number)
    rows = [(wave, {state.value: count for state, count in each.counts.items()}) for wave, each in standings.items()]
    if as_json:
        waves = [{"wave": wave, **counts} for wave, counts in rows]
        say_json({"number": number, "state": found.state.value, "note": found.note, "waves": waves})
        return
    click.echo(f"Rollout {number}: {found.state}{f' ({found.note})' if found.note else ''}. {found.reason}")
    say_table(("WAVE", "PUSHES"), [(str(wave), _counted(counts)) for wave, counts in rows])


@rollout.command("list")
@pass_installation
def list_(installation: Installation) -> None:
    """The newest rollouts."""
    with _rollouts(installation).store.read() as tx:
        found = tx.rollouts.newest(20)
    rows = [(str(r.number), r.state.value, f"{r.wave} of {r.waves}", r.proposed_by, r.reason) for r in found]
    say_table(("NUMBER", "STATE", "WAVE", "BY", "REASON"), rows)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in counts.items())


def changes_of(found: Plan, points: Mapping[str, AccessPoint], running: Mapping[str, str]) -> "Iterator[Change]":
    """A canary for each shape of change on each platform."""
    from wifi_manager.services.rollouts import Change

    for group in found.groups:
        for name in group.access_points:
            wanted, point = found.wanted[name], points[name]
            member = Member(name, point.site.key, f"{point.platform}\n{group.shape}")
            yield Change(member, wanted.intent, wanted.digest, running.get(name))


def _back(
    ways: list[tuple[str, str]], points: Mapping[str, AccessPoint], running: Mapping[str, str]
) -> "Iterator[Change]":
    from wifi_manager.services.rollouts import Change

    for name, intent in ways:
        member = Member(name, points[name].site.key, points[name].platform)
        yield Change(member, intent, render(approved_intent(intent)).digest(), running.get(name))


def _rollouts(installation: Installation) -> "Rollouts":
    from wifi_manager import assembly

    rollouts = assembly.rollouts(installation.settings)
    click.get_current_context().call_on_close(rollouts.store.dispose)
    return rollouts


COMMANDS: tuple[Any, ...] = (rollout,)
