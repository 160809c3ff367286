import dataclasses
import ipaddress
import sys

import pytest

from wifi_manager.domain.errors import Forbidden
from wifi_manager.gateway.rules.operators_way import OperatorsWay, is_kept, refuse_to_lock_out
from wifi_manager.gateway.settings import Management

OFFICE = Management(
    ("mgmt",), (ipaddress.ip_network("192.0.2.0/28"), ipaddress.ip_network("2001:db8:aa::/48")), (22,)
)


def way(client, interface="wan", port=22):
    return OperatorsWay(ipaddress.ip_address(client), port, interface)


@pytest.fixture
def managed(settings):
    return dataclasses.replace(settings, management=OFFICE)


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        (way("192.0.2.9"), True),
        (way("2001:db8:aa::9"), True),
        (way("203.0.113.9", "mgmt"), True),
        (way("127.0.0.1", "lo"), True),
        (way("203.0.113.9"), False),
        (way("2001:db8:bb::9"), False),
        (way("192.0.2.9", port=2222), False),
        (way("192.0.2.9", "br-lan"), False),
    ],
)
def test_a_connection_is_kept_where_the_rules_admit_it(managed, found, kept):
    assert is_kept(managed, found) is kept


def test_a_refusal_says_what_is_lacking(managed):
    with pytest.raises(Forbidden, match=r'needs "203.0.113.9" in its addresses or "wan" in its interfaces and 2222'):
        refuse_to_lock_out(managed, way("203.0.113.9", port=2222))


def test_who_did_not_come_over_ssh_is_not_asked(managed):
    refuse_to_lock_out(managed, None)


@pytest.mark.root
@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("127.0.0.1 50000 127.0.0.1 22", way("127.0.0.1", "lo")),
        ("::ffff:127.0.0.1 50000 ::ffff:127.0.0.1 22", way("127.0.0.1", "lo")),
        ("fe80::1%mgmt0 50000 fe80::2%mgmt0 2222", way("fe80::1", "mgmt0", 2222)),
    ],
)
def test_the_own_connection_is_found_in_a_process_above_too(bare_gateway, variable, expected):
    script = "from wifi_manager.gateway.rules.operators_way import own_way; print(repr(own_way()))"
    clean = ["env", "-u", "SSH_CONNECTION", sys.executable, "-c", script]
    shell = ["env", f"SSH_CONNECTION={variable}", "sh", "-c", '"$@"; true', "sh", *clean]

    assert bare_gateway.check(shell).strip() == repr(expected)
