"""`wifi-manager provision rollout`: a plan that is carried out wave by wave."""

import json
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from provisioning.fleet_commands import actor
from provisioning.intent_commands import intents_of
from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import json_option, say_json, say_table
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.pushes import PushState
from wifi_manager.domain.risk import level_of
from wifi_manager.domain.rollouts import MemberStanding, Rollout, RolloutState, WaveStanding

if TYPE_CHECKING:
    from provisioning.proposing import Proposal
    from wifi_manager.services.rollouts import Rollouts

_MOVING = (RolloutState.PLANNING, RolloutState.RUNNING)
_LOOK_SECONDS = 2.0
_NAMED = 20  # access points in trouble that `show` names; `report` names all
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
    from provisioning.proposing import forward

    made = forward(intents_of(installation))
    if made.shown.wrong and not without_wrong:
        raise BadInput(
            "Some access points have no usable intent: see `wifi-manager provision plan`, or leave them out."
        )
    _propose(installation, made, reason, soak)


def _propose(installation: Installation, made: "Proposal", reason: str, soak: int, undoes: int | None = None) -> None:
    number = _rollouts(installation).propose(
        made.changes, reason, timedelta(seconds=soak), by=actor(), undoes=undoes, shown=made.shown
    )
    click.echo(
        f"Rollout {number} of {len(made.changes)} access points waits, risk {made.shown.score} of 100 "
        f"({level_of(made.shown.score)}): wifi-manager provision rollout approve {number}"
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
    from provisioning.proposing import backward

    made = backward(intents_of(installation), _rollouts(installation).ways_back(number))
    _propose(installation, made, f"undoes rollout {number}", soak, number)


@rollout.command("at-any-hour")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Why; it stands in the audit trail.")
@pass_installation
def at_any_hour(installation: Installation, number: int, reason: str) -> None:
    """Let rollout NUMBER change access points outside their maintenance windows too."""
    _rollouts(installation).ignore_windows(number, reason, by=actor())
    click.echo(f"Maintenance windows do not hold for rollout {number}.")


@rollout.command()
@click.argument("number", type=int)
@click.option("--follow", is_flag=True, help="Say it again whenever something has changed, until it ends or stops.")
@json_option
@pass_installation
def show(installation: Installation, number: int, *, follow: bool, as_json: bool) -> None:
    """Where rollout NUMBER and each of its waves stand, and by name whoever needs somebody."""
    rollouts, said = _rollouts(installation), ""
    while True:
        found, standings = rollouts.standing(number)
        now = _as_json(found, standings, rollouts) if as_json else _as_text(found, standings, rollouts)
        if now != said:
            click.echo(now)
            said = now
        if not follow or found.state not in _MOVING:
            return
        time.sleep(_LOOK_SECONDS)


@rollout.command()
@click.argument("number", type=int)
@click.option("--all", "everybody", is_flag=True, help="Also those that are well or wait for their turn.")
@json_option
@pass_installation
def report(installation: Installation, number: int, *, everybody: bool, as_json: bool) -> None:
    """Name the access points of rollout NUMBER that need somebody, with what became of each and what to do next."""
    found = _rollouts(installation).report(number, trouble=not everybody)
    if as_json:
        say_json([_member(each) for each in found])
        return
    rows = [(each.access_point, " ".join(each.site), str(each.wave), *_outcome(each)) for each in found]
    say_table(("ACCESS POINT", "SITE", "WAVE", "OUTCOME", "WHY", "NEXT"), rows)


def _as_text(found: Rollout, standings: Mapping[int, WaveStanding], rollouts: "Rollouts") -> str:
    lines = [f"Rollout {found.number}: {found.state}{f' ({found.note})' if found.note else ''}. {found.reason}"]
    if found.any_hour:
        lines.append(f"Maintenance windows do not hold for it: {found.any_hour}")
    lines.extend(f"wave {wave} of {found.waves}: {_counted(each)}" for wave, each in standings.items())
    trouble = rollouts.report(found.number, trouble=True)
    lines.extend(f"{each.access_point}: {', '.join(filter(None, _outcome(each)))}" for each in trouble[:_NAMED])
    if len(trouble) > _NAMED:
        lines.append(f"and {len(trouble) - _NAMED} more: wifi-manager provision rollout report {found.number}")
    return "\n".join(lines)


def _as_json(found: Rollout, standings: Mapping[int, WaveStanding], rollouts: "Rollouts") -> str:
    waves = [
        {"wave": wave, **{state.value: count for state, count in each.counts.items()}}
        | {"unreachable": each.unreachable, "waiting_for_window": each.waiting}
        for wave, each in standings.items()
    ]
    trouble = [_member(each) for each in rollouts.report(found.number, trouble=True)]
    about = {"number": found.number, "state": found.state.value, "note": found.note, "score": found.score}
    return json.dumps({**about, "waves": waves, "trouble": trouble}, ensure_ascii=False)


def _member(each: MemberStanding) -> dict[str, Any]:
    outcome, why, todo = _outcome(each)
    about = {"access_point": each.access_point, "district": each.site[0], "site": each.site[1], "wave": each.wave}
    return {**about, "push": each.push, "outcome": outcome, "why": why, "next": todo}


def _outcome(each: MemberStanding) -> tuple[str, str, str]:
    is_missed = each.state is PushState.APPROVED and each.attempts > 0
    return ("unreachable" if is_missed else each.state.value), each.reason, each.next_step


@rollout.command("list")
@pass_installation
def list_(installation: Installation) -> None:
    """The newest rollouts."""
    with _rollouts(installation).store.read() as tx:
        found = tx.rollouts.newest(20)
    rows = [(str(r.number), r.state.value, f"{r.wave} of {r.waves}", r.proposed_by, r.reason) for r in found]
    say_table(("NUMBER", "STATE", "WAVE", "BY", "REASON"), rows)


def _counted(standing: WaveStanding) -> str:
    parts = [f"{count} {state.value}" for state, count in standing.counts.items()]
    more = ((standing.unreachable, "of them cannot be reached"), (standing.waiting, "of them wait for their window"))
    return ", ".join([*parts, *(f"{count} {words}" for count, words in more if count)])


def _rollouts(installation: Installation) -> "Rollouts":
    from wifi_manager import assembly

    rollouts = assembly.rollouts(installation.settings)
    click.get_current_context().call_on_close(rollouts.store.dispose)
    return rollouts


COMMANDS: tuple[Any, ...] = (rollout,)
