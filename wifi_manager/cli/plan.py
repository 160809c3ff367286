"""`wifi-manager plan`: what a visit may use."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import json_option, say_json, say_table
from wifi_manager.domain.plans import Plan

if TYPE_CHECKING:
    from wifi_manager.services.plans import Planning

COMMAND_LINE = "command line"


@click.group()
def plan() -> None:
    """Show and change plans."""


@plan.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@pass_installation
def apply(installation: Installation, file: Path) -> None:
    """Make plans as FILE (such as configs/plans.toml) has them; those that it does not have stay as they are.

    Running visits go on with their plan's new limits and with all that they have used.
    """
    from wifi_manager.services.plans import read_file

    changed = _planning(installation).apply(read_file(file), COMMAND_LINE)
    click.echo(f"Changed: {', '.join(changed)}." if changed else "Nothing has changed.")


@plan.command(name="list")
@json_option
@pass_installation
def list_(installation: Installation, *, as_json: bool) -> None:
    """Show all plans with their limits."""
    rows = [_line(each) for each in _planning(installation).all()]
    if as_json:
        say_json(rows)
        return
    say_table([name.upper().replace("_", " ") for name in _COLUMNS], [list(map(_cell, row.values())) for row in rows])


_LIMITS = ("down_bps", "up_bps", "volume_bytes", "up_volume_bytes", "down_volume_bytes")
_COLUMNS = ("name", "lifetime_seconds", "extensions", "extension_seconds", "idle_seconds", *_LIMITS)


def _planning(installation: Installation) -> "Planning":
    from wifi_manager.services.plans import Planning

    return Planning(installation.store(), installation.services.clock)


def _line(plan: Plan) -> dict[str, object]:
    lifetime, idle = int(plan.lifetime.total_seconds()), _seconds(plan.idle)
    extension = _seconds(plan.extension) or lifetime if plan.extensions else None
    limits = [getattr(plan, name) for name in _LIMITS]
    values = (plan.name, lifetime, plan.extensions, extension, idle, *limits)
    return dict(zip(_COLUMNS, values, strict=True))


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds())


def _cell(value: object) -> str:
    return "no limit" if value is None else str(value)
