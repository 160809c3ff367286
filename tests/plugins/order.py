"""What takes longest begins first: a worker that begins the emulated machine last keeps everybody waiting."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("machine") is None)
