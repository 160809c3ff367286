"""`wifi-manager up`: everything of a city on one machine, with one command."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import click

from wifi_manager.cli.db import bring_up_to_date
from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.secret_files import ensure_secret
from wifi_manager.cli.supervisor import Child, Supervisor
from wifi_manager.settings import Settings

FIRST_ADMIN = "admin"
# Processes that nobody visits: they work on rows of the database.
_SILENT: tuple[tuple[str, ...], ...] = (("provision", "worker"), ("collect", "run"), ("tidy", "--every", "60"))


@dataclass(frozen=True, slots=True)
class Process:
    """A process that `up` starts where its command is installed, and where people find it."""

    word: str
    what: str
    address: str


@click.command()
@pass_installation
def up(installation: Installation) -> None:
    """Run everything on this machine until Ctrl-C: makes the database, the secrets and the first admin if need be."""
    settings = installation.settings
    for path in (settings.console.secret_key_file, settings.keys.master_key_file):
        if ensure_secret(path):
            click.echo(f"Made a secret: {path} (keep a copy elsewhere)")
    _upgrade(installation)
    _add_first_admin(settings)
    chosen = [each for each in _processes(settings) if _is_installed(each.word, "run")]
    for each in chosen:
        click.echo(f"{each.what:24}{each.address}")
    click.echo("Stop everything with Ctrl-C.")
    children = [_child(installation, each.word, "run") for each in chosen]
    silent = [*_SILENT, ("certificates", "run")] if settings.certificates.are_issued else _SILENT
    children += [_child(installation, *words) for words in silent if _is_installed(*words)]
    supervisor = Supervisor(children, lambda line: click.echo(line, err=True))
    supervisor.stop_on_signals()
    supervisor.run()


def _upgrade(installation: Installation) -> None:
    applied, added = bring_up_to_date(installation)
    if applied:
        click.echo(f"Made the database's tables: {', '.join(applied)}")
    if added:
        click.echo(f"Added the plans: {', '.join(added)}")


def _add_first_admin(settings: Settings) -> None:
    from wifi_manager import assembly

    password = assembly.staffing(settings).add_first_admin(FIRST_ADMIN, "command line")
    if password is not None:
        click.echo(f"The first admin is called {FIRST_ADMIN}, with the password {password}")
        click.echo("It is shown this once. Lost it? Run: wifi-manager operator reset-password admin")


def _processes(settings: Settings) -> Iterator[Process]:
    exporter = f"http://{settings.exporter.host}:{settings.exporter.port}/metrics"
    yield Process("console", "Console for city IT:", settings.console.public_url)
    yield Process("exporter", "Metrics for Prometheus:", exporter)
    yield Process("portal", "Sign-in for citizens:", settings.portal.public_url)
    yield Process("control", "Control for gateways:", settings.control.public_url)


def _is_installed(*words: str) -> bool:
    """Whether this machine has the command: each house may be left out."""
    from wifi_manager.cli import main

    command: click.Command | None = main
    try:
        for word in words:
            if not isinstance(command, click.Group):
                break  # the rest are options
            command = command.get_command(click.Context(command), word)
    except click.ClickException:
        return False
    return command is not None


def _child(installation: Installation, word: str, *arguments: str) -> Child:
    return Child(word, [sys.executable, "-m", "wifi_manager", *installation.arguments, word, *arguments])
