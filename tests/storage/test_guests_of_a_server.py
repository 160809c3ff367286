"""Many share one loop and one PostgreSQL: who waits for the server makes nobody else wait."""

import asyncio
import socket
import threading

import pytest
import sqlalchemy as sa

from tests.builders import A_CITY
from tests.loops import in_one_loop
from wifi_manager import waits
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.store import Store

pytestmark = pytest.mark.slow
CROWD = 40
LONG = 20.0
HOLD_CITY = sa.text("SELECT slug FROM city FOR UPDATE")


@pytest.fixture
def upgraded_url(postgres_server, upgraded_template):
    with postgres_server.fresh_database(upgraded_template) as url:
        yield url


def ask(store, question):
    with store.read() as tx:
        return tx.connection.scalar(sa.text(question))


def write(store, question):
    with store.begin() as tx:
        return tx.connection.scalar(sa.text(question))


def test_a_crowd_asks_and_writes_through_a_few_connections(store):
    def comes():
        with store.begin() as tx:
            tx.connection.execute(sa.text("UPDATE city SET slug = slug"))
            return ask(store, "SELECT slug FROM city")  # one transaction within the other

    assert in_one_loop(*[comes] * CROWD) == [A_CITY.slug] * CROWD
    assert write(store, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()") <= 16


def test_a_guest_who_waits_for_a_row_lets_others_ask_and_whoever_holds_it_end(store):
    steps, is_held = [], asyncio.Event()

    def holds():
        with store.begin() as tx:
            tx.connection.execute(HOLD_CITY)
            is_held.set()
            for _ in range(3):
                waits.pause(0.05)
                steps.append(ask(store, "SELECT 'asks'"))

    def wants():
        with store.begin() as tx:
            tx.connection.execute(HOLD_CITY)
            steps.append("has")

    def asks_beside():
        steps.append(ask(store, "SELECT 'asks beside'"))

    async def run():
        holder = asyncio.ensure_future(waits.as_guest(holds))
        await is_held.wait()
        await asyncio.gather(holder, *map(waits.as_guest, (wants, asks_beside)))

    asyncio.run(run())
    assert steps[-1] == "has"
    assert "asks beside" in steps


def test_a_server_that_says_nothing_keeps_no_guest_from_going_on():
    steps = []
    with socket.create_server(("127.0.0.1", 0)) as silent:
        engine = open_engine(f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/none", 2)

        def goes_on():
            for _ in range(10):
                waits.pause(0.01)
            steps.append("went on")

        def asks():
            try:
                ask(Store(engine, A_CITY.slug), "SELECT 1")
            finally:
                steps.append("was refused")

        found, _ = in_one_loop(asks, goes_on)
        engine.dispose()
    assert isinstance(found, OutsideFailure)
    assert steps == ["went on", "was refused"]


def test_what_a_guest_began_and_was_called_away_from_is_undone_and_the_next_one_is_served(store):
    def changes_and_waits():
        with store.begin() as tx:
            tx.connection.execute(sa.text("UPDATE city SET slug = 'gone'"))
            tx.connection.execute(sa.text("SELECT pg_sleep(20)"))

    async def run():
        task = asyncio.ensure_future(waits.as_guest(changes_and_waits))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await waits.as_guest(lambda: write(store, "SELECT slug FROM city"))

    assert asyncio.run(run()) == A_CITY.slug


def test_who_comes_after_a_question_that_nobody_waits_for_any_more_gets_the_answer_to_their_own(store):
    async def run():
        task = asyncio.ensure_future(waits.as_guest(lambda: ask(store, "SELECT 'an old answer' FROM pg_sleep(0.5)")))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.5)
        return [await waits.as_guest(lambda: ask(store, "SELECT 'mine'")) for _ in range(3)]

    assert asyncio.run(run()) == ["mine"] * 3


def test_what_the_server_refuses_is_told_a_guest_as_it_is_told_a_thread(store):
    (found,) = in_one_loop(lambda: write(store, "SELECT 1 / 0"))
    with pytest.raises(sa.exc.DBAPIError) as told:
        write(store, "SELECT 1 / 0")
    assert str(found) == str(told.value)


def test_a_connection_that_the_server_ends_costs_one_question(store):
    def is_cut_off():
        with store.begin() as tx:
            tx.connection.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))

    found, *_ = in_one_loop(is_cut_off)
    assert isinstance(found, OutsideFailure)
    assert in_one_loop(lambda: ask(store, "SELECT 5")) == [5]


def test_threads_and_guests_share_the_connections(store):
    done = []

    def works():
        done.extend(write(store, "SELECT 1") for _ in range(50))

    threads = [threading.Thread(target=works) for _ in range(3)]
    for each in threads:
        each.start()
    assert in_one_loop(*[lambda: write(store, "SELECT 1")] * 100) == [1] * 100
    for each in threads:
        each.join(LONG)
    assert len(done) == 150
