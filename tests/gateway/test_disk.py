import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.lab.namespaces import wait_for
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.disk import sweep, write_whole
from wifi_manager.gateway.state import StateFolder

WRITER = """
import pathlib, sys
from wifi_manager.gateway.disk import write_whole
while True:
    write_whole(pathlib.Path(sys.argv[1]), bytes(4_000_000))
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def unfinished(folder: Path) -> list[Path]:
    return list(folder.glob(".*.new"))


def killed_in_the_middle(folder: Path) -> list[Path]:
    """What a writer leaves that is killed; empty where it was between two files."""
    with subprocess.Popen([sys.executable, "-c", WRITER, str(folder / "list.json")]) as writing:
        wait_for("an unfinished file", lambda: unfinished(folder))
        os.kill(writing.pid, signal.SIGKILL)
    return unfinished(folder)


def test_a_write_that_fails_leaves_the_old_file_and_no_part_of_a_new_one(tmp_path):
    write_whole(tmp_path / "file", b"old")
    (tmp_path / "folder").mkdir()

    with pytest.raises(OutsideFailure, match="cannot be written"):
        write_whole(tmp_path / "folder", b"new")

    assert names(tmp_path) == ["file", "folder"]


def test_what_a_kill_in_the_middle_of_a_write_left_is_gone_after_the_next_start_and_all_else_stays(tmp_path):
    for name in ("news.jsonl", ".hidden", "of-the-operator.new"):
        (tmp_path / name).touch()
    wait_for("a kill in the middle", lambda: killed_in_the_middle(tmp_path))
    finished = {"list.json"} & set(names(tmp_path))

    StateFolder(tmp_path).sweep()

    assert set(names(tmp_path)) == {".hidden", "news.jsonl", "of-the-operator.new"} | finished


def test_a_file_that_another_program_is_just_writing_is_not_swept_away(tmp_path):
    over = threading.Event()

    def keep_sweeping() -> None:
        while not over.is_set():
            sweep(tmp_path)

    sweeping = threading.Thread(target=keep_sweeping)
    sweeping.start()
    try:
        for number in range(100):
            write_whole(tmp_path / "file", b"%d" % number * 1000)
            assert (tmp_path / "file").read_bytes() == b"%d" % number * 1000
    finally:
        over.set()
        sweeping.join()
    assert names(tmp_path) == ["file"]


def test_what_cannot_be_swept_is_left_and_stops_nothing(tmp_path):
    (tmp_path / ".a.new").mkdir()
    (tmp_path / ".b.new").touch()

    sweep(tmp_path)
    sweep(tmp_path / "nowhere")

    assert names(tmp_path) == [".a.new"]
