"""What every command shares: the settings of this installation and its services, loaded when first asked for."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wifi_manager import settings as all_settings
from wifi_manager.settings import Settings

if TYPE_CHECKING:  # a gateway has no database: nothing that needs one is imported until a command asks for it
    from wifi_manager.assembly import Services
    from wifi_manager.storage.store import Store

DEFAULT_CONFIG = Path("wifi-manager.toml")


class Installation:
    """`ctx.obj` of every command."""

    def __init__(self, config: Path | None, environ: Mapping[str, str]) -> None:
        self._config = config
        self._environ = environ

    @cached_property
    def settings(self) -> Settings:
        """From the chosen file, else `wifi-manager.toml` if it is there; variables win. Raises SettingsError."""
        path = self._config or (DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else None)
        return all_settings.load(path, self._environ)

    @property
    def arguments(self) -> list[str]:
        """What a process started from here is told, so that it reads the same settings."""
        return [] if self._config is None else ["--config", str(self._config)]

    @cached_property
    def services(self) -> "Services":
        """The city's use cases. Raises SettingsError, BadInput."""
        from wifi_manager import assembly

        return assembly.build(self.settings)

    def store(self) -> "Store":
        """The city's store."""
        return self.services.store

    def close(self) -> None:
        """Close the database's connections, if any command opened them."""
        if "services" in vars(self):
            self.store().dispose()


pass_installation = click.make_pass_decorator(Installation)
