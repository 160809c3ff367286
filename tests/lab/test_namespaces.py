import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.city import program_options
from tests.lab.namespaces import Namespaces, remove_abandoned, wait_for, wire

pytestmark = pytest.mark.root

KILLED_LAB = """
import sys, time
from pathlib import Path
import tempfile
from tests.lab.namespaces import Namespaces, fresh_name
namespace = Namespaces().add("left")
namespace.start(["sleep", "600"])
namespace.resolver("192.0.2.1")
folder = Path(tempfile.gettempdir(), f"{fresh_name()}-folder")
(folder / "inner").mkdir(parents=True)
print(namespace.name, flush=True)
print(folder, flush=True)
time.sleep(600)
"""


def exists(name: str) -> bool:
    return Path(f"/run/netns/{name}").exists()


def test_two_wired_namespaces_talk_and_sockets_made_inside_stay_there():
    with Namespaces() as namespaces:
        one, two = namespaces.add("one"), namespaces.add("two")
        wire(one, "eth0", two, "eth0")
        one.ip("addr", "add", "192.0.2.1/24", "dev", "eth0")
        two.ip("addr", "add", "192.0.2.2/24", "dev", "eth0")

        with (
            two.listen("192.0.2.2") as server,
            one.call(lambda: socket.create_connection(server.getsockname(), 20)) as client,
        ):
            assert client.getsockname()[0] == "192.0.2.1"

    assert not exists(one.name)


def test_leaving_a_lab_ends_its_processes_even_those_that_left_their_parent():
    with Namespaces() as namespaces:
        one = namespaces.add("one")
        one.start(["sh", "-c", "setsid sleep 600 & exec sleep 600"])
        wait_for("both processes", lambda: len(one.pids()) == 2)
        pids = one.pids()

    wait_for("their end", lambda: not any(Path(f"/proc/{pid}/fd/0").exists() for pid in pids))


def test_what_a_killed_lab_left_behind_is_removed_by_the_next():
    with subprocess.Popen(
        [sys.executable, "-c", KILLED_LAB], stdout=subprocess.PIPE, text=True, **program_options()
    ) as lab:
        name, folder = lab.stdout.readline().strip(), Path(lab.stdout.readline().strip())
        remove_abandoned()
        assert exists(name)  # its process lives
        assert folder.exists()
        lab.send_signal(signal.SIGKILL)
        lab.wait(20)

    remove_abandoned()

    assert not exists(name)
    assert not Path(f"/etc/netns/{name}").exists()
    assert not folder.exists()


def test_a_wait_that_is_in_vain_says_for_what():
    with pytest.raises(TimeoutError, match="the moon"):
        wait_for("the moon", lambda: False, deadline_seconds=0.1)
