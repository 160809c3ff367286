"""One city of real parts for all stories of a module; every story brings its own phones, so their order is free."""

from collections.abc import Iterator

import pytest

from tests.lab.whole_city import WholeCity


@pytest.fixture(scope="module")
def prepared_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeCity]:
    """Network, database and list of access points are there; nothing runs yet. What runs says all it has to say."""
    with WholeCity(tmp_path_factory.mktemp("city"), log_level="DEBUG") as city:
        city.prepare()
        yield city
