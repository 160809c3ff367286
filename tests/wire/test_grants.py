import ipaddress
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.blocks import Block
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.grants import Arrival, Cause, Ended, Grant, Usage
from wifi_manager.domain.openings import Opening
from wifi_manager.domain.passes import PassPolicy
from wifi_manager.wire.grants import (
    GrantChanges,
    GrantList,
    answer_from_json,
    answer_to_json,
    changes_to_json,
    grants_from_json,
    grants_to_json,
)
from wifi_manager.wire.reports import Report, report_from_json, report_to_json

NOW = datetime(2030, 6, 3, 12, 0, tzinfo=UTC)
MAC = MacAddress.parse("02:00:5e:10:00:01")
ADDRESS = ipaddress.ip_address("10.0.0.7")
GRANT = Grant("v-1", 7, MAC, ADDRESS, NOW + timedelta(hours=1), down_bps=10_000_000, up_bps=None, volume_bytes=5)

COUNTS = st.integers(0, 2**63 - 1)  # what a database's column holds
LIMITS = st.none() | COUNTS
IDS = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1)  # printable
MOMENTS = st.datetimes(timezones=st.just(UTC))
DEVICES = st.binary(min_size=6, max_size=6).map(MacAddress)
GRANTS = st.builds(
    Grant,
    visit=IDS,
    number=st.integers(1, 2**32 - 1),
    device=DEVICES,
    address=st.ip_addresses(),
    expires_at=MOMENTS,
    down_bps=LIMITS,
    up_bps=LIMITS,
    volume_bytes=LIMITS,
    up_volume_bytes=LIMITS,
    down_volume_bytes=LIMITS,
    idle_seconds=LIMITS,
    may_extend=st.booleans(),
)
BLOCKS = st.builds(Block, DEVICES, st.none() | MOMENTS)
OPENINGS = st.builds(Opening, DEVICES, MOMENTS)
HOSTS = ("id.example", "login.id.example")
POLICIES = st.builds(PassPolicy, *[COUNTS] * 5)
ENDED = st.builds(Ended, IDS, st.sampled_from(Cause))
ARRIVALS = st.builds(Arrival, DEVICES, st.ip_addresses(), IDS)
USAGES = st.builds(Usage, IDS, COUNTS, COUNTS)


@given(
    st.integers(0, 2**40),
    st.lists(GRANTS, max_size=5),
    MOMENTS,
    st.lists(BLOCKS, max_size=3),
    st.none() | POLICIES,
    st.lists(OPENINGS, max_size=3),
)
def test_grants_arrive_as_they_were_sent(revision, grants, now, blocked, policy, openings):
    answer = GrantList(revision, tuple(grants), now, tuple(blocked), policy, tuple(openings), HOSTS)

    assert answer_from_json(json.loads(json.dumps(grants_to_json(answer)))) == answer


@given(
    COUNTS,
    st.lists(GRANTS, max_size=5),
    st.lists(COUNTS, max_size=5),
    MOMENTS,
    st.lists(BLOCKS),
    POLICIES,
    st.lists(OPENINGS, max_size=3),
)
def test_changes_arrive_as_they_were_sent(base, grants, gone, now, blocked, policy, openings):
    told = (tuple(blocked), policy, tuple(openings), HOSTS)
    answer = GrantChanges(base, base, tuple(grants), tuple(gone), now, *told)

    assert answer_from_json(json.loads(json.dumps(changes_to_json(answer)))) == answer


def test_what_a_gateway_has_kept_since_before_there_were_extensions_is_read():
    kept = json.loads(json.dumps(grants_to_json(GrantList(1, (GRANT,), NOW))))
    del kept["grants"][0]["may_extend"]
    assert grants_from_json(kept).grants == (GRANT,)


def test_a_list_after_changes_has_what_came_and_changed_and_not_what_went():
    first, second, third = (replace(GRANT, visit=f"v-{n}", number=n) for n in (1, 2, 3))
    policy = PassPolicy(600, 1, 1, 1, 1)
    stays, lifted, new = (Block(MacAddress(bytes(5) + bytes([n]))) for n in range(3))
    faster, again = replace(first, down_bps=9), replace(second, visit="v-22")
    later = NOW + timedelta(seconds=5)

    whole = GrantList(4, (first, second, third), NOW, (stays, lifted)).after(
        GrantChanges(4, 6, (faster, again), (2, 3, 99), later, (replace(lifted, until=NOW), new), policy)
    )

    assert whole == GrantList(6, (faster, again), later, (stays, new), policy)


def test_who_has_no_eid_tells_nothing_of_it_so_that_older_gateways_understand_and_what_they_kept_is_read():
    for answer in (GrantList(1, (GRANT,), NOW), GrantChanges(1, 2, (), (), NOW)):
        body = answer_to_json(answer)
        assert body.keys().isdisjoint({"openings", "eid_hosts"})
        assert answer_from_json(body) == answer


def test_a_list_after_changes_opens_the_eid_to_who_signs_in_now_and_to_nobody_whose_time_is_over():
    later = NOW + timedelta(seconds=5)
    over, closed, new = (Opening(MacAddress(bytes(5) + bytes([n])), later + timedelta(minutes=n)) for n in range(3))

    whole = GrantList(4, (), NOW, openings=(over, closed), eid_hosts=("old.example",)).after(
        GrantChanges(4, 5, (), (), later, openings=(replace(closed, until=NOW), new), eid_hosts=HOSTS)
    )

    assert whole == GrantList(5, (), later, openings=(new,), eid_hosts=HOSTS)


@given(
    st.integers(0, 2**40),
    st.lists(USAGES, max_size=5),
    st.lists(ENDED, max_size=5),
    COUNTS,
    st.lists(ARRIVALS, max_size=5),
)
def test_a_report_arrives_as_it_was_sent(revision, usage, ended, passes, arrivals):
    report = Report(revision, tuple(usage), tuple(ended), passes, tuple(arrivals))

    assert report_from_json(json.loads(json.dumps(report_to_json(report)))) == report


def changed(**fields):
    body = grants_to_json(GrantList(1, (GRANT,), NOW))
    return {**body, "grants": [{**body["grants"][0], **fields}]}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([], "JSON object, not list"),
        ({"version": 2}, "lacks blocked, grants, now, policy, revision"),
        ({**changed(), "extra": 1}, "unknown fields: extra"),
        ({**changed(), "version": 1}, "Update the older one"),
        ({**changed(), "revision": -1}, "revision is a whole number"),
        ({**changed(), "revision": True}, "revision is a whole number"),
        ({**changed(), "grants": {}}, "grants is a list"),
        ({**changed(), "now": "2030-06-03T12:00:00"}, "now needs a time zone"),
        ({**changed(), "now": "noon"}, "now is a moment"),
        ({**changed(), "blocked": [{"device": "02:00:5e:10:00:01"}]}, "block lacks until"),
        ({**changed(), "policy": {"pass_seconds": 1}}, "policy lacks pass_down_bps"),
        ({"base": 1, "version": 2}, "lacks blocked, gone"),
        ({**changed(), "openings": [{"device": "02:00:5e:10:00:01"}]}, "opening lacks until"),
        ({**changed(), "eid_hosts": ["id.example/8.8.8.8"]}, "eid_hosts are domain names"),
        ({**changed(), "eid_hosts": ["id.example\nserver=192.0.2.1"]}, "eid_hosts is a text"),
        (changed(more=1), "unknown fields: more"),
        (changed(visit=""), "visit is a text"),
        (changed(number="7"), "number is a whole number"),
        (changed(device="nobody"), "not a MAC address"),
        (changed(address="10.0.0.300"), "address is an IP address"),
        (changed(down_bps=1.5), "down_bps is a whole number"),
    ],
)
def test_an_answer_that_is_not_understood_is_refused_with_its_field(body, said):
    with pytest.raises(BadInput, match=said):
        answer_from_json(body)


def test_a_report_with_negative_usage_is_refused():
    body = report_to_json(Report(1, (Usage("v-1", 1, 1),)))
    body["usage"][0]["up_bytes"] = -1

    with pytest.raises(BadInput, match="up_bytes"):
        report_from_json(body)


def test_a_report_with_a_reason_that_nobody_knows_is_refused():
    body = {**report_to_json(Report(1, ())), "ended": [{"visit": "v-1", "reason": "bored"}]}

    with pytest.raises(BadInput, match="idle, volume, copied"):
        report_from_json(body)


def test_a_grants_limits_are_told_apart_from_no_limits():
    back = grants_from_json(grants_to_json(GrantList(1, (replace(GRANT, down_bps=0),), NOW)))

    assert (back.grants[0].down_bps, back.grants[0].up_bps) == (0, None)
