"""One looks for all who wait: as seldom as it can, and never past somebody."""

import asyncio
import threading
import time

import pytest

from tests.lab.namespaces import wait_for
from wifi_manager import waits
from wifi_manager.services.acknowledgements import LOOK_SECONDS, Acknowledgements

PATIENCE_SECONDS = 20


class Database:
    """Says what gateways have acknowledged, and counts how often it is asked."""

    def __init__(self, *, marked=True):
        self.marked = marked
        self.mark = 0
        self.enforced = {}
        self.asked = []
        self.looks = 0
        self.fails = False

    def acknowledge(self, gateway, revision):
        self.enforced[gateway] = revision
        self.mark += 1

    def written_mark(self):
        self.looks += 1
        return self.mark if self.marked else None

    def acknowledged(self, gateways):
        self.asked.append(set(gateways))
        if self.fails:
            raise OSError("the database is away")
        return {name: self.enforced[name] for name in gateways if name in self.enforced}


@pytest.fixture(params=[True, False], ids=["with a mark", "without"])
def database(request):
    return Database(marked=request.param)


def waiting(acknowledgements, gateway, revision):
    """Somebody who waits in a thread of their own; their answer comes into the list."""
    answers = []
    thread = threading.Thread(
        target=lambda: answers.append(acknowledgements.wait(gateway, revision, PATIENCE_SECONDS))
    )
    thread.start()
    return thread, answers


def answer_of(thread, answers):
    thread.join(PATIENCE_SECONDS)
    return answers


def test_who_waits_is_told_when_their_own_gateway_has_come_so_far(database):
    acknowledgements = Acknowledgements(database)
    here, there = waiting(acknowledgements, "gw-1", 5), waiting(acknowledgements, "gw-2", 1)
    wait_for("a look at both", lambda: {"gw-1", "gw-2"} in database.asked)
    database.acknowledge("gw-1", 4)
    database.acknowledge("gw-2", 1)
    assert answer_of(*there) == [True]
    assert here[1] == []
    database.acknowledge("gw-1", 6)
    assert answer_of(*here) == [True]


def test_what_was_acknowledged_before_somebody_came_is_seen_at_once(database):
    acknowledgements = Acknowledgements(database)
    database.acknowledge("gw-1", 5)
    assert acknowledgements.wait("gw-1", 5, PATIENCE_SECONDS)
    assert acknowledgements.wait("gw-1", 3, PATIENCE_SECONDS)


def test_a_gateway_that_does_not_answer_is_waited_for_no_longer_than_asked(database):
    assert not Acknowledgements(database).wait("gw-1", 1, 0.05)


def test_while_nothing_is_written_the_mark_alone_is_looked_at():
    database = Database()
    acknowledgements = Acknowledgements(database)
    thread, answers = waiting(acknowledgements, "gw-1", 1)
    wait_for("several looks", lambda: database.looks > 5)
    assert database.asked == [{"gw-1"}]
    database.acknowledge("gw-1", 1)
    assert answer_of(thread, answers) == [True]


def test_nobody_is_looked_for_when_nobody_waits(database):
    acknowledgements = Acknowledgements(database)
    assert not acknowledgements.wait("gw-1", 1, 0.02)
    before = 0
    while before != database.looks:
        before = database.looks
        time.sleep(0.2)
    assert database.looks == before


def test_a_database_that_fails_for_a_while_ends_no_watching(database):
    acknowledgements = Acknowledgements(database)
    database.fails = True
    thread, answers = waiting(acknowledgements, "gw-1", 1)
    wait_for("a look that fails", lambda: database.asked)
    database.fails = False
    database.acknowledge("gw-1", 1)
    assert answer_of(thread, answers) == [True]


def test_guests_of_a_loop_are_told_like_threads_while_both_wait(database):
    acknowledgements = Acknowledgements(database)
    thread, answers = waiting(acknowledgements, "gw-1", 5)

    def acknowledges():
        waits.pause(0.05)
        database.acknowledge("gw-1", 5)
        waits.pause(0.05)
        database.acknowledge("gw-2", 5)

    def guest(gateway):
        return lambda: acknowledgements.wait(gateway, 5, PATIENCE_SECONDS)

    async def run():
        calls = (guest("gw-1"), guest("gw-2"), acknowledges, lambda: acknowledgements.wait("gw-3", 1, 0.02))
        return await asyncio.gather(*map(waits.as_guest, calls))

    assert asyncio.run(run()) == [True, True, None, False]
    assert answer_of(thread, answers) == [True]


def test_a_thread_that_comes_while_guests_are_watched_for_is_told_too(database):
    acknowledgements = Acknowledgements(database)
    threads = []

    def begins_a_thread():
        threads.append(waiting(acknowledgements, "gw-2", 1))
        waits.pause(0.05)
        database.acknowledge("gw-2", 1)
        while not threads[0][1]:
            waits.pause(0.01)
        database.acknowledge("gw-1", 1)

    async def run():
        calls = (lambda: acknowledgements.wait("gw-1", 1, PATIENCE_SECONDS), begins_a_thread)
        return await asyncio.gather(*map(waits.as_guest, calls))

    assert asyncio.run(run())[0]
    assert answer_of(*threads[0]) == [True]


def test_the_database_is_not_asked_for_somebody_who_has_left(database):
    acknowledgements = Acknowledgements(database)
    assert not acknowledgements.wait("gw-1", 1, LOOK_SECONDS / 2)
    time.sleep(20 * LOOK_SECONDS)
    assert database.looks == 0
