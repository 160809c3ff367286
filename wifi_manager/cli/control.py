"""`wifi-manager control`: the process that gateways talk to."""

import sys

import click

from wifi_manager import assembly, log
from wifi_manager.cli.installation import Installation, pass_installation


@click.group()
def control() -> None:
    """Where gateways fetch their grants and report what passed."""


@control.command()
@pass_installation
def run(installation: Installation) -> None:
    """Serve gateways until told to stop; a stop answers every waiting gateway first.

    With [control] certificate_file and key_file it speaks HTTPS. Without them it speaks plain HTTP: then leave it on
    loopback, behind a proxy that speaks TLS and passes paths on as they are, for they are signed.
    """
    from wifi_manager.control import serving

    settings = installation.settings
    log.configure(settings.log.level, settings.log.format, sys.stderr)
    parts = assembly.enrolment(settings), assembly.granting(settings), assembly.certification(settings)
    serving.run(settings, *parts, assembly.telling(settings))
