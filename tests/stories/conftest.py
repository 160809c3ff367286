"""One city of real parts for all stories of a module; every story brings its own phones, so their order is free."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.whole_city import WholeCity


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Database and keys of the first city, with which all others begin."""
    return tmp_path_factory.mktemp("seed")


@pytest.fixture(scope="module")
def prepared_city(tmp_path_factory: pytest.TempPathFactory, seed: Path) -> Iterator[WholeCity]:
    """Network, database and list of access points are there; nothing runs yet. What runs says all it has to say."""
    with WholeCity(tmp_path_factory.mktemp("city"), log_level="DEBUG") as city:
        city.prepare(seed)
        yield city
