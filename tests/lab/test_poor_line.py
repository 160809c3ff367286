import contextlib
import gc
import socket
import threading
import warnings

import pytest

from tests.lab.poor_line import PoorLine


def open_and_drop(address, over):
    """Connections that come and go so quickly that some are just being accepted at any moment."""
    while not over.wait(0.002):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for _ in range(30):
                stack.enter_context(socket.create_connection(address, timeout=0.5)).sendall(b"x" * 1000)


@pytest.mark.slow
def test_a_line_that_is_closed_while_connections_come_and_go_leaves_nothing_open():
    for _ in range(5):
        begun, over = threading.Event(), threading.Event()
        with warnings.catch_warnings(record=True) as left_open, contextlib.ExitStack() as stack:
            warnings.simplefilter("always")
            silent = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=4096))
            with PoorLine(
                silent.getsockname(), breaks_after=lambda n, begun=begun: begun.set() if n > 20 else None
            ) as line:
                coming = threading.Thread(target=open_and_drop, args=(line.address, over))
                coming.start()
                assert begun.wait(60)
            over.set()
            coming.join()
            del line
            gc.collect()
        assert [str(each.message) for each in left_open] == []
