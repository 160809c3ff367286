"""Access points of the lab, and drivers that speak to them over real SSH."""

import pytest

from provisioning.drivers.openwrt import OpenWrtDriver
from tests.lab.access_point import LabAccessPoint
from tests.lab.conftest import ap, net  # noqa: F401 - fixtures are found by their name here
from tests.provisioning.kit import driver_of


@pytest.fixture
def driver(ap: LabAccessPoint) -> OpenWrtDriver:  # noqa: F811 - the fixture from above
    """Speaks to `ap` at the address it was made with."""
    return driver_of(ap)
