"""Options that several commands of `wifi-manager gateway` have."""

from pathlib import Path

import click

from wifi_manager.gateway.settings import DEFAULT_CONFIG

config_option = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=DEFAULT_CONFIG,
    show_default=True,
    help="The site's gateway.toml.",
)
