"""`wifi-manager portal`: the process that citizens talk to."""

import sys

import click

from wifi_manager import log
from wifi_manager.cli.installation import Installation, pass_installation


@click.group()
def portal() -> None:
    """Pages that citizens sign in on."""


@portal.command()
@pass_installation
def run(installation: Installation) -> None:
    """Serve the sign-in pages until told to stop."""
    from portal import serving
    from wifi_manager import assembly

    settings = installation.settings
    log.configure(settings.log.level, settings.log.format, sys.stderr)
    serving.run(settings, assembly.admission(settings))
