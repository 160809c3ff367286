"""Fixtures over `database_url`: an empty database, an upgraded one, and a store of the example city."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.builders import A_CITY, A_MASTER_KEY
from wifi_manager.storage import migrate
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault


@pytest.fixture
def bare_engine(database_url: str) -> Iterator[sa.Engine]:
    """A database without any table."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(bare_engine: sa.Engine) -> sa.Engine:
    """A database with today's tables and the example city."""
    migrate.upgrade(bare_engine, A_CITY)
    return bare_engine


@pytest.fixture
def store(engine: sa.Engine) -> Store:
    """The example city's store, with its master key."""
    return Store(engine, A_CITY.slug, Vault(A_MASTER_KEY, A_CITY.slug))
