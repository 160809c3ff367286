"""`wifi-manager block`: devices that get in nowhere in the city."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import json_option, say_json, say_table
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.days import end_of_day
from wifi_manager.domain.errors import BadInput

if TYPE_CHECKING:
    from wifi_manager.services.blocking import Blocking

COMMAND_LINE = "command line"


@click.group()
def block() -> None:
    """Keep devices out, at every gateway, until a day or for good."""


@block.command()
@click.option("--visit", help="The device of this running visit, by its id.")
@click.option("--until", help="The last day of it, in the city's time: YYYY-MM-DD.")
@click.option("--for-good", is_flag=True, help="It ends when somebody removes it.")
@pass_installation
def add(installation: Installation, visit: str | None, until: str | None, *, for_good: bool) -> None:
    """Block a device and end its visit.

    Without --visit its address (MAC) is read from standard input, for everybody on a machine can read the arguments
    of its processes.
    """
    if (until is None) != for_good:
        raise BadInput("Say how long: either --until YYYY-MM-DD or --for-good.")
    end = None if until is None else end_of_day(until, ZoneInfo(installation.settings.city.time_zone))
    with _blocking(installation) as blocking:
        if visit is None:
            number = blocking.add(MacAddress.parse(_typed_address()), end, COMMAND_LINE)
        else:
            number = blocking.add_visitor(visit, end, COMMAND_LINE)
    click.echo(f"Block {number} is in force. Whoever is blocked reads this number and whom to ask.")


@block.command()
@click.argument("number", type=int)
@pass_installation
def remove(installation: Installation, number: int) -> None:
    """Let the device of block NUMBER in again."""
    with _blocking(installation) as blocking:
        blocking.remove(number, COMMAND_LINE)
    click.echo(f"Block {number} is removed.")


@block.command(name="list")
@json_option
@pass_installation
def list_(installation: Installation, *, as_json: bool) -> None:
    """Show every block with its number, the device masked."""
    with _blocking(installation) as blocking:
        found = [
            {
                "number": each.row,
                "device": str(each.block.device),
                "since": each.since.isoformat(timespec="seconds"),
                "until": None if each.block.until is None else each.block.until.isoformat(timespec="seconds"),
                "set_by": each.set_by,
            }
            for each in blocking.all()
        ]
    if as_json:
        say_json(found)
        return
    rows = [[str(value or "for good") for value in each.values()] for each in found]
    say_table(("NUMBER", "DEVICE", "SINCE", "UNTIL", "SET BY"), rows)


@contextmanager
def _blocking(installation: Installation) -> "Iterator[Blocking]":
    from wifi_manager import assembly

    blocking = assembly.blocking(installation.settings)
    try:
        yield blocking
    finally:
        blocking.store.dispose()


def _typed_address() -> str:
    if sys.stdin.isatty():
        click.echo("Address of the device (MAC): ", nl=False, err=True)
    return sys.stdin.readline().strip()
