"""`wifi-manager visit`: visits that run, by place and id alone."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import json_option, say_json, say_table

if TYPE_CHECKING:
    from wifi_manager.storage.stays import StayLine

COMMAND_LINE = "command line"


@click.group()
def visit() -> None:
    """Find a visit that runs, and end it."""


@visit.command(name="list")
@click.option("--district", default="", help="Only in this district.")
@click.option("--site", default="", help="Only at the site of this name.")
@click.option("--gateway", default="", help="Only at this gateway.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many.")
@json_option
@pass_installation
def list_(installation: Installation, district: str, site: str, gateway: str, limit: int, *, as_json: bool) -> None:
    """Show running visits, the newest first; nothing about their devices."""
    from wifi_manager.storage.stays import StayFilter

    now = installation.services.clock.now()
    with installation.store().read() as tx:
        found = tx.stays.running(StayFilter(district, site, gateway), now, limit)
    if as_json:
        say_json([asdict(each) for each in found])
        return
    say_table(("VISIT", "SITE", "GATEWAY", "SINCE", "UNTIL", "BYTES"), map(_row, found))


@visit.command()
@click.argument("public_id")
@click.option("--why", required=True, help="The reason, for the audit trail.")
@pass_installation
def end(installation: Installation, public_id: str, why: str) -> None:
    """End the visit PUBLIC_ID; its gateway is told at once."""
    from wifi_manager.services.visit_desk import VisitDesk

    VisitDesk(installation.store(), installation.services.clock).end(public_id, COMMAND_LINE, why.strip())
    click.echo(f"Visit {public_id} has ended.")


def _row(each: "StayLine") -> list[str]:
    since, until = (moment.isoformat(timespec="seconds") for moment in (each.opened_at, each.expires_at))
    return [each.public_id, each.site or "-", each.gateway, since, until, str(each.used_bytes)]
