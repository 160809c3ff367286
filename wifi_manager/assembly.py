"""The one place that puts the parts together. It decides nothing: settings do."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from wifi_manager.clock import Clock, SystemClock
from wifi_manager.domain.sites import City
from wifi_manager.services.inventory import Inventory
from wifi_manager.settings import Settings, secret
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.store import Store

if TYPE_CHECKING:
    from wifi_manager.services.staffing import Staffing


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases of one city, and what they stand on."""

    store: Store
    clock: Clock
    inventory: Inventory


def build(settings: Settings) -> Services:
    """All services. Raises BadInput when the database's URL or the city's slug cannot be used."""
    store = Store(engine(settings), city(settings).slug)
    clock = SystemClock()
    return Services(store, clock, Inventory(store, clock))


def staffing(settings: Settings) -> "Staffing":
    """Operators and their passwords. Raises SettingsError when the console's secret file cannot be used."""
    from wifi_manager.services.staffing import Staffing  # a portal has no argon2

    store = Store(engine(settings), city(settings).slug)
    return Staffing(store, SystemClock(), secret(settings.console.secret_key_file))


def engine(settings: Settings) -> sa.Engine:
    """The database of these settings, not yet spoken to."""
    return open_engine(settings.database.url, settings.database.busy_timeout_seconds)


def city(settings: Settings) -> City:
    """The city of these settings."""
    return City(settings.city.slug, settings.city.name)
