"""A network with one access point, new for each test."""

from collections.abc import Iterator

import pytest

from tests.lab.access_point import LabAccessPoint, ManagementNet


@pytest.fixture
def net() -> Iterator[ManagementNet]:
    """The management network; the test itself lives in it."""
    with ManagementNet() as net, net.inside():
        yield net


@pytest.fixture
def ap(net: ManagementNet) -> Iterator[LabAccessPoint]:
    """An enrolled access point that is switched on."""
    with LabAccessPoint(net) as ap:
        yield ap
