"""`wifi-manager provision backup`: every configuration that was found running, to look at, compare and put back."""

import click

from provisioning.adopting import adoption
from provisioning.changes import ChangeSet, shown
from provisioning.config_files import ConfigFiles, unpack
from provisioning.drift_commands import drifting_of, say_proposed
from provisioning.fleet_commands import actor
from provisioning.platforms import render
from wifi_manager.cli.installation import Installation, pass_installation
from wifi_manager.cli.output import say_table
from wifi_manager.domain.backups import Backup
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent_documents import approved_intent

_access_point = click.argument("access_point", metavar="ACCESS_POINT")


@click.group()
def backup() -> None:
    """What ran on access points: kept sealed whenever something new is found running."""


@backup.command("list")
@_access_point
@pass_installation
def list_(installation: Installation, access_point: str) -> None:
    """All backups of ACCESS_POINT, what was seen last first."""
    found = drifting_of(installation).backups(access_point)
    rows = [
        (str(b.version), f"{b.found_at:%Y-%m-%d %H:%M}", f"{b.last_at:%Y-%m-%d %H:%M}", b.digest[:12]) for b in found
    ]
    say_table(("VERSION", "FIRST READ", "LAST READ", "DIGEST"), rows)


@backup.command()
@_access_point
@click.argument("version", type=int)
@pass_installation
def show(installation: Installation, access_point: str, version: int) -> None:
    """The files of backup VERSION; keys are hidden."""
    click.echo(shown(_files(drifting_of(installation).backup(access_point, version)).content), nl=False)


@backup.command()
@_access_point
@click.argument("version", type=int)
@click.argument("other", type=int, required=False)
@pass_installation
def diff(installation: Installation, access_point: str, version: int, other: int | None) -> None:
    """From backup VERSION to backup OTHER, or to what is wanted now; keys are hidden."""
    drifting = drifting_of(installation)
    before, wanted = _files(drifting.backup(access_point, version)), drifting.wanted(access_point)
    if other is not None:
        after = _files(drifting.backup(access_point, other))
    elif wanted is None:
        raise BadInput(f"Nothing was ever committed on {access_point}; name a second backup to compare with.")
    else:
        after = render(approved_intent(wanted.intent), drifting.platform(access_point))
    click.echo(ChangeSet(before, after).diff() or "No difference.\n", nl=False)


@backup.command()
@_access_point
@click.argument("version", type=int)
@pass_installation
def restore(installation: Installation, access_point: str, version: int) -> None:
    """Propose a push that makes ACCESS_POINT as it was in backup VERSION, as far as an intent can say it."""
    drifting = drifting_of(installation)
    files, wanted = _files(drifting.backup(access_point, version)), drifting.wanted(access_point)
    if wanted is None:
        raise BadInput(f"Nothing was ever committed on {access_point}: push an intent first.")
    platform = drifting.platform(access_point)
    made = adoption(wanted.intent, files, platform)
    if made.obstacles:
        raise BadInput("An intent cannot say all of it, so it cannot be pushed:\n" + "\n".join(made.obstacles))
    digest = render(approved_intent(made.intent), platform).digest()
    push = drifting.propose(access_point, made.intent, digest, by=actor())
    say_proposed(push.number, access_point)


def _files(kept: Backup) -> ConfigFiles:
    return ConfigFiles(unpack(kept.files))


COMMANDS = (backup,)
