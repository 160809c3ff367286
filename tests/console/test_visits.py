"""Visits and gateways in the console: figures alone, and what needs somebody first."""

from datetime import timedelta

import pytest

from tests.builders import NOON, a_plan, a_visit, an_asker
from tests.fakes.clock import FrozenClock
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.visits import EndReason
from wifi_manager.storage.certificates import Asked, Issued
from wifi_manager.storage.gateways import StoredKeys

pytestmark = pytest.mark.slow


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def city(store, fleet):
    """Three gateways in the park and two without a box; two visits run, one has ended."""
    with store.begin() as tx:
        tx.plans.save(a_plan())
        park = tx.sites.numbers()[fleet[0].site.key]
        for name in ("gw-1", "gw-2", "gw-3", "gw-new"):
            tx.gateways.add(name, park, name.encode(), NOON + timedelta(hours=1))
            if name != "gw-new":
                tx.gateways.enrol(name.encode(), StoredKeys(b"p" * 32, b"t" * 60), NOON)
        tx.gateways.acknowledge("gw-1", 1, NOON)
        tx.gateways.acknowledge("gw-2", 1, NOON)
        tx.changes.note_all("gw-2", NOON)
        tx.gateways.acknowledge("gw-3", 1, NOON - timedelta(minutes=10))
        for last in (1, 2, 3):
            device = MacAddress.parse(f"02:00:5e:10:00:{last:02}")
            number = tx.visits.device_number(device, NOON)
            tx.visits.add(a_visit(public_id=f"v-{last}", number=number, asker=an_asker(device=device)))
        tx.visits.end("v-3", NOON, EndReason.SIGNED_OUT)
    return store


def test_visits_are_counted_by_site_method_and_end(signed_in, city):
    text = signed_in("viewer").get("/visits").text
    assert "<strong>2</strong><span>visits now</span>" in text
    assert '한강공원 광나루, 강동구</span><span class="bar-count">2<' in text
    assert 'Signed out</span><span class="bar-count">1<' in text
    assert 'Not ended yet</span><span class="bar-count">2<' in text
    assert 'One tap</span><span class="bar-count">3<' in text


def test_visits_are_counted_by_network_where_a_gateway_has_several(signed_in, city):
    assert "by network" not in signed_in("viewer").get("/visits").text
    with city.begin() as tx:
        staff = an_asker(device=MacAddress.parse("02:00:5e:10:00:09"), network="staff")
        number = tx.visits.device_number(staff.device, NOON)
        tx.visits.add(a_visit(public_id="v-9", number=number, asker=staff))
    text = signed_in("viewer").get("/visits").text
    assert 'guests, gw-1</span><span class="bar-count">2<' in text
    assert 'staff, gw-1</span><span class="bar-count">1<' in text


def test_gateways_that_do_not_enforce_what_is_wanted_come_first_and_say_so(signed_in, city):
    text = signed_in("viewer").get("/visits").text
    places = [text.index(f"<strong>{name}</strong>") for name in ("gw-3", "gw-2", "gw-new", "gw-1")]
    assert places == sorted(places)
    assert "1 of 4</strong><span>gateways enforce what is wanted" in text
    for said in (
        "Silent for 10 min",
        f"wanted revision {int(NOON.timestamp() * 1000)}, enforced 1",
        "wifi-manager gateway enrol TOKEN",
    ):
        assert said in text


def test_the_page_of_visits_has_nothing_about_anybody(signed_in, city):
    text = signed_in("viewer").get("/visits").text
    for private in ("02:00:5e", "5e:10", "10.1.0.7", "v-1"):
        assert private not in text


def test_a_city_where_nobody_was_online_says_so(signed_in, store):
    with store.begin() as tx:
        tx.gateways.add("gw-1", None, b"d", NOON)
    text = signed_in("viewer").get("/visits").text
    assert "Nobody is online" in text
    assert "No visit is recorded yet" in text


def test_a_gateway_shows_how_its_certificate_stands_and_what_to_do(signed_in, city):
    until, names = NOON + timedelta(days=30), ("wifi.city.example",)
    with city.begin() as tx:
        for name in ("gw-1", "gw-2", "gw-3"):
            tx.certificates.ask(name, Asked(name.encode(), name.encode(), names, NOON, 1, NOON), NOON)
        for order in (tx.certificates.claim("w", NOON, timedelta(minutes=1)) for _ in range(2)):
            tx.certificates.issue(order, "w", Issued("CHAIN", NOON, until, NOON))
        order = tx.certificates.claim("w", NOON, timedelta(minutes=1))
        while order.gateway != "gw-2":
            order = tx.certificates.claim("w", NOON, timedelta(minutes=1))
        tx.certificates.fail(order, "w", "The <authority> is away.", NOON + timedelta(hours=1))
    text = signed_in("viewer").get("/visits").text
    parts = {name: text.split(f"<strong>{name}</strong>")[1].split("</li>")[0] for name in ("gw-1", "gw-2", "gw-new")}
    assert "certificate until" in text
    assert "Certificate" not in parts["gw-new"]
    assert "No new certificate" in parts["gw-2"]
    assert "The &lt;authority&gt; is away." in parts["gw-2"]
    assert "wifi-manager certificates renew gw-2" in parts["gw-2"]
