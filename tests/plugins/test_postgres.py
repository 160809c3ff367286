import shutil
import sqlite3

import psycopg
import pytest

from tests.plugins.postgres import PostgresServer, find_binaries, running_server


def test_every_test_that_asks_for_a_database_gets_an_empty_one(database_url):
    if database_url.startswith("sqlite:///"):
        with sqlite3.connect(database_url.removeprefix("sqlite:///")) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
        connection.close()
    else:
        with psycopg.connect(database_url) as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()

    assert tables == []


def test_a_database_is_dropped_even_while_somebody_is_connected(postgres_server: PostgresServer):
    with postgres_server.fresh_database() as url:
        left_open = psycopg.connect(url)

    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    left_open.close()


def test_a_new_database_can_begin_as_a_copy(postgres_server: PostgresServer):
    with postgres_server.fresh_database() as original:
        with psycopg.connect(original) as connection:
            connection.execute("CREATE TABLE plans (name text)")
        name = original.split("/")[3].partition("?")[0]
        with postgres_server.fresh_database(template=name) as copy, psycopg.connect(copy) as connection:
            assert connection.execute("SELECT count(*) FROM plans").fetchone() == (0,)


@pytest.mark.slow
@pytest.mark.skipif(find_binaries() is None, reason="needs PostgreSQL: run tests/lab/system_packages.sh")
def test_a_server_leaves_nothing_behind():
    with running_server(find_binaries()) as server:
        assert shutil.disk_usage(server.folder)
        url = server.url("postgres")

    assert not server.folder.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
