"""`wifi-manager provision window`: the hours in which access points may be changed."""

from typing import TYPE_CHECKING, Any

import click

from provisioning.fleet_commands import actor
from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import json_option, say_json, say_table

if TYPE_CHECKING:
    from wifi_manager.services.maintenance import Maintenance


@click.group()
def window() -> None:
    """Maintenance windows of city, kind:KIND or site:DISTRICT/NAME, in the city's time; the narrower one counts."""


@window.command("set")
@click.argument("scope")
@click.argument("hours", metavar="'DAYS HH:MM-HH:MM, …'")
@pass_installation
def set_(installation: Installation, scope: str, hours: str) -> None:
    """Change access points of SCOPE in these hours alone, such as 'mon-fri 01:00-05:00, sat 23:00-04:00'."""
    kept = _maintenance(installation).put(scope, hours, by=actor())
    click.echo(f"Access points of {kept.scope} are changed {kept.windows.text} alone.")


@window.command()
@click.argument("scope")
@pass_installation
def remove(installation: Installation, scope: str) -> None:
    """Take the windows of SCOPE away: those of the wider scope hold, or any hour will do."""
    _maintenance(installation).take_away(scope, by=actor())
    click.echo(f"{scope} has no maintenance windows of its own any more.")


@window.command("list")
@json_option
@pass_installation
def list_(installation: Installation, *, as_json: bool) -> None:
    """All windows, and who has set them."""
    found = _maintenance(installation).all()
    rows = [(str(each.scope), each.windows.text, each.changed_by) for each in found]
    if as_json:
        say_json([dict(zip(("scope", "hours", "changed_by"), row, strict=True)) for row in rows])
        return
    say_table(("SCOPE", "HOURS", "BY"), rows)


def _maintenance(installation: Installation) -> "Maintenance":
    from wifi_manager import assembly

    maintenance = assembly.maintenance(installation.settings)
    click.get_current_context().call_on_close(maintenance.store.dispose)
    return maintenance


COMMANDS: tuple[Any, ...] = (window,)
