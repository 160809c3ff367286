"""The one word of the command line: `wifi-manager`. Each module here is a group of commands."""

import importlib
import os
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click

from wifi_manager import __version__
from wifi_manager.cli.installation import DEFAULT_CONFIG, Installation
from wifi_manager.domain.errors import WifiError
from wifi_manager.settings import CONFIG_VARIABLE, SettingsError

OWN_COMMANDS: dict[str, str] = {  # word -> "module:command"; imported only when the word is used
    "account": "wifi_manager.cli.account:account",
    "block": "wifi_manager.cli.block:block",
    "certificates": "wifi_manager.cli.certificates:certificates",
    "console": "wifi_manager.cli.console:console",
    "control": "wifi_manager.cli.control:control",
    "coverage": "wifi_manager.cli.coverage:coverage",
    "db": "wifi_manager.cli.db:db",
    "emergency": "wifi_manager.cli.emergency:emergency",
    "exporter": "wifi_manager.cli.exporter:exporter",
    "face": "wifi_manager.cli.face:face",
    "fleet": "wifi_manager.cli.fleet:fleet",
    "gateway": "wifi_manager.cli.gateway:gateway",
    "key": "wifi_manager.cli.key:key",
    "law": "wifi_manager.cli.law:law",
    "lawful": "wifi_manager.cli.lawful:lawful",
    "network": "wifi_manager.cli.network:network",
    "operator": "wifi_manager.cli.operator:operator",
    "plan": "wifi_manager.cli.plan:plan",
    "report": "wifi_manager.cli.report:report",
    "site": "wifi_manager.cli.site:site",
    "tidy": "wifi_manager.cli.tidy:tidy",
    "up": "wifi_manager.cli.up:up",
    "visit": "wifi_manager.cli.visit:visit",
    "voucher": "wifi_manager.cli.voucher:voucher",
}


class LazyGroup(click.Group):
    """Finds a command by its word, imports it then, and names the extra that is missing when it cannot."""

    def __init__(self, *args: Any, lazy: Mapping[str, str], **attrs: Any) -> None:
        """`lazy` has "module:command" for each word that is not defined on the group itself."""
        super().__init__(*args, **attrs)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All words, whether their commands can be imported on this machine or not."""
        return sorted({*super().list_commands(ctx), *self._lazy})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command behind `cmd_name`, or None where there is no such word."""
        address = self._lazy.get(cmd_name)
        if address is None:
            return super().get_command(ctx, cmd_name)
        module_name, _, attribute = address.partition(":")
        try:
            module = importlib.import_module(module_name)
        except ModuleNotFoundError as missing:
            raise click.ClickException(
                f"`{ctx.command_path} {cmd_name}` needs the Python package {missing.name!r}, which is not installed. "
                "Install the program with the extra for this machine: "
                "pip install 'public-wifi-manager[city]' on a server, '[gateway]' on a gateway."
            ) from missing
        command: click.Command = getattr(module, attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of words; those whose extra is not on this machine are named all the same."""
        with formatter.section("Commands"):
            formatter.write_dl([(word, self._about(ctx, word)) for word in self.list_commands(ctx)])

    def _about(self, ctx: click.Context, word: str) -> str:
        try:
            command = self.get_command(ctx, word)
        except click.ClickException:
            return "(not installed on this machine)"
        return command.get_short_help_str(limit=70) if command else ""


def _commands() -> dict[str, str]:
    """This package's own, and those that the houses add by entry points."""
    found = {entry.name: entry.value for entry in entry_points(group="wifi_manager.commands")}
    return {**found, **OWN_COMMANDS}


class Main(LazyGroup):
    """The outermost group, and the one place where a refusal becomes `Error: …` and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (WifiError, SettingsError) as refusal:
            raise click.ClickException(str(refusal)) from refusal


@click.group(
    cls=Main, lazy=_commands(), context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="wifi-manager")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    envvar=CONFIG_VARIABLE,
    help=f"Settings in TOML.  [default: {DEFAULT_CONFIG} if it is there; or the variable {CONFIG_VARIABLE}]",
)
@click.pass_context
def main(ctx: click.Context, config: Path | None) -> None:
    """Run a city's public Wi-Fi: portal, gateways, access points, metrics."""
    ctx.obj = Installation(config, os.environ)
    ctx.call_on_close(ctx.obj.close)
