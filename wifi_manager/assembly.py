"""The one place that puts the parts together. It decides nothing: settings do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from wifi_manager.clock import Clock, SystemClock
from wifi_manager.domain.sites import City
from wifi_manager.services.inventory import Inventory
from wifi_manager.settings import Settings
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.store import Store


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases of one city, and what they stand on."""

    store: Store
    clock: Clock
    inventory: Inventory


def build(settings: Settings) -> Services:
    """All services; `store.dispose()` ends them. Raises BadInput when the database's URL cannot be used."""
    store = Store(_open(settings), city(settings).slug)
    clock = SystemClock()
    return Services(store, clock, Inventory(store, clock))


@contextmanager
def engine(settings: Settings) -> Iterator[sa.Engine]:
    """The database alone, for its upgrade and check. Raises BadInput when its URL cannot be used."""
    opened = _open(settings)
    try:
        yield opened
    finally:
        opened.dispose()


def city(settings: Settings) -> City:
    """The city of these settings."""
    return City(settings.city.slug, settings.city.name)


def _open(settings: Settings) -> sa.Engine:
    return open_engine(settings.database.url, settings.database.busy_timeout_seconds)
