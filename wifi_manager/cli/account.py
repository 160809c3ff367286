"""`wifi-manager account`: residents who sign in with a name and a password."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import json_option, say_json, say_table
from wifi_manager.cli.secret_files import new_files, write
from wifi_manager.domain.vouchers import show_code

if TYPE_CHECKING:
    from wifi_manager.services.accounts import Accounts, Opened

COMMAND_LINE = "command line"


@click.group()
def account() -> None:
    """Open accounts for residents, give them one-time codes, and shut accounts out."""


@account.command()
@pass_installation
def add(installation: Installation) -> None:
    """Open an account and print the one-time code with which its citizen chooses a password.

    The login name, and after a comma a mail address to put on record, are read from standard input, for everybody on
    a machine can read the arguments of its processes.
    """
    with _accounts(installation) as accounts:
        (opened,) = accounts.add([_typed("Login name")], COMMAND_LINE)
    click.echo(f"Account {opened.number} is open.")
    _say_code(opened)


@account.command(name="import")
@click.argument("names", type=click.File(encoding="utf-8-sig"))
@click.option(
    "--codes",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="New file for login names and one-time codes (CSV), that only you can open.",
)
@pass_installation
def import_(installation: Installation, names: IO[str], codes: Path) -> None:
    """Open an account for each line of NAMES, all or none. `-` reads standard input.

    A line is a login name, or a login name, a comma and the mail address to put on record.
    """
    wanted = [line for line in names if line.strip()]
    with _accounts(installation) as accounts, new_files(codes) as files:
        opened = accounts.add(wanted, COMMAND_LINE)
        lines = "".join(f"{each.number},{each.name},{show_code(each.code)}\n" for each in opened)
        write(files.get(codes), f"number,name,code\n{lines}")
    click.echo(f"{len(opened)} accounts are open. Their codes are in {codes} and kept nowhere else.")


@account.command(name="list")
@json_option
@pass_installation
def list_(installation: Installation, *, as_json: bool) -> None:
    """Show every account with its number, its login name and whether its citizen has completed it."""
    with _accounts(installation) as accounts:
        found = [
            {
                "number": each.number,
                "name": each.name,
                "state": each.state.value,
                "added": each.added_at.isoformat(),
                "has_address": each.has_address,
            }
            for each in accounts.all()
        ]
    if as_json:
        say_json(found)
        return
    say_table(("NUMBER", "NAME", "STATE", "ADDED", "HAS ADDRESS"), [list(map(str, each.values())) for each in found])


@account.command()
@click.argument("number", type=int)
@pass_installation
def code(installation: Installation, number: int) -> None:
    """Print a new one-time code for account NUMBER, with which its citizen chooses another password."""
    with _accounts(installation) as accounts:
        opened = accounts.renew_code(number, COMMAND_LINE)
    _say_code(opened)


@account.command()
@click.argument("number", type=int)
@pass_installation
def address(installation: Installation, number: int) -> None:
    """Put the mail address on standard input on record for account NUMBER; an empty line removes it.

    Codes for a forgotten password go there, where [mail] says who sends them. It lies sealed and is shown nowhere.
    """
    with _accounts(installation) as accounts:
        typed = _typed("Mail address").strip()
        accounts.set_address(number, typed, COMMAND_LINE)
    click.echo(f"Account {number} has {'this' if typed else 'no'} mail address on record.")


@account.command()
@click.argument("number", type=int)
@pass_installation
def disable(installation: Installation, number: int) -> None:
    """Shut account NUMBER out and end its visits."""
    with _accounts(installation) as accounts:
        accounts.disable(number, COMMAND_LINE)
    click.echo(f"Account {number} is disabled; its visits have ended.")


@account.command()
@click.argument("number", type=int)
@pass_installation
def enable(installation: Installation, number: int) -> None:
    """Let account NUMBER in again, with the password it had."""
    with _accounts(installation) as accounts:
        accounts.enable(number, COMMAND_LINE)
    click.echo(f"Account {number} is enabled.")


@account.command()
@click.argument("number", type=int)
@pass_installation
def remove(installation: Installation, number: int) -> None:
    """Delete account NUMBER and end its visits."""
    with _accounts(installation) as accounts:
        accounts.remove(number, COMMAND_LINE)
    click.echo(f"Account {number} is deleted.")


@contextmanager
def _accounts(installation: Installation) -> "Iterator[Accounts]":
    from wifi_manager import assembly

    accounts = assembly.accounts(installation.settings)
    try:
        yield accounts
    finally:
        accounts.store.dispose()


def _typed(what: str) -> str:
    if sys.stdin.isatty():
        click.echo(f"{what}: ", nl=False, err=True)
    return sys.stdin.readline()


def _say_code(opened: "Opened") -> None:
    click.echo(f"One-time code: {show_code(opened.code)}")
    click.echo("It is kept nowhere. Hand it to the citizen in person, or by a channel you trust.")
