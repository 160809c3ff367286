"""What `wifi-manager up` does with its processes: starts, restarts with pauses, and ends them together."""

import os
import signal
import sys
import threading
import time

import pytest

from wifi_manager.cli.supervisor import LONGEST_PAUSE_SECONDS, STEADY_SECONDS, Child, Supervisor

PATIENCE_SECONDS = 60
RUNS_ON = [sys.executable, "-c", "import time; time.sleep(600)"]
ENDS = [sys.executable, "-c", "raise SystemExit(3)"]


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def told():
    return []


def test_one_that_ends_is_started_again_after_ever_longer_pauses(told):
    child, now, pauses = Child("portal", ENDS), 1000.0, []
    for _ in range(9):
        child.look(now, told.append)
        child.process.wait(PATIENCE_SECONDS)
        child.look(now, told.append)
        assert child.process is None
        pauses.append(child.start_again_at - now)
        child.look(child.start_again_at - 0.001, told.append)
        assert child.process is None
        now = child.start_again_at
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert told[0] == "portal ended with status 3; it starts again in 1 s."


def test_one_that_ran_for_a_while_is_started_again_quickly(told):
    child = Child("portal", ENDS, pause_seconds=LONGEST_PAUSE_SECONDS)
    child.look(1000.0, told.append)
    child.process.wait(PATIENCE_SECONDS)
    child.look(1000.0 + STEADY_SECONDS, told.append)
    assert child.start_again_at == 1000.0 + STEADY_SECONDS + 1


def test_all_end_together_and_none_is_left(told):
    children = [Child("one", RUNS_ON), Child("two", RUNS_ON)]
    supervisor = Supervisor(children, told.append)
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    wait_for(lambda: all(child.process for child in children))
    processes = [child.process for child in children]
    supervisor.stopping.set()
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()
    assert [process.returncode for process in processes] == [-signal.SIGTERM] * 2


def test_one_that_is_killed_comes_back(told):
    child = Child("one", RUNS_ON)
    supervisor = Supervisor([child], told.append)
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    wait_for(lambda: child.process)
    first = child.process
    os.kill(first.pid, signal.SIGKILL)
    wait_for(lambda: child.process and child.process is not first)
    supervisor.stopping.set()
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()
    assert child.process.returncode == -signal.SIGTERM
