"""Whom the provider's answer lets in: only who signed in just now, here, as the city asks."""

import re
import time
from dataclasses import replace

import pytest

from portal.app import create_app
from portal.identity.eid import EidWay
from tests.lab.openid_provider import CLIENT_ID
from tests.portal.eid.conftest import is_refused, visits
from wifi_manager.domain.visits import Method
from wifi_manager.services.eid import EidSignIns

pytestmark = pytest.mark.slow

WRONG = {
    "another nonce": lambda claims: {**claims, "nonce": "x" * 43},
    "no nonce": lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
    "another audience": lambda claims: {**claims, "aud": ["somebody-else"]},
    "another party": lambda claims: {**claims, "aud": [CLIENT_ID, "other"], "azp": "other"},
    "another issuer": lambda claims: {**claims, "iss": "https://other.example"},
    "over": lambda claims: {**claims, "exp": int(time.time()) - 3600},
    "from the future": lambda claims: {**claims, "iat": int(time.time()) + 3600},
    "no subject": lambda claims: {**claims, "sub": ""},
    "an odd subject": lambda claims: {**claims, "sub": "x" * 256},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_an_answer_that_is_not_for_this_sign_in_lets_nobody_in(citizen, provider, portal_store, clock, wrong):
    provider.claims = WRONG[wrong]
    assert is_refused(citizen.go_online(), portal_store, clock, "is not accepted")


@pytest.mark.parametrize(
    ("wanted", "claims", "is_in"),
    [
        ({"acr_values": ("level-2",)}, {}, True),
        ({"acr_values": ("level-2",)}, {"acr": "level-1"}, False),
        ({"required_claims": (("resident", "true"),)}, {"resident": True}, True),
        ({"required_claims": (("resident", "true"),)}, {"resident": False}, False),
        ({"required_claims": (("resident", "true"),)}, {}, False),
    ],
)
def test_what_the_city_asks_for_must_stand_in_the_answer(
    face, openid, provider, citizen, portal_store, clock, wanted, claims, is_in
):
    provider.claims = lambda given: {**given, **claims}
    strict = replace(openid, registration=replace(openid.registration, **wanted))
    way = {Method.EID: lambda face: EidWay(face, EidSignIns(face.admission), strict)}
    phone = replace(citizen.phone, client=create_app(face, way).test_client(use_cookies=False))

    answer = replace(citizen, phone=phone).go_online()
    assert (answer.status_code == 303, visits(portal_store, clock) is not None) == (is_in, is_in)


def test_a_provider_that_changes_its_keys_is_believed_at_once(citizen, provider, portal_store, clock, timer):
    citizen.go_online()
    citizen.phone.submit(citizen.phone.open("/status", citizen.phone.ticket()), "/sign-out")
    provider.change_key()
    timer.now += 11

    assert citizen.go_online().status_code == 303
    assert visits(portal_store, clock) is not None
    assert provider.asked.count("/jwks") == 2


def test_an_answer_signed_by_anybody_else_lets_nobody_in(citizen, provider, portal_store, clock):
    published = provider.published
    provider.change_key()
    provider.published = published

    assert is_refused(citizen.go_online(), portal_store, clock, "is not accepted")


def test_the_provider_may_want_the_secret_in_the_form(citizen, provider, portal_store, clock):
    provider.auth_methods = ("client_secret_post",)
    citizen.go_online()
    assert visits(portal_store, clock) is not None


def test_a_code_that_the_provider_does_not_know_lets_nobody_in(citizen, portal_store, clock):
    url = citizen.sign_in(citizen.begin())
    forged = re.sub(r"code=[^&]+", "code=made-up", url)
    assert is_refused(citizen.by_the_gateway(citizen.come_back(forged)), portal_store, clock, "is not accepted")
