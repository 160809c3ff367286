from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wifi_manager.domain.errors import BadInput, Forbidden
from wifi_manager.wire.enrolment import EnrolmentRequest, enrolment_from_json, enrolment_to_json
from wifi_manager.wire.requests import Request, request_gateway, sign_request, verify_request

NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)
PATH = "/v1/grants?after=3&wait=20"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()


def signed(body=b"{}"):
    return sign_request(KEY, "park.east-1", Request("GET", PATH, body), NOW)


def test_a_signed_request_names_its_gateway_even_with_dots_in_the_name():
    header = signed()

    assert request_gateway(header) == "park.east-1"
    assert verify_request(PUBLIC, header, Request("GET", PATH, b"{}"), NOW) == "park.east-1"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", PATH, b"{}"), ("GET", "/v1/grants?after=4&wait=20", b"{}"), ("GET", PATH, b"{ }")],
)
def test_a_signature_is_worth_nothing_for_another_method_path_or_body(method, path, body):
    with pytest.raises(Forbidden, match="not signed"):
        verify_request(PUBLIC, signed(), Request(method, path, body), NOW)


def test_a_signature_of_another_key_is_refused():
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()

    with pytest.raises(Forbidden, match="not signed"):
        verify_request(other, signed(), Request("GET", PATH, b"{}"), NOW)


@pytest.mark.parametrize("late", [timedelta(seconds=121), timedelta(seconds=-121)])
def test_a_signature_holds_for_two_minutes_to_both_sides(late):
    verify_request(PUBLIC, signed(), Request("GET", PATH, b"{}"), NOW + late * 0.9)

    with pytest.raises(Forbidden, match="clock"):
        verify_request(PUBLIC, signed(), Request("GET", PATH, b"{}"), NOW + late)


@pytest.mark.parametrize(
    "header", ["", "Bearer abc", "Wifi-Gateway a", "Wifi-Gateway a.b.c", "Wifi-Gateway .1.YQ", "Wifi-Gateway a.1.é"]
)
def test_a_damaged_authorization_is_forbidden_not_a_crash(header):
    with pytest.raises(Forbidden):
        verify_request(PUBLIC, header, Request("GET", PATH, b"{}"), NOW)


def test_an_enrolment_comes_back_whole_and_shows_no_secret():
    request = EnrolmentRequest("one-time", PUBLIC, bytes(32))

    assert enrolment_from_json(enrolment_to_json(request)) == request
    assert "one-time" not in repr(request)


def test_an_enrolment_with_a_short_key_says_which_key():
    body = enrolment_to_json(EnrolmentRequest("one-time", PUBLIC, bytes(16)))

    with pytest.raises(BadInput, match="ticket_key has 32 bytes, not 16"):
        enrolment_from_json(body)
