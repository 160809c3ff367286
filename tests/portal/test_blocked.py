"""What a blocked device reads, and what a network's own greeting is."""

from dataclasses import replace

import pytest

from portal.app import create_app
from tests.fakes.gateway import PHONE
from tests.portal.conftest import Phone
from wifi_manager.domain.networks import Network, Place
from wifi_manager.services.blocking import Blocking
from wifi_manager.services.networks import Networks


@pytest.fixture
def blocking(portal_store, clock, gateway):
    return Blocking(portal_store, clock)


def test_a_blocked_device_reads_that_it_is_and_whom_to_ask(phone, blocking, face):
    number = blocking.add(PHONE, None, "somebody")
    page = phone.open("/", phone.ticket())
    assert page.status_code == 403
    assert f"Tell them this number: {number}" in page.text
    assert "Ask the staff of this place" in page.text
    assert "/connect" not in page.text
    asked = replace(face, pages=replace(face.pages, contact="120"))
    there = Phone(create_app(asked).test_client(use_cookies=False), phone.gateway, phone.clock)
    assert "Ask here: 120" in there.open("/", there.ticket()).text


def test_a_block_until_a_day_says_until_when_in_the_citys_time(phone, blocking, clock):
    blocking.add(PHONE, clock.now().replace(hour=15, year=2031), "somebody")
    assert "until 2031-06-02 00:00" in phone.open("/", phone.ticket()).text


def test_a_tap_after_the_block_and_a_visit_before_it_lead_to_the_same_page(phone, blocking):
    ticket = phone.ticket()
    page = phone.open("/", ticket)
    phone.submit(page, "/connect")
    blocking.add(PHONE, None, "somebody")
    assert phone.follow(phone.open("/connected", ticket)).status_code == 403
    assert phone.follow(phone.submit(page, "/connect")).status_code == 403


def test_a_network_greets_in_its_own_words(phone, portal_store, clock):
    place = Place(greetings={"en": "Welcome to <our> hall"})
    Networks(portal_store, clock).set(Network("gw-1", "hall", place), "somebody")
    assert "Welcome to &lt;our&gt; hall" in phone.open("/", phone.ticket(network="hall")).text
    assert "our&gt; hall" not in phone.open("/", phone.ticket()).text
