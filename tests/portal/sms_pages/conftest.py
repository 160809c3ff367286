"""A portal that sends its codes to a simulated provider."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import a_plan
from tests.fakes.sms_provider import provider as simulated
from tests.portal.sms_pages.asking import sms_app, sms_settings
from wifi_manager.domain.visits import Method


@pytest.fixture
def provider():
    with simulated() as made:
        yield made


@pytest.fixture
def chosen(provider):
    return sms_settings(provider.url)


@pytest.fixture
def face(face, portal_store):
    with portal_store.begin() as tx:
        tx.plans.save(a_plan(name="relief", lifetime=timedelta(minutes=15)))
    return replace(face, relief=replace(face.relief, plan="relief"))


@pytest.fixture
def ways():
    return (Method.SMS, Method.CLICK_THROUGH)


@pytest.fixture
def app(face, chosen, ways):
    return sms_app(face, chosen, ways)
