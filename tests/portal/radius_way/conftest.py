"""A phone at a portal whose RADIUS servers are real sockets on loopback."""

from functools import partial

import pytest

from portal.app import build_face, create_app
from portal.identity import radius
from portal.identity.radius_wire.servers import Lines
from tests.builders import a_plan
from tests.fakes.gateway import PHONE
from tests.fakes.radius_server import SECRET, answering
from tests.portal.conftest import CITY, PORTAL
from wifi_manager import shipped
from wifi_manager.domain.visits import Method
from wifi_manager.services.admission import Admission
from wifi_manager.settings.radius import Radius


@pytest.fixture
def server():
    with answering() as made:
        yield made


@pytest.fixture
def chosen(server) -> Radius:
    return Radius(servers=(server.address,), timeout_seconds=5.0, retries=0)


@pytest.fixture
def secret() -> bytes:
    return SECRET


@pytest.fixture
def face(portal_store, vault, clock, registry):
    with portal_store.begin() as tx:
        tx.plans.save(a_plan(name="resident"))
    admission = Admission(portal_store, vault, clock, ways=(Method.CLICK_THROUGH, Method.RADIUS))
    return build_face(CITY, PORTAL, admission, shipped.configs(), registry)


@pytest.fixture
def app(face, chosen, secret):
    return create_app(face, {Method.RADIUS: partial(radius.make, chosen, secret, Lines(4))})


@pytest.fixture
def sign_in(phone):
    def send(name="mina", password="correct horse", **given):
        page = phone.open("/radius", phone.ticket(**given))
        return phone.submit(page, "/radius", name=name, password=password)

    return send


@pytest.fixture
def counted(registry):
    """How often an outcome was counted."""
    return lambda outcome: int(
        registry.get_sample_value("wifi_radius_answers_total", {"city": CITY.slug, "outcome": outcome})
    )


@pytest.fixture
def visit(portal_store, gateway, clock):
    """The visit of a device that is online."""

    def found(device=PHONE):
        with portal_store.read() as tx:
            return tx.visits.running_of(device, clock.now())

    return found
