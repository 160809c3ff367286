"""`wifi-manager gateway show`: who is let through, in which networks, and whether the gateway is well."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from wifi_manager.cli.gateway_options import config_option
from wifi_manager.clock import SystemClock
from wifi_manager.gateway.checking.health import Health, health
from wifi_manager.gateway.deciding.drain import Draining
from wifi_manager.gateway.passing.passages import Passage
from wifi_manager.gateway.service import open_kernel
from wifi_manager.gateway.settings import GatewaySettings
from wifi_manager.gateway.settings_file import load
from wifi_manager.gateway.state import StateFolder

_A_SECOND = timedelta(seconds=1)


@click.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def show(config: Path, *, as_json: bool) -> None:
    """Show who is let through now, as the kernel has it, and how the gateway is. Devices are masked."""
    found = _found(load(config))
    click.echo(json.dumps(found) if as_json else "\n".join(_lines(found)))


def _found(settings: GatewaySettings) -> dict[str, Any]:
    state = StateFolder(settings.state)
    known, drain = state.last_known(), Draining(state).now()
    with open_kernel() as kernel:
        passages = sorted(kernel.seen().passages.values(), key=lambda passage: passage.visit)
    age = SystemClock().now() - known.received.wall if known else None
    return {
        "revision": known.revision if known else None,
        "age_seconds": None if age is None else round(age / _A_SECOND, 1),
        "draining": None if drain is None else drain.to_json(),
        "health": _health(health(settings.metrics)),
        "networks": [
            {"name": each.name, "interface": each.interface, "addresses": [str(own) for own in each.own_addresses]}
            for each in settings.networks
        ],
        "grants": [_grant(passage) for passage in passages if passage.left],
    }


def _health(now: Health | None) -> dict[str, Any] | None:
    if now is None:
        return None
    return {"control": now.control, "problems": now.problems, "guard": now.guard}


def _grant(passage: Passage) -> dict[str, Any]:
    return {
        "visit": passage.visit,
        "device": str(passage.device),
        "seconds_left": passage.left // _A_SECOND,
        "up_bytes": passage.up_bytes,
        "down_bytes": passage.down_bytes,
    }


def _lines(found: dict[str, Any]) -> Iterator[str]:
    if found["revision"] is None:
        yield "No grants were ever heard of."
    else:
        age, number = found["age_seconds"], len(found["grants"])
        yield f"Revision {found['revision']}, kept {age:.0f} s ago; {number} grants."
    if drain := found["draining"]:
        end = f", until {drain['until']}" if drain["until"] else ""
        yield f"No newcomers: this gateway is being drained{end}."
    yield from _lines_of_health(found["health"])
    for network in found["networks"]:
        yield f"Network {network['name']} on {network['interface']}, {', '.join(network['addresses'])}."
    row = "{visit:<28} {device:<19} {seconds_left:>8} {up_bytes:>14} {down_bytes:>14}"
    yield row.format(visit="VISIT", device="DEVICE", seconds_left="SECONDS", up_bytes="UP", down_bytes="DOWN")
    yield from (row.format(**grant) for grant in found["grants"])


def _lines_of_health(health: dict[str, Any] | None) -> Iterator[str]:
    if health is None:
        yield "The agent does not answer: visits go on to their end, newcomers are refused."
        return
    yield "Control answers." if health["control"] else "Control does not answer."
    for noun in ("problems", "guard"):
        if counted := {name: number for name, number in health[noun].items() if number}:
            yield f"{noun.capitalize()}: {', '.join(f'{name} {number:g}' for name, number in counted.items())}."
