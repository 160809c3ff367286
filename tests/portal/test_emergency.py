"""What citizens see where a place is open in an emergency."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.app import create_app
from tests.builders import NOON, a_site
from tests.fakes.gateway import OTHER_PHONE
from tests.portal.conftest import Phone
from wifi_manager.domain.visits import Method
from wifi_manager.services.emergencies import Emergencies


class Voucher:
    """A way in that has no pages here."""

    def __init__(self, face):
        self.face = face

    def install(self, app):
        pass


@pytest.fixture
def closed_phone(face, gateway, clock):
    """A phone in a city where a voucher is wanted."""
    admission = replace(face.admission, ways=(Method.VOUCHER,))
    app = create_app(replace(face, admission=admission), {Method.VOUCHER: Voucher})
    with gateway.acknowledging():
        yield Phone(app.test_client(use_cookies=False), gateway, clock)


def test_the_first_page_says_so_and_shows_the_tap_first(closed_phone, portal_store, clock):
    before = closed_phone.open("/", closed_phone.ticket()).text
    assert "Emergency" not in before
    assert 'action="/connect"' not in before
    emergencies = Emergencies(portal_store, clock)
    number = emergencies.open(*a_site().key, NOON + timedelta(hours=2), "flood <b>", "chief")
    page = closed_phone.open("/", closed_phone.ticket())
    assert "open to everybody until 2026-06-01 23:00" in page.text
    assert "flood" not in page.text
    assert page.text.index('action="/connect"') < page.text.index('href="/voucher')
    assert "online" in closed_phone.follow(closed_phone.submit(page, "/connect")).text
    emergencies.close(number, "chief")
    after = closed_phone.open("/", closed_phone.ticket(device=OTHER_PHONE)).text
    assert "Emergency" not in after
    assert 'action="/connect"' not in after
