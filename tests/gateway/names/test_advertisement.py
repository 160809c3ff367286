import itertools
from ipaddress import IPv6Interface

import pytest
from scapy.layers.inet6 import (
    ICMPv6ND_RA,
    ICMPv6NDOptCaptivePortal,
    ICMPv6NDOptPrefixInfo,
    ICMPv6NDOptRDNSS,
    ICMPv6NDOptSrcLLAddr,
)

from wifi_manager.gateway.names.advertisement import Advertised, Schedule, advertisement, is_solicitation

MAC = bytes.fromhex("0299ff000001")
API = "https://wifi.city.example/captive-portal/api"
TOLD = Advertised("br-lan", IPv6Interface("2001:db8:0:63::1/64"), API)
SOLICITATION = bytes.fromhex("8500000000000000")
LINK_ADDRESS = bytes.fromhex("0101029900000001")


def read(*, leaving: bool = False) -> ICMPv6ND_RA:
    return ICMPv6ND_RA(advertisement(TOLD, MAC, leaving=leaving))


def always_the_most(_: float, most: float) -> float:
    return most


def test_scapy_reads_the_prefix_the_resolver_and_the_captive_portal():
    told = read()

    assert (told.M, told.O, told.chlim, told.routerlifetime) == (0, 1, 64, 5400)
    prefix = told[ICMPv6NDOptPrefixInfo]
    assert (prefix.prefix, prefix.prefixlen, prefix.L, prefix.A) == ("2001:db8:0:63::", 64, 1, 1)
    assert (prefix.validlifetime, prefix.preferredlifetime) == (7200, 5400)
    resolver = told[ICMPv6NDOptRDNSS]
    assert (resolver.dns, resolver.lifetime) == (["2001:db8:0:63::1"], 5400)
    assert told[ICMPv6NDOptCaptivePortal].URI.rstrip(b"\0") == API.encode()
    assert told[ICMPv6NDOptSrcLLAddr].lladdr == "02:99:ff:00:00:01"


@pytest.mark.parametrize("length", range(20, 30))
def test_the_captive_portal_option_is_filled_to_eight_bytes_with_nothing_behind_it(length):
    url = "https://w.example/".ljust(length, "a")
    told = advertisement(Advertised("br-lan", TOLD.address, url), MAC)
    option = told[told.index(url.encode()) - 2 :]

    assert option[0] == 37
    assert len(option) == option[1] * 8
    assert option[2:].rstrip(b"\0") == url.encode()
    assert len(option) - len(url) - 2 < 8


def test_who_leaves_is_no_router_and_no_resolver_and_its_prefix_is_for_nothing_new():
    told = read(leaving=True)

    assert (told.routerlifetime, told[ICMPv6NDOptRDNSS].lifetime) == (0, 0)
    assert told[ICMPv6NDOptPrefixInfo].preferredlifetime == 0


def test_a_solicitation_is_taken_with_and_without_a_link_address():
    assert is_solicitation(SOLICITATION, 255, from_nowhere=True)
    assert is_solicitation(SOLICITATION + LINK_ADDRESS, 255, from_nowhere=False)


@pytest.mark.parametrize(
    ("message", "hop_limit", "from_nowhere"),
    [
        pytest.param(SOLICITATION, 254, False, id="from beyond a router"),
        pytest.param(SOLICITATION[:7], 255, False, id="too short"),
        pytest.param(b"\x86" + SOLICITATION[1:], 255, False, id="another message"),
        pytest.param(b"\x85\x01" + SOLICITATION[2:], 255, False, id="another code"),
        pytest.param(SOLICITATION + b"\x01\x00" + bytes(6), 255, False, id="an option without length"),
        pytest.param(SOLICITATION + LINK_ADDRESS[:-1], 255, False, id="an option cut off"),
        pytest.param(SOLICITATION + b"\x01", 255, False, id="half an option"),
        pytest.param(SOLICITATION + LINK_ADDRESS, 255, True, id="a link address without an address"),
    ],
)
def test_what_is_no_valid_solicitation_is_not_answered(message, hop_limit, from_nowhere):
    assert not is_solicitation(message, hop_limit, from_nowhere=from_nowhere)


def test_the_first_three_to_all_come_soon_and_the_others_four_to_six_times_an_hour():
    schedule = Schedule(1000.0, always_the_most)
    moments = []
    for _ in range(6):
        moments.append(schedule.due)
        schedule.sent(schedule.due)

    assert [later - sooner for sooner, later in itertools.pairwise(moments)] == [16, 16, 16, 900, 900]


def test_a_phone_with_an_address_is_answered_alone_and_one_without_by_one_to_all_within_half_a_second():
    schedule = Schedule(1000.0, always_the_most)
    schedule.sent(1000.0)

    assert schedule.may_answer_alone(1010.0, from_nowhere=False)
    assert schedule.due == 1016.0
    assert not schedule.may_answer_alone(1010.0, from_nowhere=True)
    assert schedule.due == 1010.5


def test_two_to_all_are_three_seconds_apart_whoever_asks():
    schedule = Schedule(1000.0, always_the_most)
    schedule.sent(1000.0)

    assert not schedule.may_answer_alone(1000.1, from_nowhere=True)
    assert schedule.due == 1003.0


def test_a_crowd_that_asks_is_answered_by_one_to_all():
    schedule = Schedule(1000.0, always_the_most)
    schedule.sent(1000.0)

    alone = [schedule.may_answer_alone(1005.0 + number / 1000, from_nowhere=False) for number in range(500)]

    assert alone == [True] * 50 + [False] * 450
    assert schedule.due < 1005.6
    assert schedule.may_answer_alone(1006.0, from_nowhere=False)
