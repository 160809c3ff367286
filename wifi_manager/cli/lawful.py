"""`wifi-manager lawful`: what an authority asks for under a case number, given out by two operators together."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import json_option, say_json, say_table
from wifi_manager.cli.secret_files import ensure_secret
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.lawful import Scope

if TYPE_CHECKING:
    from wifi_manager.domain.operators import Operator
    from wifi_manager.services.lawful import Lawful

who_option = click.option(
    "--as", "who", required=True, metavar="NAME", help="Your login name; the password is read from standard input."
)


@click.group()
def lawful() -> None:
    """Lawful requests: one operator asks, another one approves, and the trail keeps who and when."""


@lawful.command()
@click.argument("case_number", metavar="CASE")
@who_option
@click.option("--visit", default="", help="Ask for this visit, by its id.")
@click.option("--gateway", default="", help="Ask for the visits at this gateway.")
@click.option("--from", "begins", required=True, help="The city's time, such as 2026-06-01T12:00.")
@click.option("--to", "ends", required=True, help="The same.")
@pass_installation
def request(
    installation: Installation, case_number: str, who: str, visit: str, gateway: str, begins: str, ends: str
) -> None:
    """Ask for the records that the order CASE names.

    Without --visit and --gateway it is about a device, whose address (MAC) is read from standard input after the
    password: everybody on a machine can read the arguments of its processes.
    """
    zone = ZoneInfo(installation.settings.city.time_zone)
    operator = _signed_in(installation, who)
    device = None if visit or gateway else MacAddress.parse(_typed("Address of the device (MAC)"))
    with _lawful(installation) as service:
        scope = Scope(_moment(begins, zone), _moment(ends, zone), device, visit, gateway)
        number = service.request(operator, case_number, scope)
    click.echo(
        f"Request {number}. Another person, who is an admin, runs: wifi-manager lawful approve {number} --as NAME"
    )


@lawful.command()
@click.argument("number", type=int)
@who_option
@pass_installation
def approve(installation: Installation, number: int, who: str) -> None:
    """Approve request NUMBER, after a look at the authority's order."""
    operator = _signed_in(installation, who)
    with _lawful(installation) as service:
        found = service.approve(operator, number)
    click.echo(f"Request {number}, case {found.case_number}, asked by {found.asked_by}, is approved.")


@lawful.command()
@click.argument("number", type=int)
@who_option
@click.option("--file", "path", required=True, type=click.Path(path_type=Path, dir_okay=False), help="A new file.")
@pass_installation
def export(installation: Installation, number: int, who: str, path: Path) -> None:
    """Write what request NUMBER asks for into a file that only you can read."""
    operator = _signed_in(installation, who)
    with _lawful(installation) as service, _new_file(path) as descriptor:
        os.write(descriptor, service.export(operator, number).encode())
    click.echo(f"Written to {path}. `wifi-manager lawful verify {path}` tells whether it is still as it was.")


@lawful.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@pass_installation
def verify(installation: Installation, path: Path) -> None:
    """Say whether FILE is as this city has exported it, to the letter."""
    with _lawful(installation) as service:
        is_genuine = service.verify(path.read_text(encoding="utf-8"))
    click.echo("It is as it was exported." if is_genuine else "It is NOT as it was exported.")
    sys.exit(0 if is_genuine else 1)


@lawful.command(name="list")
@json_option
@pass_installation
def list_(installation: Installation, *, as_json: bool) -> None:
    """Show every request, and who stands for it."""
    with _lawful(installation) as service:
        found = [{**asdict(each), "digest": each.digest and each.digest.hex()} for each in service.all()]
    if as_json:
        say_json(found)
        return
    names = ("number", "case_number", "asked_by", "approved_by", "exported_by")
    say_table([name.upper().replace("_", " ") for name in names], [[str(e[n] or "-") for n in names] for e in found])


def _signed_in(installation: Installation, who: str) -> "Operator":
    """Each of the two proves who they are. Raises Forbidden, TooManyTries."""
    from wifi_manager import assembly

    ensure_secret(installation.settings.console.secret_key_file)
    staffing = assembly.staffing(installation.settings)
    try:
        return staffing.sign_in(who, _typed("Password", hidden=True), "command line").operator
    finally:
        staffing.store.dispose()


@contextmanager
def _lawful(installation: Installation) -> "Iterator[Lawful]":
    from wifi_manager import assembly

    service = assembly.lawful(installation.settings)
    try:
        yield service
    finally:
        service.store.dispose()


@contextmanager
def _new_file(path: Path) -> Iterator[int]:
    """A file for its owner alone, gone again when nothing was written into it. Raises BadInput when it is there."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as refused:
        raise BadInput(f"{path}: an export is never written over another file: {refused.strerror}.") from refused
    try:
        yield descriptor
    finally:
        os.close(descriptor)
        if path.stat().st_size == 0:
            path.unlink()


def _typed(what: str, *, hidden: bool = False) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(what, hide_input=hidden, err=True)).strip()
    return sys.stdin.readline().strip()


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise BadInput(f"{text!r} is no moment. Example: --from 2026-06-01T12:00") from wrong
    return found if found.tzinfo else found.replace(tzinfo=zone)
