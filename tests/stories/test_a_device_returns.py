"""A remembered device comes back: its first request reaches the internet, and no page is shown."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.lab.citizen import PROBE, is_online
from tests.lab.namespaces import wait_for

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(400)]  # with the whole city

SHORT_PLAN = "[day]\nlifetime_hours = 0.004\n"  # 14 s: the visit is over when the phone comes back
A_MOMENT = timedelta(seconds=2)  # that a gateway gives a device whom it has let go
NEWEST = """SELECT method, gateway.acknowledged = gateway.revision
    FROM visit JOIN gateway ON gateway.id = visit.gateway_id ORDER BY visit.id DESC LIMIT 1"""

NEWEST_NUMBER = "SELECT max(id) FROM visit"


@pytest.fixture(scope="module")
def city(prepared_city):
    prepared_city.start_servers("portal", "control")
    prepared_city.start_gateway()
    plans = prepared_city.folder / "plans.toml"
    plans.write_text(SHORT_PLAN)
    prepared_city.manage("plan", "apply", str(plans))
    return prepared_city


def gone(city, **ticked):
    """The phone of a citizen who was online and has gone away."""
    citizen = city.join("en")
    citizen.open_portal()
    citizen.tap(**ticked)
    wait_for("the internet", lambda: is_online(citizen.phone))
    citizen.phone.namespace.ip("link", "set", "eth0", "down")
    return citizen.phone


@pytest.fixture(scope="module")
def phones(city):
    """Of a citizen who is remembered and of one who is not; both are gone, and their visits are over."""
    found = gone(city, remember="yes"), gone(city)
    ((ends,),) = city.rows("SELECT max(expires_at) FROM visit")
    over = datetime.fromisoformat(ends).replace(tzinfo=UTC) + A_MOMENT
    wait_for("the end of the visits", lambda: datetime.now(UTC) > over)
    return found


def join(phone):
    """How a phone comes: the link, and a lease. It asks for no page yet."""
    phone.namespace.ip("link", "set", "eth0", "up")
    phone.dhcp()


def test_u4_the_first_request_of_a_remembered_device_reaches_the_internet_without_a_page(city, phones):
    phone, _ = phones

    join(phone)
    wait_for("its visit", lambda: city.rows(NEWEST) == [("remembered", 1)])

    assert phone.curl(PROBE).status == 204


def test_a_device_that_nobody_asked_to_remember_is_led_to_the_page(city, phones):
    _, phone = phones
    before = city.rows(NEWEST_NUMBER)

    join(phone)

    assert phone.curl(PROBE).status == 302
    assert city.rows(NEWEST_NUMBER) == before
