"""`wifi-manager gateway`: what runs on every gateway, and how the city adds one."""

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from wifi_manager import log
from wifi_manager.cli import LazyGroup
from wifi_manager.clock import SystemClock
from wifi_manager.gateway.settings import DEFAULT_CONFIG, DEFAULT_STATE
from wifi_manager.gateway.settings_file import load

_Config = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=DEFAULT_CONFIG,
    show_default=True,
    help="The site's gateway.toml.",
)


_LockedOut = click.option(
    "--even-if-locked-out", is_flag=True, help="Go on although the rules would cut off your own SSH connection."
)

_ON_A_SERVER = {  # they need the database, which a gateway does not have
    "add": "wifi_manager.cli.gateway_admin:add",
    "list": "wifi_manager.cli.gateway_admin:list_gateways",
    "token": "wifi_manager.cli.gateway_admin:token",
}


@click.group(cls=LazyGroup, lazy=_ON_A_SERVER)
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
@_Config
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
@_Config
@_LockedOut
def check(config: Path, *, even_if_locked_out: bool) -> None:
    """Say whether gateway.toml, its certificate and the rules made from it can be used. Changes nothing."""
    from wifi_manager.gateway.certificates.serving import tls_context
    from wifi_manager.gateway.names.complaints import complaints
    from wifi_manager.gateway.rules import nft
    from wifi_manager.gateway.rules.operators_way import own_way, refuse_to_lock_out
    from wifi_manager.gateway.rules.ruleset import ruleset

    settings = load(config)
    if not settings.face.issued_by_control:
        tls_context(settings.face)
    nft.check(ruleset(settings))
    if not even_if_locked_out:
        refuse_to_lock_out(settings, own_way())
    for complaint in complaints(settings):
        click.echo(complaint, err=True)
    click.echo(f"{config} is good.")


@gateway.command()
@_Config
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def show(config: Path, *, as_json: bool) -> None:
    """Show who is let through now, as the kernel has it. Devices are masked."""
    found = _now(config)
    click.echo(json.dumps(found) if as_json else _table(found))


def _now(config: Path) -> dict[str, Any]:
    from wifi_manager.gateway.service import open_kernel
    from wifi_manager.gateway.state import StateFolder

    known = StateFolder(load(config).state).last_known()
    with open_kernel() as kernel:
        passages = sorted(kernel.seen().passages.values(), key=lambda passage: passage.visit)
    age = SystemClock().now() - known.received.wall if known else None
    return {
        "revision": known.revision if known else None,
        "age_seconds": round(age / timedelta(seconds=1), 1) if age is not None else None,
        "grants": [
            {
                "visit": passage.visit,
                "device": str(passage.device),
                "seconds_left": passage.left // timedelta(seconds=1),
                "up_bytes": passage.up_bytes,
                "down_bytes": passage.down_bytes,
            }
            for passage in passages
        ],
    }


def _table(found: dict[str, Any]) -> str:
    if found["revision"] is None:
        head = "No grants were ever heard of."
    else:
        head = f"Revision {found['revision']}, kept {found['age_seconds']:.0f} s ago; {len(found['grants'])} grants."
    row = "{visit:<28} {device:<19} {seconds_left:>8} {up_bytes:>14} {down_bytes:>14}"
    title = row.format(visit="VISIT", device="DEVICE", seconds_left="SECONDS", up_bytes="UP", down_bytes="DOWN")
    return "\n".join([head, title, *(row.format(**grant) for grant in found["grants"])])
