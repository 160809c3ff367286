"""`wifi-manager tidy`: ends what is over and erases what is old."""

import sys
import time

import click

from wifi_manager import assembly, log
from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.services.stewardship import Stewardship

_LOG = log.get(__name__)


@click.command()
@click.option(
    "--every", type=click.FloatRange(min=1), metavar="SECONDS", help="Go on, and do it again after so many seconds."
)
@pass_installation
def tidy(installation: Installation, every: float | None) -> None:
    """End visits whose time is over, erase what is older than the city's law allows, and change devices' keys."""
    settings = installation.settings
    log.configure(settings.log.level, settings.log.format, sys.stderr)
    stewardship = assembly.stewardship(settings)
    if every is None:
        done = stewardship.tidy()
        stewardship.store.dispose()
        for what, count in done.counts().items():
            click.echo(f"{what.replace('_', ' ')}: {count}")
        return
    while True:
        _tidy_once(stewardship)
        time.sleep(every)


def _tidy_once(stewardship: Stewardship) -> None:
    """A database that is away for a while is met again at the next turn."""
    try:
        done = stewardship.tidy()
    except OutsideFailure as failure:
        _LOG.warning("not tidied", extra={"problem": str(failure)})
    else:
        _LOG.info("tidied", extra=done.counts())
