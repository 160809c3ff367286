"""Real kernel sets in a namespace of their own."""

import ipaddress
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.gateway.golden import EXAMPLE
from tests.gateway.town import Town
from tests.lab.city import CONTROL_NAME, LabCity
from tests.lab.control_simulator import ControlSimulator
from tests.lab.namespaces import Namespace, Namespaces
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.grants import Grant
from wifi_manager.gateway.netfilter.elements import ElementTable
from wifi_manager.gateway.netfilter.netlink import NetfilterSocket
from wifi_manager.gateway.passing.kernel import Kernel
from wifi_manager.gateway.rules.declarations import TABLE
from wifi_manager.gateway.rules.ruleset import ruleset
from wifi_manager.gateway.settings import GatewaySettings
from wifi_manager.gateway.settings_file import load

NOW = datetime(2030, 6, 3, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def settings() -> GatewaySettings:
    """Those of the example file."""
    return load(EXAMPLE)


@pytest.fixture(scope="session")
def bare_gateway(settings: GatewaySettings) -> Iterator[Namespace]:
    """A namespace with the ruleset loaded and nothing else."""
    with Namespaces() as namespaces:
        namespace = namespaces.add("bare")
        namespace.check(["nft", "-f", "-"], input=ruleset(settings))
        yield namespace


@pytest.fixture
def netfilter(bare_gateway: Namespace) -> Iterator[NetfilterSocket]:
    with bare_gateway.call(NetfilterSocket) as sock:
        yield sock


@pytest.fixture(params=[None, False], ids=["destroy", "before Linux 6.3"])
def table(netfilter: NetfilterSocket, request: pytest.FixtureRequest) -> ElementTable:
    return ElementTable(netfilter, TABLE, destroys=request.param)


@pytest.fixture
def kernel(table: ElementTable) -> Iterator[Kernel]:
    """Empty before and after."""
    kernel = Kernel(table)
    kernel.reconcile([], NOW, {})
    yield kernel
    kernel.reconcile([], NOW, {})


def device(number: int) -> MacAddress:
    """The device that has this number, if nothing else is said."""
    return MacAddress(bytes([2, 0, 0, 0, number >> 8 & 255, number & 255]))


def grant(number: int, minutes: float = 60, **fields: Any) -> Grant:
    """A grant for device `number` that ends `minutes` after NOW."""
    values = {
        "visit": f"visit-{number}",
        "number": number,
        "device": device(number),
        "address": ipaddress.ip_address("10.99.8.0") + number,
        "expires_at": NOW + timedelta(minutes=minutes),
    }
    return Grant(**{**values, **fields})


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with LabCity(tmp_path_factory.mktemp("town")) as lab:
        control = ControlSimulator(lab.city, lab.authority.certificate(CONTROL_NAME))
        lab.enrol_gateway(control.token, control.url)
        yield Town(lab, control, lab.run_gateway())
        control.stop()
