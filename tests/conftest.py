"""What every test may ask for. Needs of markers, PostgreSQL and the report's header are plugins of their own."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, settings

from tests.fakes.clock import FrozenClock

pytest_plugins = [
    "tests.plugins.needs",
    "tests.plugins.shared_kernel",
    "tests.plugins.order",
    "tests.plugins.postgres",
    "tests.plugins.store",
    "tests.plugins.versions",
]


# A loaded machine is slow, not wrong.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("house"), max_examples=20)  # for `make check`
settings.load_profile("house")


@pytest.fixture
def clock() -> FrozenClock:
    """Stands at noon of a working day until a test moves it."""
    return FrozenClock(datetime(2030, 6, 3, 12, 0, tzinfo=UTC))
