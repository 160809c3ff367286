"""The city's side of `wifi-manager gateway`: adds gateways, prints their one-time tokens, lists them.

These commands need the database, so they are only imported where they are used: a gateway itself has none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import click

from wifi_manager import assembly
from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import json_option, say_json, say_table
from wifi_manager.domain.gateways import Gateway
from wifi_manager.services.enrolment import Enrolment

_ACTOR = "command line"


@click.command()
@click.argument("name")
@click.option("--district", default="", help="District of the site that it serves.")
@click.option("--site", default="", help="Name of the site that it serves.")
@pass_installation
def add(installation: Installation, name: str, district: str, site: str) -> None:
    """Add gateway NAME; prints the token with which it enrols once within 24 hours."""
    where = (district, site) if district or site else None
    with _enrolment(installation) as enrolment:
        click.echo(enrolment.add(name, where, _ACTOR))


@click.command()
@click.argument("name")
@pass_installation
def token(installation: Installation, name: str) -> None:
    """Print a new token for gateway NAME: for a new box, or when the first was lost. Its present keys stay valid."""
    with _enrolment(installation) as enrolment:
        click.echo(enrolment.renew_token(name, _ACTOR))


@click.command("list")
@json_option
@pass_installation
def list_gateways(installation: Installation, *, as_json: bool) -> None:
    """List all gateways: whether they are enrolled, and whether they enforce what is wanted."""
    with _enrolment(installation) as enrolment:
        found = enrolment.gateways()
    if as_json:
        say_json([asdict(each) for each in found])
        return
    say_table(("name", "site", "state", "wanted", "enforced", "last heard of"), map(_line, found))


@contextmanager
def _enrolment(installation: Installation) -> Iterator[Enrolment]:
    enrolment = assembly.enrolment(installation.settings)
    try:
        yield enrolment
    finally:
        enrolment.store.dispose()


def _line(gateway: Gateway) -> tuple[str, ...]:
    heard = "never" if gateway.last_contact_at is None else gateway.last_contact_at.isoformat(timespec="seconds")
    site = "" if gateway.site is None else ", ".join(reversed(gateway.site))
    state = "enrolled" if gateway.is_enrolled else "waits for its token"
    return gateway.name, site, state, str(gateway.revision), str(gateway.acknowledged), heard
