"""The commands of `wifi-manager provision` that use the city's database: enrolment, pushes and their workers."""

import getpass
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioning.driver import Looker
from provisioning.drivers.helper_driver import HelperDriver
from provisioning.platforms import OPENWRT, PLATFORMS, WATCHED, enrolled, looker, render
from wifi_manager import log
from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import json_option, say_json, say_table
from wifi_manager.clock import SystemClock
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent_documents import intent_from_text
from wifi_manager.domain.pushes import Push

if TYPE_CHECKING:  # --help must not wait for the database's library
    from provisioning.transport import SshLink
    from provisioning.worker import Worker
    from wifi_manager.services.change_control import ChangeControl, Reach

SILENCE_SECONDS = 30


def actor() -> str:
    """Who types this, for the audit trail: the login name behind sudo, else the user's own."""
    return f"command line ({os.environ.get('SUDO_USER') or getpass.getuser()})"


def make_driver(management: Management, private_key: str) -> HelperDriver:
    """A driver that speaks SSH to one access point. Raises BadInput for a key that is none."""
    return HelperDriver(make_link(management, private_key), SystemClock())


def make_looker(reach: "Reach") -> Looker:
    """Who looks at one access point over SSH. Raises BadInput for a key that is none."""
    return looker(reach.platform, make_link(reach.management, reach.private_key), SystemClock())


def make_quick_looker(reach: "Reach") -> Looker:
    """The same, for who has little time. Raises BadInput for a key that is none."""
    from provisioning.transport import QUICK

    return looker(
        reach.platform, replace(make_link(reach.management, reach.private_key), limits=QUICK), SystemClock()
    )


def make_link(management: Management, private_key: str) -> "SshLink":
    """SSH to one access point. Raises BadInput for a key that is none."""
    from provisioning.transport import SshLink, client_key_from_text  # netmiko takes half a second to import

    return SshLink(management, client_key_from_text(private_key))


@click.command()
@click.argument("access_point", metavar="ACCESS_POINT")
@click.option("--host", required=True, help="Management address.")
@click.option("--port", default=22, show_default=True)
@click.option("--user", default="root", show_default=True)
@click.option("--key", required=True, type=click.Path(path_type=Path), help="File with the private SSH key.")
@click.option("--host-key", required=True, help="Fingerprint to pin, SHA256:… as its label or console shows it.")
@click.option("--platform", type=click.Choice([*PLATFORMS, *WATCHED]), default=OPENWRT, show_default=True)
@pass_installation
def enrol(
    installation: Installation,
    /,
    access_point: str,
    key: Path,
    host: str,
    port: int,
    user: str,
    host_key: str,
    platform: str,
) -> None:
    """Take ACCESS_POINT under management: install the helper for safe changes, pin its host key, seal our key.

    Nothing is installed on those of another vendor (routeros, unifi), which are watched and not configured. May be
    repeated after a reset or a replacement.
    """
    from wifi_manager.services.change_control import Reach

    reach = Reach(Management(host, port, user, host_key), read_text(key))
    changes = _changes(installation)
    link = make_link(reach.management, reach.private_key)
    facts = enrolled(platform, link, SystemClock())
    changes.enrol(access_point, platform, reach, by=actor())
    click.echo(f"Enrolled {access_point}: {facts.model or 'unknown model'}, {facts.firmware or 'unknown firmware'}.")


@click.command()
@click.argument("access_point", metavar="ACCESS_POINT")
@click.argument("intent_file", metavar="INTENT.toml", type=click.Path(path_type=Path))
@click.option("--approve", is_flag=True, help="Approve it at once, where one person may do both.")
@pass_installation
def push(installation: Installation, /, access_point: str, intent_file: Path, *, approve: bool) -> None:
    """Propose INTENT.toml for ACCESS_POINT. A worker carries it out once it is approved."""
    from wifi_manager import assembly

    changes = _changes(installation)
    text = assembly.intents(installation.settings).with_secrets(read_text(intent_file))
    files = render(intent_from_text(text), changes.reach(access_point).platform)
    proposed = changes.propose(access_point, text, files.digest(), by=actor())
    if approve:
        changes.approve(proposed.number, by=actor())
    todo = "a worker will take it" if approve else f"approve it: wifi-manager provision approve {proposed.number}"
    click.echo(f"Push {proposed.number} for {access_point}: {todo}.")


@click.command("approve")
@click.argument("number", type=int)
@click.option("--at-any-hour", default="", metavar="REASON", help="Why it need not wait for a maintenance window.")
@pass_installation
def approve_push(installation: Installation, number: int, at_any_hour: str) -> None:
    """Let a worker carry out push NUMBER."""
    _changes(installation).approve(number, by=actor(), at_any_hour=at_any_hour)
    click.echo(f"Push {number} is approved.")


@click.command()
@click.argument("number", type=int)
@pass_installation
def cancel(installation: Installation, number: int) -> None:
    """Take push NUMBER back before a worker begins it."""
    _changes(installation).cancel(number, by=actor())
    click.echo(f"Push {number} is cancelled.")


@click.command()
@click.argument("access_point", metavar="[ACCESS_POINT]", default="")
@click.option("--limit", default=20, show_default=True, help="How many, the newest first.")
@json_option
@pass_installation
def status(installation: Installation, access_point: str, limit: int, *, as_json: bool) -> None:
    """Where the newest pushes stand, of one access point or of all."""
    with _changes(installation).store.read() as tx:
        pushes = tx.pushes.newest(limit, access_point)
    if as_json:
        say_json([_shown(each) for each in pushes])
        return
    rows = [(str(each.number), each.access_point, each.state.value, each.approved_by, each.reason) for each in pushes]
    say_table(("push", "access point", "state", "approved by", "reason"), rows)


@click.command()
@click.option("--undo-after", default=90, show_default=True, help="Seconds a device waits to be confirmed.")
@click.option(
    "--parallel",
    default=64,
    show_default=True,
    type=click.IntRange(min=1),
    help="Pushes at the same time, at different devices.",
)
@click.option(
    "--silence",
    default=SILENCE_SECONDS,
    show_default=True,
    type=click.IntRange(min=3),
    help="Seconds without a sign of another worker after which its push is taken over; the same for all workers.",
)
@pass_installation
def worker(installation: Installation, undo_after: int, parallel: int, silence: int) -> None:
    """Carry out approved pushes and look after rollouts until told to stop.

    Safe to kill: another worker, or the next run, goes on.
    """
    from provisioning.crew import Crew
    from provisioning.proposing import Planner
    from provisioning.rollout_keeper import RolloutKeeper
    from wifi_manager import assembly
    from wifi_manager.services.maintenance import needed

    settings = installation.settings
    log.configure(settings.log.level, settings.log.format, sys.stderr)
    changes = replace(_changes(installation), silence=timedelta(seconds=silence))
    changes = replace(changes, needed=needed(timedelta(seconds=undo_after)))
    stop = stopped_by_signals()
    rollouts = replace(assembly.rollouts(settings), needed=changes.needed)
    crew = Crew(_worker(changes, undo_after), parallel, settings.provisioning.starts_a_second)
    threads = []
    for name, run in (
        ("pushes", crew.run),
        ("rollouts", RolloutKeeper(rollouts).run),
        ("plans", Planner(assembly.intents(settings), rollouts).run),
    ):
        threads.append(threading.Thread(target=run, args=(stop,), name=name))
    run_until_stopped(threads)


def run_until_stopped(threads: list[threading.Thread]) -> None:
    """Start them all and wait for their ends."""
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def stopped_by_signals() -> threading.Event:
    """An event that SIGTERM and Ctrl-C set."""
    stop = threading.Event()
    handler: Callable[..., None] = lambda *_: stop.set()  # noqa: E731 - a name for its type
    signal.signal(signal.SIGTERM, handler)
    signal.signal(signal.SIGINT, handler)
    return stop


def _changes(installation: Installation) -> "ChangeControl":
    from wifi_manager import assembly

    return assembly.change_control(installation.settings)


def _worker(changes: "ChangeControl", undo_after: int) -> "Worker":
    from provisioning.worker import Worker

    name = f"{socket.gethostname()}:{os.getpid()}"
    return Worker(changes, make_driver, name, timedelta(seconds=undo_after))


def read_text(path: Path) -> str:
    """A file's text. Raises BadInput where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as why:
        raise BadInput(f"{path} cannot be read: {why}") from why


def _shown(each: Push) -> dict[str, Any]:
    return {name: value for name, value in asdict(each).items() if name != "intent"}  # it may hold passphrases


COMMANDS = (enrol, push, approve_push, cancel, status, worker)
