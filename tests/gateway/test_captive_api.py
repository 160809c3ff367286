import json
from datetime import timedelta

import pytest

from tests.gateway.conftest import grant
from wifi_manager.domain.grants import Usage
from wifi_manager.gateway.face.captive_api import Standing, api_body, standing, wants_json
from wifi_manager.gateway.passing.passages import passage_for

OWN = "https://wifi.example/"


def test_a3_a7_an_unknown_device_is_captive_and_is_told_where_to_sign_in_and_nothing_of_time():
    body = json.loads(api_body(standing(None), OWN))

    assert body == {"captive": True, "user-portal-url": OWN, "venue-info-url": OWN, "can-extend-session": False}


def test_a3_a4_a_device_that_is_online_is_told_its_whole_seconds_and_bytes():
    passage = passage_for(grant(1, volume_bytes=1000), timedelta(seconds=59.9), Usage("visit-1", 100, 200))

    body = json.loads(api_body(standing(passage), OWN))

    assert (body["captive"], body["seconds-remaining"], body["bytes-remaining"]) == (False, 59, 700)


def test_without_a_volume_limit_no_bytes_are_told():
    assert standing(passage_for(grant(1), timedelta(hours=1))) == Standing(captive=False, seconds_left=3600)


def test_u5_a_device_whose_visit_may_be_extended_is_told_so():
    may, may_not = (standing(passage_for(grant(1), timedelta(hours=1)), may_extend=told) for told in (True, False))

    assert [json.loads(api_body(each, OWN))["can-extend-session"] for each in (may, may_not)] == [True, False]


def test_a_device_whose_volume_is_used_up_is_captive():
    assert standing(passage_for(grant(1, volume_bytes=300), timedelta(hours=1), Usage("visit-1", 100, 200))).captive


def test_a2_a9_the_answer_is_short_ascii():
    body = api_body(Standing(captive=False, seconds_left=10**9, bytes_left=2**63), OWN)

    assert body.isascii()
    assert len(body) <= 4096


@pytest.mark.parametrize(
    ("accept", "json_wanted"),
    [
        ("application/captive+json", True),
        ("text/html, application/captive+json;q=0.9", True),
        ("APPLICATION/CAPPORT+JSON", True),
        ("*/*", True),
        ("", True),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
    ],
)
def test_a5_browsers_go_to_the_portal_and_everybody_else_gets_the_api(accept, json_wanted):
    assert wants_json(accept) is json_wanted
