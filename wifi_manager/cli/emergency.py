"""`wifi-manager emergency`: places that are open to everybody."""

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import json_option, say_json, say_table
from wifi_manager.domain.emergencies import LONGEST

if TYPE_CHECKING:
    from wifi_manager.services.emergencies import Emergencies

COMMAND_LINE = "command line"
_MOST_HOURS = int(LONGEST.total_seconds() // 3600)


@click.group()
def emergency() -> None:
    """Open a district or a site: everybody there gets online with one tap, blocked devices excepted."""


@emergency.command(name="open")
@click.argument("district")
@click.option("--site", help="Only the site of this name; without it, the whole district.")
@click.option("--hours", type=click.IntRange(1, _MOST_HOURS), required=True, help="When it ends by itself.")
@click.option("--why", required=True, help="The reason, for the audit trail.")
@pass_installation
def open_(installation: Installation, district: str, site: str | None, hours: int, why: str) -> None:
    """Open DISTRICT, or one site of it, from now on."""
    emergencies = _emergencies(installation)
    until = emergencies.clock.now() + timedelta(hours=hours)
    number = emergencies.open(district, site, until, why.strip(), COMMAND_LINE)
    click.echo(f"Emergency {number} is open until {until.isoformat(timespec='minutes')}.")


@emergency.command()
@click.argument("number", type=int)
@pass_installation
def close(installation: Installation, number: int) -> None:
    """End emergency NUMBER now; visits that run go on to the end of their plan."""
    _emergencies(installation).close(number, COMMAND_LINE)
    click.echo(f"Emergency {number} is over.")


@emergency.command(name="list")
@json_option
@pass_installation
def list_(installation: Installation, *, as_json: bool) -> None:
    """Show emergencies, open or over, the newest first."""
    emergencies = _emergencies(installation)
    found, now = emergencies.newest(), emergencies.clock.now()
    if as_json:
        say_json([{**asdict(each), "is_open": each.is_open(now)} for each in found])
        return
    rows = [
        [
            str(each.number),
            each.where,
            each.since.isoformat(timespec="minutes"),
            (each.closed_at or each.until).isoformat(timespec="minutes"),
            "open" if each.is_open(now) else "over",
            each.reason,
        ]
        for each in found
    ]
    say_table(("NUMBER", "PLACE", "SINCE", "UNTIL", "STATE", "WHY"), rows)


def _emergencies(installation: Installation) -> "Emergencies":
    from wifi_manager.services.emergencies import Emergencies

    services = installation.services
    return Emergencies(services.store, services.clock, installation.settings.emergency.plan)
