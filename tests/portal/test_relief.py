"""What a citizen meets when something outside fails: another way, a short pass, and never a 500."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from portal import relief
from portal.app import build_face, create_app
from portal.device import asking
from tests.builders import NOON, a_plan
from tests.fakes.gateway import OTHER_PHONE
from tests.portal.conftest import CITY, PORTAL, Phone
from wifi_manager import shipped
from wifi_manager.domain.errors import NotFound, OutsideFailure
from wifi_manager.domain.visits import Method
from wifi_manager.services.admission import Admission
from wifi_manager.settings.relief import Relief
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.store import Store

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("store")]


class Failing:
    """A way in whose outside never answers."""

    def __init__(self, face):
        self.face = face

    def install(self, app: Flask) -> None:
        app.add_url_rule("/sms", view_func=self.sms)

    def sms(self):
        return relief.page(self.face, asking(self.face.admission), Method.SMS)


class Quiet:
    def __init__(self, face):
        pass

    def install(self, app: Flask) -> None:
        pass


@pytest.fixture
def policy():
    return Relief(plan="relief", a_day=2)


@pytest.fixture
def ways():
    return (Method.SMS, Method.VOUCHER)


@pytest.fixture
def face(portal_store, vault, clock, registry, policy, ways):
    with portal_store.begin() as tx:
        tx.plans.save(a_plan(name="relief", lifetime=timedelta(minutes=15)))
    admission = Admission(portal_store, vault, clock, ways=ways)
    return build_face(CITY, PORTAL, admission, shipped.configs(), registry, policy)


@pytest.fixture
def app(face):
    return create_app(face, {Method.SMS: Failing, Method.VOUCHER: Quiet})


def count(registry, name, **labels):
    return registry.get_sample_value(name, {"city": "haneul", **labels})


def relieved(phone, device=None):
    given = {} if device is None else {"device": device}
    return phone.submit(phone.open("/sms", phone.ticket(**given)), "/relief")


def sign_out(phone, device=None):
    given = {} if device is None else {"device": device}
    phone.submit(phone.open("/status", phone.ticket(**given)), "/sign-out")


def test_the_page_says_what_fails_and_offers_the_other_ways_of_the_place(phone, registry):
    page = phone.open("/sms", phone.ticket())
    assert page.status_code == 503
    assert "Text messages do not arrive right now." in page.text
    assert 'href="/voucher?s=' in page.text
    assert 'href="/sms?s=' in page.text  # try again
    assert count(registry, "wifi_relief_pages_total", method="sms") == 1


def test_s8_a_pass_opens_a_visit_of_the_citys_plan_with_the_terms_that_were_read(phone, portal_store, registry):
    page = phone.open("/sms", phone.ticket(), l="ko")
    assert "15분" in page.text
    arrived = phone.follow(phone.submit(page, "/relief"))
    assert "15분" in arrived.text
    with portal_store.read() as tx:
        (grant,) = tx.visits.grants("gw-1", phone.clock.now())
        visit = tx.visits.get(grant.visit)
        entry = tx.audit.newest(1)[0]
    assert (visit.method, visit.plan.name, visit.consent.language) == (Method.RELIEF, "relief", "ko")
    assert (entry.actor, entry.action, entry.subject) == ("portal", "gave short passes", "sms")
    assert count(registry, "wifi_sign_ins_total", method="relief") == 1


def test_s8_a_device_has_so_many_passes_a_day_and_erasing_its_data_gives_no_more(phone):
    for _ in range(2):
        assert relieved(phone).status_code == 303
        phone.submit(phone.open("/status", phone.ticket()), "/erase")
    page = phone.open("/sms", phone.ticket())
    assert page.status_code == 503
    assert 'action="/relief' not in page.text
    assert relieved(phone, OTHER_PHONE).status_code == 303  # another device has its own
    phone.clock.advance(timedelta(days=1))
    assert relieved(phone).status_code == 303


def test_s8_a_page_that_was_kept_open_gives_no_pass_more_than_there_are(phone):
    kept = phone.open("/sms", phone.ticket())
    for _ in range(2):
        relieved(phone)
        sign_out(phone)
    assert phone.submit(kept, "/relief").status_code == 429


def test_the_audit_trail_has_one_entry_a_day_for_a_way_that_fails(phone, portal_store):
    relieved(phone)
    relieved(phone, OTHER_PHONE)
    with portal_store.read() as tx:
        assert [each.action for each in tx.audit.newest(9)].count("gave short passes") == 1


@pytest.mark.parametrize("change", [{"failed": "voucher"}, {"token": "00"}, {"failed": ""}])
def test_s3_a_pass_is_only_taken_from_a_page_that_said_that_this_way_fails(phone, change):
    page = phone.open("/sms", phone.ticket())
    assert phone.submit(page, "/relief", **change).status_code == 403


class TestBesideOneTap:
    @pytest.fixture
    def ways(self):
        return (Method.SMS, Method.CLICK_THROUGH)

    def test_one_tap_is_offered_at_once_and_no_shorter_pass(self, phone):
        page = phone.open("/sms", phone.ticket())
        assert 'action="/relief' not in page.text
        assert phone.follow(phone.submit(page, "/connect")).status_code == 200


class TestWithoutAPolicy:
    @pytest.fixture
    def policy(self):
        return Relief()

    def test_nobody_gets_in_without_the_proof(self, phone):
        page = phone.open("/sms", phone.ticket())
        assert page.status_code == 503
        assert 'action="/relief' not in page.text


def test_a_policy_with_a_plan_that_nobody_knows_is_refused_at_the_start(face):
    with pytest.raises(NotFound, match="nowhere"):
        replace(face.relief, plan="nowhere").check()


@pytest.fixture
def read_only_url(request, upgraded_url):
    """The same database, to which nothing can be written any more."""
    if upgraded_url.startswith("sqlite"):
        return upgraded_url
    return f"{upgraded_url}&options=-c%20default_transaction_read_only%3Don"


@pytest.fixture
def read_only_store(read_only_url, vault):
    engine = open_engine(read_only_url)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA query_only=ON"))
    made = Store(engine, CITY.slug, vault)
    yield made
    made.dispose()


def test_a_database_that_can_only_be_read_gives_the_busy_page_with_a_way_on_and_no_500(
    phone, gateway, read_only_store, face
):
    page = phone.open("/sms", phone.ticket())
    stuck = create_app(
        replace(face, admission=replace(face.admission, store=read_only_store)),
        {Method.SMS: Failing, Method.VOUCHER: Quiet},
    )
    there = Phone(stuck.test_client(use_cookies=False), gateway, phone.clock)
    assert there.open("/", there.ticket()).status_code == 200
    answer = there.submit(page, "/relief")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "We&#39;ll be right back" in answer.text
    assert 'href="http://wifi.home.arpa/"' in answer.text


def test_what_writes_to_a_database_that_can_only_be_read_learns_so(read_only_store):
    with pytest.raises(OutsideFailure, match=r"read-?only"), read_only_store.begin() as tx:
        tx.visits.use_ticket("nonce", NOON)
