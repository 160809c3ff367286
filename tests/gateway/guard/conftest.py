from collections.abc import Callable, Iterator

import pytest

from tests.gateway.guard.hall import Guest, Hall


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """One for all tests of a module: each brings its own guests."""
    hall = Hall(tmp_path_factory.mktemp("hall"))
    yield hall
    hall.close()


@pytest.fixture(scope="module")
def dhcp(hall: Hall) -> Callable[[Guest], str]:
    """A real DHCP server on the gateway; called with a guest, it gets that guest a lease."""
    hall.serve_dhcp()
    return hall.lease
