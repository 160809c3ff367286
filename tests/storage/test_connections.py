"""Connections that go from one transaction to the next: few are kept, and none that may be gone is believed."""

import time

import pytest
import sqlalchemy as sa

from tests.builders import A_CITY
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.storage import migrate
from wifi_manager.storage.connections import Connections
from wifi_manager.storage.engine import TRUSTED_SECONDS, USED_AT, open_engine
from wifi_manager.storage.store import Store


def driver_of(connection):
    return connection.connection.dbapi_connection


@pytest.fixture
def connections(engine):
    made = Connections(engine)
    yield made
    made.close()


@pytest.mark.parametrize("reading", [True, False])
def test_the_next_transaction_takes_over_the_connection_of_the_last_one(connections, reading):
    with connections.one(reading=reading) as first:
        pass
    with connections.one(reading=reading) as second:
        assert second is first
    with connections.one(reading=not reading) as other:
        assert other is not first


def test_of_many_at_once_only_a_few_are_kept_back_from_the_pool(connections, engine):
    together = [connections.one(reading=True) for _ in range(10)]
    for each in together:
        each.__enter__()
    for each in together:
        each.__exit__(None, None, None)
    assert engine.pool.checkedout() == 4
    engine.dispose()
    with connections.one(reading=True) as fresh:
        assert fresh.scalar(sa.text("SELECT 1")) == 1


def test_a_connection_whose_block_failed_is_not_handed_on(connections, engine):
    with pytest.raises(RuntimeError), connections.one(reading=False):
        raise RuntimeError
    assert engine.pool.checkedout() == 0


def test_one_that_nobody_took_over_in_time_is_asked_whether_it_still_stands(connections, engine):
    with connections.one(reading=True) as used:
        gone = driver_of(used)
    used.info[USED_AT] = time.monotonic() - TRUSTED_SECONDS
    if engine.dialect.name != "sqlite":
        gone.close()  # as a server does that is restarted
    with connections.one(reading=True) as fresh:
        assert fresh.scalar(sa.text("SELECT 1")) == 1


def test_whoever_waits_in_vain_to_write_is_told_so(tmp_path):
    url = f"sqlite:///{tmp_path / 'city.db'}"
    others, hurried = open_engine(url), open_engine(url, busy_timeout_seconds=0.05)
    migrate.upgrade(others, A_CITY)
    with Store(others, A_CITY.slug).begin(), pytest.raises(OutsideFailure), Store(hurried, A_CITY.slug).begin():
        pass
    others.dispose()
    hurried.dispose()
