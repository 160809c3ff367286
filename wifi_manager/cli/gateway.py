"""`wifi-manager gateway`: what runs on every gateway, and how the city adds one."""

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from wifi_manager import log
from wifi_manager.cli import LazyGroup
from wifi_manager.cli.gateway_options import config_option
from wifi_manager.clock import SystemClock
from wifi_manager.gateway.settings import DEFAULT_STATE
from wifi_manager.gateway.settings_file import load

_LockedOut = click.option(
    "--even-if-locked-out", is_flag=True, help="Go on although the rules would cut off your own SSH connection."
)

_ELSEWHERE = {  # add, list and token need the database, which a gateway does not have
    "add": "wifi_manager.cli.gateway_admin:add",
    "drain": "wifi_manager.cli.gateway_drain:drain",
    "list": "wifi_manager.cli.gateway_admin:list_gateways",
    "show": "wifi_manager.cli.gateway_show:show",
    "token": "wifi_manager.cli.gateway_admin:token",
    "undrain": "wifi_manager.cli.gateway_drain:undrain",
}


@click.group(cls=LazyGroup, lazy=_ELSEWHERE)
def gateway() -> None:
    """Let citizens through: one gateway a site or bus."""


@gateway.command()
@click.argument("token")
@click.option("--control", required=True, help="Control's address, such as https://control.city.example")
@click.option("--ca", type=click.Path(path_type=Path, dir_okay=False), help="Certificates (PEM) to know control by.")
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_STATE,
    show_default=True,
    help="Where keys and last known grants are kept; the same as in gateway.toml.",
)
def enrol(token: str, control: str, ca: Path | None, state: Path) -> None:
    """Register this machine with the one-time TOKEN from the console; `-` reads it from standard input."""
    from wifi_manager.gateway.enrolment import enrol_gateway
    from wifi_manager.gateway.state import StateFolder

    identity = enrol_gateway(_said_or_read(token), control, ca, StateFolder(state))
    click.echo(
        f"This is gateway {identity.gateway} of {identity.city}. Its citizens sign in at {identity.portal_url}."
    )


def _said_or_read(word: str) -> str:
    return sys.stdin.readline().strip() if word == "-" else word


@gateway.command()
@config_option
@click.option(
    "--log-level",
    type=click.Choice(["DEBUG", "INFO", "WARNING", "ERROR"]),
    default="INFO",
    show_default=True,
    help="The least important event that is still written.",
)
@_LockedOut
def run(config: Path, log_level: str, *, even_if_locked_out: bool) -> None:
    """Be a gateway until told to stop. Rules and visits stay in the kernel when it ends."""
    from wifi_manager.gateway import service
    from wifi_manager.gateway.rules.operators_way import own_way, refuse_to_lock_out

    settings = load(config)
    if not even_if_locked_out:
        refuse_to_lock_out(settings, own_way())
    log.configure(log_level, "json", sys.stderr)
    log.get("pyroute2").setLevel("INFO")  # at DEBUG it names phones
    if log_level == "INFO":
        log.get("httpx").setLevel("WARNING")  # it has a line for every long poll
    asyncio.run(service.run(settings, SystemClock()))


@gateway.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def check(config: Path, *, as_json: bool) -> None:
    """Tell what is wrong with this machine and gateway.toml, and how to mend it. Changes nothing.

    Exits with 1 when something is wrong. Without root what only root may see is told as unknown.
    """
    from wifi_manager.gateway.checking.box import Box
    from wifi_manager.gateway.checking.checkup import examine
    from wifi_manager.gateway.checking.findings import Severity, count, report

    findings = tuple(examine(load(config), Box(), SystemClock().now()))
    click.echo(json.dumps([asdict(finding) for finding in findings]) if as_json else report(findings, str(config)))
    raise SystemExit(1 if count(findings, Severity.WRONG) else 0)


@gateway.command()
@config_option
def rules(config: Path) -> None:
    """Load the rules, closed for everybody who is not online already. At boot, before there is a network."""
    from wifi_manager.gateway.service import close

    close(load(config))
