"""Many share one loop and one SQLite file: who has to wait for its lock makes nobody else wait."""

import threading
import time

import pytest

from tests.builders import A_CITY
from tests.loops import in_one_loop
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.storage import migrate
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.store import Store

LONG = 20.0


@pytest.fixture
def stores(tmp_path):
    """Two processes' stores on one file; the second one gives up soon."""
    engines = [open_engine(f"sqlite:///{tmp_path / 'city.db'}", seconds) for seconds in (LONG, 0.2)]
    migrate.upgrade(engines[0], A_CITY)
    yield [Store(engine, A_CITY.slug) for engine in engines]
    for engine in engines:
        engine.dispose()


def read(store):
    with store.read() as tx:
        return tx.city_id


def test_while_another_process_writes_guests_read_and_the_writer_comes_to_its_turn(stores):
    other, own = stores[1], stores[0]
    steps = []

    def writes(name):
        with own.begin():
            steps.append(name)

    def reads_and_lets_go():
        read(own)
        steps.append("read")
        held.__exit__(None, None, None)

    held = other.begin()
    held.__enter__()
    in_one_loop(lambda: writes("wrote"), lambda: writes("wrote too"), reads_and_lets_go)
    assert steps[0] == "read"
    assert sorted(steps[1:]) == ["wrote", "wrote too"]


def test_a_guest_waits_for_a_thread_that_writes(stores):
    store = stores[0]
    began, may_end = threading.Event(), threading.Event()

    def hold():
        with store.begin():
            began.set()
            may_end.wait(LONG)

    thread = threading.Thread(target=hold)
    thread.start()
    began.wait(LONG)
    steps = []

    def writes():
        with store.begin():
            steps.append("wrote")

    in_one_loop(writes, lambda: (steps.append("read"), read(store), may_end.set()))
    thread.join()
    assert steps == ["read", "wrote"]


@pytest.mark.parametrize("holder", ["another process", "a thread"])
def test_a_guest_who_waits_in_vain_to_write_is_told_so(stores, holder):
    hurried = stores[1]
    held = (stores[0] if holder == "another process" else hurried).begin()
    with held:
        begun = time.monotonic()
        (found,) = in_one_loop(lambda: hurried.begin().__enter__())
        assert time.monotonic() - begun >= 0.2
    assert isinstance(found, OutsideFailure)
    assert "busy" in str(found)
