"""Room for the phones of all labs that run at once: with a full neighbour table the kernel drops packets of any of them."""

import contextlib

import pytest

from tests.lab.neighbours import room_for_neighbours


def pytest_configure(config: pytest.Config) -> None:
    """Once for all workers; without the right to change it the tests make do with what there is."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    room = contextlib.ExitStack()
    with contextlib.suppress(OSError):
        room.enter_context(room_for_neighbours())
    config.add_cleanup(room.close)
