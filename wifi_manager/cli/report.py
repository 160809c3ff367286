"""`wifi-manager report`: problems that citizens report on the portal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import json_option, say_json, say_table
from wifi_manager.domain.problem_reports import ProblemReport, ReportState

if TYPE_CHECKING:
    from wifi_manager.services.report_desk import ReportDesk

COMMAND_LINE = "command line"


@click.group()
def report() -> None:
    """Read and answer what citizens report on the portal."""


@report.command(name="list")
@click.option("--state", type=click.Choice([each.value for each in ReportState]), help="Only of this state.")
@click.option("--district", default="", help="Only of this district.")
@click.option("--site", default="", help="Only of the site of this name.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many.")
@json_option
@pass_installation
def list_(
    installation: Installation, state: str | None, district: str, site: str, limit: int, *, as_json: bool
) -> None:
    """Show reports, the newest first, without their words."""
    from wifi_manager.storage.problem_reports import ReportFilter

    wanted = ReportFilter(ReportState(state) if state else None, district, site)
    with installation.store().read() as tx:
        found = [_told(each) for each in tx.problem_reports.page(wanted, limit)]
    if as_json:
        say_json(found)
        return
    columns = ("number", "at", "state", "trouble", "site", "assigned_to")
    say_table([each.upper() for each in columns], [[str(each[name] or "-") for name in columns] for each in found])


@report.command()
@click.argument("number", type=int)
@json_option
@pass_installation
def show(installation: Installation, number: int, *, as_json: bool) -> None:
    """Show report NUMBER with its words, and what is known of its place and its device now."""
    with _desk(installation) as desk:
        found, now = desk.look_into(number), desk.clock.now()
    told = {
        **_told(found.report),
        "text": found.report.text,
        "answer": found.report.answer,
        "gateways": {each.name: each.standing(now).value for each in found.gateways},
        "access_points": {health.value: count for health, count in found.health.items()},
        "visit": None if found.visit is None else found.visit.public_id,
        "visit_runs": found.visit is not None and found.visit.is_active(now),
        "blocked": found.block is not None,
    }
    if as_json:
        say_json(told)
        return
    for name, value in told.items():
        click.echo(f"{name.replace('_', ' ')}: {'-' if value is None else value}")


@report.command()
@click.argument("number", type=int)
@pass_installation
def answer(installation: Installation, number: int) -> None:
    """Answer report NUMBER with the text on standard input: its citizen reads it on the portal."""
    with _desk(installation) as desk:
        desk.answer(number, sys.stdin.read().strip(), COMMAND_LINE)
    click.echo(f"Report {number} is answered.")


@report.command()
@click.argument("number", type=int)
@click.option("--why", default="", help="A note for the audit trail.")
@pass_installation
def close(installation: Installation, number: int, why: str) -> None:
    """Take report NUMBER off the queue."""
    with _desk(installation) as desk:
        desk.close(number, COMMAND_LINE, why)
    click.echo(f"Report {number} is closed.")


@contextmanager
def _desk(installation: Installation) -> "Iterator[ReportDesk]":
    from wifi_manager import assembly

    desk = assembly.report_desk(installation.settings)
    try:
        yield desk
    finally:
        desk.store.dispose()


def _told(each: ProblemReport) -> dict[str, Any]:
    return {
        "number": each.number,
        "at": each.at.isoformat(timespec="seconds"),
        "state": each.state.value,
        "trouble": each.trouble.value,
        "site": None if each.site is None else ", ".join(reversed(each.site)),
        "gateway": each.gateway,
        "network": each.network,
        "access": each.access,
        "incident": each.incident,
        "assigned_to": each.assigned_to,
        "handled_by": each.handled_by,
    }
