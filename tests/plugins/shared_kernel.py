"""Room for the phones of all labs that run at once: where one floods the kernel it drops packets of any of them."""

import contextlib

import pytest

from tests.lab.shared_kernel import room_for_all


def pytest_configure(config: pytest.Config) -> None:
    """Once for all workers; without the right to change it the tests make do with what there is."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    room = contextlib.ExitStack()
    with contextlib.suppress(OSError):
        room.enter_context(room_for_all())
    config.add_cleanup(room.close)
