"""What an old revision does to rows does not change any more: `make check` tries the newest, `make test` them all."""

from pathlib import Path

import pytest

_FOLDER = Path(__file__).parent
_IN_WORK = {"test_0001_inventory.py", max(path.name for path in _FOLDER.glob("test_0*.py"))}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == _FOLDER and item.path.name.startswith("test_0") and item.path.name not in _IN_WORK:
            item.add_marker(pytest.mark.slow)
