"""`wifi-manager provision secret`: passphrases and shared secrets that layers name and do not hold."""

import sys
from typing import TYPE_CHECKING

import click

from provisioning.fleet_commands import actor
from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import say_table

if TYPE_CHECKING:
    from wifi_manager.services.intent_secrets import IntentSecrets


@click.group()
def secret() -> None:
    """Passphrases, RADIUS secrets and SNMP communities that layers ask for by { stored = "NAME" }."""


@secret.command("set")
@click.argument("name")
@pass_installation
def set_(installation: Installation, name: str) -> None:
    """Keep a secret under NAME, read from a pipe or asked for, never from the command line.

    Nothing reaches a device by that alone: plan and roll out, as for any change.
    """
    _secrets(installation).put(name, _typed(), by=actor())
    click.echo(f"Kept {name}. See what it changes: wifi-manager provision plan")


@secret.command("list")
@pass_installation
def list_(installation: Installation) -> None:
    """Show names, who set them and when; no values."""
    rows = [(name, by, at.isoformat(timespec="seconds")) for name, by, at in _secrets(installation).names()]
    say_table(("NAME", "SET BY", "AT"), rows)


@secret.command()
@click.argument("name")
@pass_installation
def remove(installation: Installation, name: str) -> None:
    """Forget the secret NAME, once no layer asks for it any more."""
    _secrets(installation).remove(name, by=actor())
    click.echo(f"Forgot {name}.")


def _typed() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Secret", hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _secrets(installation: Installation) -> "IntentSecrets":
    from wifi_manager import assembly

    secrets = assembly.intent_secrets(installation.settings)
    click.get_current_context().call_on_close(secrets.store.dispose)
    return secrets


COMMANDS = (secret,)
