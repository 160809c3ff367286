"""Running controls. Most tests share one for each kind of database and bring gateways of their own."""

import itertools
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.builders import A_CITY, A_MASTER_KEY, a_plan
from tests.control.server import ControlProcess, TestGateway, running_control
from tests.plugins.postgres import BOTH_DATABASES
from wifi_manager.clock import SystemClock
from wifi_manager.services.enrolment import Enrolment
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class RunningCity:
    """A city's database, its control, and what adds gateways to both."""

    engine: sa.Engine
    store: Store
    control: ControlProcess

    @property
    def enrolment(self) -> Enrolment:
        return Enrolment(self.store, Vault(A_MASTER_KEY, A_CITY.slug), SystemClock())

    def gateway(self) -> TestGateway:
        """A gateway that nobody else uses, enrolled over HTTP."""
        gateway = TestGateway(self.control)
        answer = gateway.enrol(self.enrolment.add(f"gw-{next(_numbers)}", None, "test"))
        assert answer.status_code == 200, answer.text
        return gateway


@pytest.fixture(scope="module", params=BOTH_DATABASES)
def city(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCity]:
    """One for all tests that leave control running."""
    folder = tmp_path_factory.mktemp("control")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("upgraded_file"), folder / "city.db")
        yield from _running(folder, f"sqlite:///{folder / 'city.db'}")
        return
    server = request.getfixturevalue("postgres_server")
    with server.fresh_database(request.getfixturevalue("upgraded_template")) as url:
        yield from _running(folder, url)


@pytest.fixture
def own_city(upgraded_url: str, tmp_path: Path) -> Iterator[RunningCity]:
    """One for a test that kills or stops its control."""
    yield from _running(tmp_path, upgraded_url)


def _running(folder: Path, url: str) -> Iterator[RunningCity]:
    engine = open_engine(url)
    store = Store(engine, A_CITY.slug, Vault(A_MASTER_KEY, A_CITY.slug))
    with store.begin() as tx:
        tx.plans.save(a_plan())
    with running_control(folder, url) as control:
        yield RunningCity(engine, store, control)
    engine.dispose()
