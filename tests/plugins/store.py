"""Databases as tests want them, on SQLite and on PostgreSQL: without tables, upgraded, and a store of the example city."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.builders import A_CITY, A_MASTER_KEY
from tests.plugins.postgres import BOTH_DATABASES, PostgresServer
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


@pytest.fixture(scope="session")
def upgraded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with today's tables, to be copied: five times faster than upgrading for each test."""
    path = tmp_path_factory.mktemp("upgraded") / "upgraded.db"
    _upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def upgraded_template(postgres_server: PostgresServer) -> str:
    """A PostgreSQL database with today's tables, to be used as template."""
    postgres_server.run("CREATE DATABASE upgraded")
    _upgrade(postgres_server.url("upgraded"))
    return "upgraded"


@pytest.fixture(params=BOTH_DATABASES)
def upgraded_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with today's tables and the example city: a test that asks for it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "wifi-manager.db"
        shutil.copy(request.getfixturevalue("upgraded_file"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.fresh_database(request.getfixturevalue("upgraded_template")) as url:
        yield url


@pytest.fixture
def engine(upgraded_url: str) -> Iterator[sa.Engine]:
    """An engine on an upgraded database."""
    engine = open_engine(upgraded_url)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: sa.Engine) -> Store:
    """The example city's store, with its master key."""
    return Store(engine, A_CITY.slug, Vault(A_MASTER_KEY, A_CITY.slug))


def _upgrade(url: str) -> None:
    engine = open_engine(url)
    migrate.upgrade(engine, A_CITY)
    engine.dispose()
