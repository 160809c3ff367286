"""`wifi-manager exporter`: what Prometheus reads about the fleet."""

import sys
from zoneinfo import ZoneInfo

import click

from wifi_manager import log
from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.clock import SystemClock

_THREADS = 4  # two Prometheus, and people


@click.group()
def exporter() -> None:
    """Run what Prometheus reads about the fleet."""


@exporter.command()
@pass_installation
def run(installation: Installation) -> None:
    """Answer Prometheus until SIGTERM or Ctrl-C."""
    from wifi_manager.exporter.app import create_app
    from wifi_manager.web.serve import Listen, serve

    settings = installation.settings
    log.configure(settings.log.level, settings.log.format, sys.stderr)
    zone = ZoneInfo(settings.city.time_zone)
    app = create_app(installation.store(), SystemClock(), settings.exporter, zone)
    serve(app, Listen(settings.exporter.host, settings.exporter.port, _THREADS))
