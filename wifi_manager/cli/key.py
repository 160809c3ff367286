"""`wifi-manager key`: another master key for the installation."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from wifi_manager.cli.installation import Installation, pass_installation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wifi_manager.services.key_changes import KeyChanges
    from wifi_manager.storage.sealed import Resealed

_grace = click.option(
    "--grace",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a transaction of another process may last.",
)
_leave = click.option(
    "--leave-unopened", is_flag=True, help="Drop the old key though some values open with none of the keys."
)


@click.group()
def key() -> None:
    """Change the master key, which seals what the database may hold but must not show. Processes go on meanwhile."""


@key.command()
@_grace
@_leave
@pass_installation
def rotate(installation: Installation, grace: float, *, leave_unopened: bool) -> None:
    """All steps at once, where one host has the key file; goes on with a change that was killed."""
    with _changes(installation) as changes:
        _say(changes.rotate(timedelta(seconds=grace), leave_unopened=leave_unopened))


@key.command()
@pass_installation
def add(installation: Installation) -> None:
    """Step 1 of 3: put a new key into the file, which only opens. Copy the file to all hosts afterwards."""
    with _changes(installation) as changes:
        changes.add()
    click.echo("The file has a new key. Copy it to every host, then run: wifi-manager key use")


@key.command()
@pass_installation
def use(installation: Installation) -> None:
    """Step 2 of 3: seal with the new key; the old one still opens. Copy the file to all hosts afterwards."""
    with _changes(installation) as changes:
        changes.use()
    click.echo("The new key seals. Copy the file to every host, then run: wifi-manager key finish")


@key.command()
@_grace
@_leave
@pass_installation
def finish(installation: Installation, grace: float, *, leave_unopened: bool) -> None:
    """Step 3 of 3: seal everything anew and drop the old key. Copy the file to all hosts afterwards."""
    with _changes(installation) as changes:
        _say(changes.finish(timedelta(seconds=grace), leave_unopened=leave_unopened))


@contextmanager
def _changes(installation: Installation) -> "Iterator[KeyChanges]":
    from wifi_manager import assembly

    changes = assembly.key_changes(installation.settings)
    try:
        yield changes
    finally:
        changes.store.dispose()


def _say(found: "Sequence[Resealed]") -> None:
    for each in found:
        if each.done:
            click.echo(f"sealed anew: {each.done} of {each.column}")
    click.echo("The old master key opens nothing any more. Keep a copy of the new file elsewhere.")
