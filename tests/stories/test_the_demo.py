"""`make demo-check` on this machine: all steps, and nothing left behind, not even by a run that was killed."""

import json
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lab.city import program_options
from tests.lab.namespaces import PREFIX, remove_abandoned, wait_for

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(400)]

POWER = "an access point is switched on and taken under management"
LAST = "Prometheus has seen all of it"


@contextmanager
def demo():
    """The demo as a process of its own."""
    command = [sys.executable, "-m", "tests.lab.demo", "--check"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **program_options()
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def left_by(process):
    """Namespaces, folders and processes that this run of the demo made and that are still there."""
    mine = f"{PREFIX}-{process.pid}x"
    places = [Path("/run/netns"), Path("/etc/netns"), Path(tempfile.gettempdir())]
    return [*(path for place in places for path in place.glob(f"{mine}*")), *running(mine)]


def running(mine):
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mine.encode() in path.read_bytes():
                yield path
        except OSError:
            continue


def test_it_says_one_json_line_a_step_ends_well_and_leaves_nothing_behind():
    with demo() as process:
        said, problems = process.communicate(timeout=350)

    assert (process.returncode, problems) == (0, "")
    steps = [json.loads(line) for line in said.splitlines()]
    assert len(steps) >= 12
    assert steps[-1]["step"] == LAST
    assert all(step["step"] and step["seconds"] >= 0 for step in steps)
    assert left_by(process) == []


@pytest.mark.soak
def test_what_a_killed_demo_left_behind_is_removed_by_the_next_lab_of_this_machine():
    with demo() as process:
        step = next((line for line in process.stdout if POWER in line), "")
        assert step, process.stderr.read()
        assert left_by(process)
        process.send_signal(signal.SIGKILL)
        process.wait(20)

        remove_abandoned()

        wait_for("nothing left", lambda: not left_by(process), 60)
