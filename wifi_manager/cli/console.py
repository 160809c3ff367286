"""`wifi-manager console`: the pages of city IT."""

import sys

import click

from wifi_manager import log
from wifi_manager.cli.installation import Installation, pass_installation


@click.group()
def console() -> None:
    """Run the pages of city IT."""


@console.command()
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes.")
@click.option("--threads", type=click.IntRange(1, 64), default=8, show_default=True, help="Threads of each process.")
@pass_installation
def run(installation: Installation, workers: int, threads: int) -> None:
    """Answer operators' browsers until SIGTERM or Ctrl-C."""
    from wifi_manager import assembly
    from wifi_manager.console.app import create_app
    from wifi_manager.web.serve import Listen, serve

    settings = installation.settings
    log.configure(settings.log.level, settings.log.format, sys.stderr)
    listen = Listen(settings.console.host, settings.console.port, threads, workers)
    serve(create_app(console_parts(installation)), listen)
