"""`wifi-manager console`: the pages of city IT."""

import sys
from zoneinfo import ZoneInfo

import click

from wifi_manager import log
from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.settings import secret


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
    from wifi_manager.console.parts import Parts
    from wifi_manager.web import posters
    from wifi_manager.web.cards import design
    from wifi_manager.web.serve import Listen, serve

    settings = installation.settings
    log.configure(settings.log.level, settings.log.format, sys.stderr)
    listen = Listen(settings.console.host, settings.console.port, threads, workers)
    staffing = assembly.staffing(settings)
    parts = Parts(
        store=staffing.store,
        staffing=staffing,
        clock=staffing.clock,
        city_name=settings.city.name,
        time_zone=ZoneInfo(settings.city.time_zone),
        public_url=settings.console.public_url,
        secret_key=secret(settings.console.secret_key_file),
        vouchers=assembly.vouchers(settings),
        accounts=assembly.accounts(settings),
        cards=design(settings),
        second_person=settings.provisioning.second_person,
        starts_a_second=settings.provisioning.starts_a_second,
        languages=settings.city.languages,
        vaulted=assembly.report_desk(settings).store,
        emergency_plan=settings.emergency.plan,
        posters=posters.installed(settings, staffing.store),
    )
    serve(create_app(parts), listen)
