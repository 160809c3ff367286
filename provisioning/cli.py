"""`wifi-manager provision`: what would be on an access point and what would change; the rest is fleet_commands."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from provisioning import (
    backup_commands,
    credential_commands,
    drift_commands,
    intent_commands,
    rollout_commands,
    secret_commands,
    window_commands,
)
from provisioning.changes import shown
from provisioning.drivers.helper_driver import HelperDriver
from provisioning.fleet_commands import COMMANDS, read_text
from provisioning.platforms import OPENWRT, PLATFORMS
from provisioning.platforms import render as rendered
from wifi_manager.clock import SystemClock
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.errors import BadInput, WifiError
from wifi_manager.domain.intent import Intent
from wifi_manager.domain.intent_documents import intent_from_document, parse_toml
from wifi_manager.domain.intent_secrets import filled, secrets_in

_Command = Callable[..., Any]
_SHORTEST_LIMIT = 32  # characters, of an SNMP community
_platform = click.option("--platform", type=click.Choice(list(PLATFORMS)), default=OPENWRT, show_default=True)


class _Group(click.Group):
    """Says what is wrong in one sentence and exits with 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except WifiError as why:
            raise click.ClickException(str(why)) from why


@click.group(cls=_Group)
def provision() -> None:
    """Render, compare and push the configuration of access points."""


def _to_access_point(command: _Command) -> _Command:
    """The options that say which access point, and with which key."""
    for option in (
        click.option("--host-key", required=True, help="Pinned fingerprint, SHA256:…"),
        click.option("--key", required=True, type=click.Path(path_type=Path), help="File with the private SSH key."),
        click.option("--user", default="root", show_default=True),
        click.option("--port", default=22, show_default=True),
        click.option("--host", required=True, help="Management address."),
    ):
        command = option(command)
    return command


@provision.command()
@click.argument("intent_file", metavar="INTENT.toml", type=click.Path(path_type=Path))
@_platform
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Write the files, with their keys, below here.")
def render(intent_file: Path, platform: str, folder: Path | None) -> None:
    """Show the configuration files that INTENT.toml makes; keys are hidden."""
    files = rendered(_read(intent_file, only_shown=folder is None), platform).content
    if folder is None:
        click.echo(shown(files), nl=False)
        return
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch(mode=0o600)
        target.write_bytes(data)


@provision.command()
@click.argument("intent_file", metavar="INTENT.toml", type=click.Path(path_type=Path))
@_platform
@_to_access_point
def diff(intent_file: Path, platform: str, **where: Any) -> None:
    """Show what INTENT.toml would change on an access point; keys are hidden. Exits with 0 also where it differs."""
    _, change = _driver(**where).stage(rendered(_read(intent_file), platform))
    click.echo(change.diff() or "No change.\n", nl=False)


def _driver(host: str, port: int, user: str, key: Path, host_key: str) -> HelperDriver:
    from provisioning.transport import SshLink, load_client_key  # netmiko takes half a second to import

    return HelperDriver(SshLink(Management(host, port, user, host_key), load_client_key(key)), SystemClock())


def _read(path: Path, *, only_shown: bool = False) -> Intent:
    """The file's intent. Raises BadInput, each line with the file's name.

    What is only shown hides its secrets, so those that the file names may be any.
    """
    try:
        document = parse_toml(read_text(path))
        any_secret = {name: f"stored-{name}"[:_SHORTEST_LIMIT] for name in secrets_in(document)} if only_shown else {}
        return intent_from_document(filled(document, any_secret))
    except BadInput as wrong:
        raise BadInput("\n".join(f"{path.name}: {line}" for line in str(wrong).splitlines())) from wrong


_OTHERS = (
    intent_commands,
    secret_commands,
    rollout_commands,
    window_commands,
    drift_commands,
    backup_commands,
    credential_commands,
)
for each in (*COMMANDS, *(command for module in _OTHERS for command in module.COMMANDS)):
    provision.add_command(each)
