"""A provider that fails, is slow or leads elsewhere: citizens read so, and have other ways."""

import time

import pytest
from flask import Response

from tests.portal.eid.conftest import SECONDS, visits

pytestmark = pytest.mark.slow  # waits for providers that do not answer


def says_that_it_fails(answer) -> bool:
    others = "Other ways in" in answer.text and "/connect" in answer.text
    return answer.status_code == 503 and "The eID does not answer right now." in answer.text and others


FAULTS = {
    "an error": lambda: Response("down", 503),
    "a redirect elsewhere": lambda: Response("", 302, {"Location": "https://evil.example/token"}),
    "no JSON": lambda: Response("<html>", 200),
    "too much": lambda: Response(b" " * 300_000 + b"{}", 200),
    "nothing within the time": lambda: time.sleep(SECONDS * 1.3) or Response("{}"),
    "without a token": lambda: Response("{}", 200),
    "our own fault": lambda: Response('{"error": "invalid_client"}', 400),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_provider_that_fails_at_the_end_is_said_to_and_other_ways_are_offered(
    citizen, provider, portal_store, clock, fault
):
    provider.answer = lambda path: FAULTS[fault]() if path == "/token" else None
    assert says_that_it_fails(citizen.go_online())
    assert visits(portal_store, clock) is None


def test_a_provider_that_was_never_seen_is_said_to_fail_and_is_asked_again_after_a_rest(citizen, provider, timer):
    provider.answer = lambda _path: Response("down", 503)
    for _ in range(3):
        assert says_that_it_fails(citizen.phone.open("/eid", citizen.phone.ticket()))
    assert len(provider.asked) == 1

    provider.answer = lambda _path: None
    timer.now += 11
    assert citizen.phone.open("/eid", citizen.phone.ticket()).status_code == 200


def test_a_provider_whose_configuration_is_away_for_hours_is_known_all_the_same(citizen, provider, timer):
    citizen.begin()
    provider.answer = lambda path: Response("down", 503) if "well-known" in path else None
    timer.now += 5 * 3600

    assert citizen.begin().startswith(provider.issuer)


@pytest.mark.parametrize(
    "published",
    [
        {"issuer": "https://other.example"},
        {"authorization_endpoint": "https://elsewhere.example/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "http://localhost/token"},
        {"jwks_uri": None},
    ],
)
def test_s1_a_configuration_that_leads_elsewhere_is_not_followed(citizen, provider, published):
    made = {**provider.configuration(), **published}
    provider.answer = lambda path: made if "well-known" in path else None
    assert says_that_it_fails(citizen.phone.open("/eid", citizen.phone.ticket()))
