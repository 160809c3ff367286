"""`wifi-manager operator`: who may sign in to the console."""

from typing import TYPE_CHECKING

import click

from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import json_option, say_json, say_table
from wifi_manager.cli.secret_files import ensure_secret
from wifi_manager.domain.operators import Role

if TYPE_CHECKING:
    from wifi_manager.services.staffing import Staffing

COMMAND_LINE = "command line"


@click.group()
def operator() -> None:
    """Manage the people of city IT who may sign in to the console."""


@operator.command()
@click.argument("name")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.VIEWER.value, show_default=True
)
@pass_installation
def add(installation: Installation, name: str, role: str) -> None:
    """Add NAME and print the password made for them, this once."""
    password = _staffing(installation).add(name, Role(role), COMMAND_LINE)
    click.echo(f"{name} may sign in as {role}.")
    _say_password(name, password)


@operator.command(name="list")
@json_option
@pass_installation
def list_(installation: Installation, as_json: bool) -> None:  # noqa: FBT001 - click hands options in by name
    """Show everybody with their role."""
    everybody = _staffing(installation).all()
    if as_json:
        say_json([{"name": each.name, "role": each.role, "is_active": each.is_active} for each in everybody])
    elif everybody:
        rows = [(each.name, each.role.value, "active" if each.is_active else "disabled") for each in everybody]
        say_table(("NAME", "ROLE", "STATE"), rows)
    else:
        click.echo("There is nobody yet. Add the first admin: wifi-manager operator add NAME --role admin")


@operator.command()
@click.argument("name")
@pass_installation
def disable(installation: Installation, name: str) -> None:
    """Shut NAME out at once."""
    _staffing(installation).disable(name, COMMAND_LINE)
    click.echo(f"{name} cannot sign in any more; open pages are closed.")


@operator.command()
@click.argument("name")
@pass_installation
def enable(installation: Installation, name: str) -> None:
    """Let NAME in again, with the password they had."""
    _staffing(installation).enable(name, COMMAND_LINE)
    click.echo(f"{name} may sign in again.")


@operator.command(name="reset-password")
@click.argument("name")
@pass_installation
def reset_password(installation: Installation, name: str) -> None:
    """Make a new password for NAME and print it, this once."""
    _say_password(name, _staffing(installation).reset_password(name, COMMAND_LINE))


def _staffing(installation: Installation) -> "Staffing":
    """Makes the console's secret if this is the first command of a new installation."""
    from wifi_manager import assembly

    ensure_secret(installation.settings.console.secret_key_file)
    return assembly.staffing(installation.settings)


def _say_password(name: str, password: str) -> None:
    click.echo(f"Password: {password}")
    click.echo(f"It is kept nowhere. {name} can choose another on the console's page Account.")
