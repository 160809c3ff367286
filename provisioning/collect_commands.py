"""`wifi-manager collect`: looks at access points, on a schedule or now."""

import sys
import threading
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from provisioning.fleet_commands import actor, make_looker, make_quick_looker, run_until_stopped, stopped_by_signals
from wifi_manager import log
from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.clock import SystemClock
from wifi_manager.domain.errors import NotFound
from wifi_manager.settings.collection import CollectionSettings

if TYPE_CHECKING:  # --help must not wait for the database's library
    from provisioning.collector import Collector
    from provisioning.poll_metrics import PollMetrics

_PROBES = 4  # at the same time


@click.group()
def collect() -> None:
    """Look at access points: are they up, what runs on them."""


@collect.command()
@click.option("--interval", default=60, show_default=True, help="Seconds between two looks at one access point.")
@click.option(
    "--parallel",
    default=16,
    show_default=True,
    help="Looks at the same time; as many again where some hang.",
)
@pass_installation
def run(installation: Installation, interval: int, parallel: int) -> None:
    """Poll every managed access point until told to stop."""
    settings = installation.settings
    log.configure(settings.log.level, settings.log.format, sys.stderr)
    collector = collector_of(installation, interval, parallel)
    _show_metrics(settings.collection, collector.metrics)
    stop = stopped_by_signals()
    run_until_stopped([threading.Thread(target=collector.run, args=(stop,), name="collector")])


@collect.command()
@pass_installation
def probes(installation: Installation) -> None:
    """Answer /probe?target=ACCESS_POINT with its metrics after a look at once, until SIGTERM or Ctrl-C."""
    from provisioning.probing import Prober, create_app
    from wifi_manager.exporter import catalogue
    from wifi_manager.exporter.series import Tier
    from wifi_manager.exporter.shards import Source
    from wifi_manager.web.serve import Listen, serve

    settings = installation.settings
    log.configure(settings.log.level, settings.log.format, sys.stderr)
    collector = collector_of(installation, interval=60, parallel=1)
    families, zone = catalogue.chosen(Tier(settings.exporter.tier)), ZoneInfo(settings.city.time_zone)
    source = Source(collector.collection.store, SystemClock(), families, zone)
    app = create_app(Prober(lambda: replace(collector), source))
    serve(app, Listen(settings.collection.probe_host, settings.collection.probe_port, _PROBES))


@collect.command()
@click.argument("access_point", metavar="ACCESS_POINT")
@pass_installation
def now(installation: Installation, access_point: str) -> None:
    """Look at ACCESS_POINT at once, and keep what was found."""
    collector = collector_of(installation, interval=60, parallel=1)
    management = collector.collection.targets().get(access_point)
    if management is None:
        raise NotFound(f"{access_point} is not enrolled. Run `wifi-manager provision enrol {access_point} …`.")
    found = collector.poll(access_point, management)
    click.echo(f"{access_point} is {'up' if found.up else 'down'}.")


@collect.command()
@click.argument("access_point", metavar="ACCESS_POINT")
@click.option("--revoke", is_flag=True, help="Take its token away instead.")
@pass_installation
def token(installation: Installation, access_point: str, *, revoke: bool) -> None:
    """Make a token with which ACCESS_POINT tells of itself: for those that nobody can reach.

    It is shown this once; the one before is worth nothing any more.
    """
    from wifi_manager import assembly

    telling = assembly.telling(installation.settings)
    if revoke:
        telling.take_token(access_point, actor())
        click.echo(f"{access_point} can tell nothing of itself any more.")
        return
    click.echo(telling.give_token(access_point, actor()))


def collector_of(installation: Installation, interval: int, parallel: int) -> "Collector":
    """Polls, and reads what drifts; its database is closed when the command is done."""
    from provisioning.collector import Collector
    from provisioning.drift_watch import DriftWatch
    from wifi_manager import assembly
    from wifi_manager.services.collection import Collection

    drifting = assembly.drifting(installation.settings)
    click.get_current_context().call_on_close(drifting.store.dispose)
    pace = timedelta(seconds=interval)
    return Collector(
        Collection(drifting.store),
        make_quick_looker,
        SystemClock(),
        pace,
        parallel,
        watch=DriftWatch(drifting),
        make_patient=make_looker,
    )


def _show_metrics(chosen: CollectionSettings, metrics: "PollMetrics") -> None:
    """Serve the collector's own metrics. To poll matters more: without a free port it goes on without them."""
    from prometheus_client import start_http_server

    try:
        start_http_server(chosen.metrics_port, chosen.metrics_host, metrics.registry)
    except OSError as why:
        about = {"port": chosen.metrics_port, "why": str(why)}
        log.get(__name__).warning("the metrics of this collector are not shown", extra=about)
