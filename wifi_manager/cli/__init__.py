"""The one word of the command line: `wifi-manager`. Each module here is a group of commands."""

import importlib
from importlib.metadata import entry_points

import click

from wifi_manager import __version__

OWN_COMMANDS: dict[str, str] = {
    "gateway": "wifi_manager.cli.gateway:gateway",
}  # word -> "module:command"; imported only when the word is used


class LazyGroup(click.Group):
    """Finds a command by its word, imports it then, and names the extra that is missing when it cannot."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All words: this package's own, and those that the houses add by entry points."""
        return sorted({*super().list_commands(ctx), *_addresses()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command behind `cmd_name`, or None where there is no such word."""
        address = _addresses().get(cmd_name)
        if address is None:
            return super().get_command(ctx, cmd_name)
        module_name, _, attribute = address.partition(":")
        try:
            module = importlib.import_module(module_name)
        except ModuleNotFoundError as missing:
            raise click.ClickException(
                f"`wifi-manager {cmd_name}` needs the Python package {missing.name!r}, which is not installed. "
                "Install the program with the extra for this machine: "
                "pip install 'public-wifi-manager[city]' on a server, '[gateway]' on a gateway."
            ) from missing
        command: click.Command = getattr(module, attribute)
        return command


def _addresses() -> dict[str, str]:
    found = {entry.name: entry.value for entry in entry_points(group="wifi_manager.commands")}
    return {**found, **OWN_COMMANDS}


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="wifi-manager")
def main() -> None:
    """Run a city's public Wi-Fi: portal, gateways, access points, metrics."""
