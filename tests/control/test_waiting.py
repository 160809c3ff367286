"""The long poll's own rules, with a watched thing that the test changes."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from wifi_manager.control.waiting import Waiting
from wifi_manager.domain.errors import Conflict, OutsideFailure

PATIENCE_SECONDS = 20
LONG_SECONDS = 60


class Watched:
    """Revisions in memory; fails as often as a test says."""

    def __init__(self, **revisions):
        self.now = revisions
        self.failures = 0
        self.full_looks = 0

    def revision_mark(self):
        if self.failures:
            self.failures -= 1
            raise OutsideFailure("The database is away.")
        return sum(self.now.values())

    def revisions(self):
        self.full_looks += 1
        return dict(self.now)


@pytest.fixture
def watched():
    return Watched(one=5, two=5)


@pytest.fixture
def pool():
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.fixture
def waiting(watched, pool):  # closed before the pool, which waits for its polls
    waiting = Waiting(watched, limit=2)
    yield waiting
    waiting.close()


def entered(waiting, count):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(waiting) != count:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_change_wakes_its_own_gateway_alone(waiting, watched, pool):
    one = pool.submit(waiting.until_changed, "one", 5, LONG_SECONDS)
    two = pool.submit(waiting.until_changed, "two", 5, LONG_SECONDS)
    entered(waiting, 2)
    watched.now["one"] = 6
    assert one.result(PATIENCE_SECONDS) <= time.monotonic()
    assert not two.done()
    waiting.close()
    assert two.result(PATIENCE_SECONDS) is None


def test_a_change_just_before_somebody_comes_is_not_missed(waiting, watched, pool):
    first = pool.submit(waiting.until_changed, "one", 5, LONG_SECONDS)
    entered(waiting, 1)
    watched.now["two"] = 6  # and its mark is seen while "two" is not there yet
    looks = watched.full_looks
    while watched.full_looks == looks:
        time.sleep(0.005)
    assert waiting.until_changed("two", 5, LONG_SECONDS) is not None
    assert not first.done()


def test_a_smaller_revision_is_a_change_too(waiting, pool):
    assert waiting.until_changed("one", 99, LONG_SECONDS) is not None


def test_while_nothing_changes_only_the_cheap_question_is_asked(waiting, watched):
    assert waiting.until_changed("one", 5, 0.5) is None
    assert watched.full_looks == 1


def test_a_newer_poll_of_a_gateway_takes_the_place_of_the_older(waiting, watched, pool):
    older = pool.submit(waiting.until_changed, "one", 5, LONG_SECONDS)
    entered(waiting, 1)
    newer = pool.submit(waiting.until_changed, "one", 5, LONG_SECONDS)
    with pytest.raises(Conflict, match="twice"):
        older.result(PATIENCE_SECONDS)
    watched.now["one"] = 6
    assert newer.result(PATIENCE_SECONDS) is not None


def test_more_gateways_than_may_are_sent_elsewhere(waiting, pool):
    for gateway in ("one", "two"):
        pool.submit(waiting.until_changed, gateway, 5, LONG_SECONDS)
    entered(waiting, 2)
    with pytest.raises(OutsideFailure, match="another one beside"):
        waiting.until_changed("three", 5, LONG_SECONDS)
    waiting.close()


def test_a_database_that_is_away_for_a_while_delays_and_breaks_nothing(waiting, watched, pool, caplog):
    watched.failures = 1
    poll = pool.submit(waiting.until_changed, "one", 4, LONG_SECONDS)
    assert poll.result(PATIENCE_SECONDS) is not None
    assert "cannot be read" in caplog.text


def test_after_closing_nobody_waits_and_the_thread_ends(waiting, pool):
    others = set(threading.enumerate())
    poll = pool.submit(waiting.until_changed, "one", 5, LONG_SECONDS)
    entered(waiting, 1)
    watcher = next(each for each in set(threading.enumerate()) - others if each.name == "revisions")
    waiting.close()
    assert poll.result(PATIENCE_SECONDS) is None
    assert waiting.until_changed("one", 5, LONG_SECONDS) is None
    watcher.join(PATIENCE_SECONDS)
    assert not watcher.is_alive()
