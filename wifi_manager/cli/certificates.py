"""`wifi-manager certificates`: gets the gateways' certificates from an authority, and shows how they stand."""

import os
import random
import signal
import socket
import sys
from dataclasses import asdict
from datetime import datetime

import click

from wifi_manager import assembly, log
from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import json_option, say_json, say_table
from wifi_manager.clock import SystemClock
from wifi_manager.domain.certificates import CertificateStanding
from wifi_manager.domain.errors import BadInput

_ACTOR = "command line"


@click.group()
def certificates() -> None:
    """Certificates of the gateways' own names, by ACME."""


@certificates.command()
@pass_installation
def run(installation: Installation) -> None:
    """Order and renew certificates until told to stop, as [certificates] says. Safe to kill, and to run twice."""
    from wifi_manager.certificates.making import authority
    from wifi_manager.certificates.worker import work
    from wifi_manager.services.certification import Ordering

    settings, clock = installation.settings, SystemClock()
    if not settings.certificates.are_issued:
        raise BadInput("[certificates] directory_url is not set: there is nobody to order certificates from.")
    log.configure(settings.log.level, settings.log.format, sys.stderr)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # in the middle of an order, which then cleans up
    store = assembly.certification(settings).store
    name = f"{socket.gethostname()}:{os.getpid()}"
    chosen = authority(settings.certificates, store, clock)
    work(Ordering(store, clock, chosen, name, random.random))


@certificates.command("list")
@json_option
@pass_installation
def list_certificates(installation: Installation, *, as_json: bool) -> None:
    """List how the certificates of all gateways stand: until when they are good, and what went wrong."""
    now = SystemClock().now()
    certification = assembly.certification(installation.settings)
    found = certification.standings()
    certification.store.dispose()
    if as_json:
        say_json([{**asdict(each), "state": each.state(now)} for each in found])
        return
    say_table(
        ("gateway", "state", "good until", "next order", "names", "problem"), [_line(each, now) for each in found]
    )


@certificates.command()
@click.argument("gateway")
@pass_installation
def renew(installation: Installation, gateway: str) -> None:
    """Order a new certificate for GATEWAY now: the present one was withdrawn, or a failure's reason is mended."""
    certification = assembly.certification(installation.settings)
    certification.renew(gateway, by=_ACTOR)
    certification.store.dispose()
    click.echo(f"The next certificate of {gateway} is ordered as soon as `wifi-manager certificates run` looks.")


def _line(each: CertificateStanding, now: datetime) -> tuple[str, ...]:
    until = "" if each.ends_at is None else each.ends_at.isoformat(timespec="seconds")
    order = "when it asks again" if each.is_forgotten(now) else each.try_at.isoformat(timespec="seconds")
    return each.gateway, each.state(now).value, until, order, " ".join(each.names), each.problem
