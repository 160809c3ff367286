"""What the check says of a machine's kernel settings: read from a folder like /proc/sys."""

import pytest

from wifi_manager.gateway.checking import limits
from wifi_manager.gateway.checking.box import Box
from wifi_manager.gateway.checking.findings import Severity

ROUTE = "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"


@pytest.fixture
def box_with(tmp_path):
    """A box with these kernel settings and this number of default routes."""

    def make(settings: dict[str, int], default_routes: int = 1) -> Box:
        for key, value in settings.items():
            path = tmp_path / "sys" / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{value}\n")
        (tmp_path / "net").mkdir(exist_ok=True)
        (tmp_path / "net" / "route").write_text("Iface\tDestination\n" + ROUTE * default_routes)
        return Box(tmp_path)

    return make


@pytest.mark.parametrize(
    ("ipv4", "ipv6", "loaded", "severity", "mend"),
    [
        (1, 1, True, Severity.GOOD, ""),
        (0, 0, False, Severity.GOOD, ""),
        (1, 0, False, Severity.WRONG, "wifi-manager gateway rules"),
        (0, 1, False, Severity.WRONG, "wifi-manager gateway rules"),
        (0, 0, True, Severity.WRONG, "systemctl restart wifi-manager-gateway"),
        (1, 0, True, Severity.WRONG, "systemctl restart wifi-manager-gateway"),
        (1, 1, None, Severity.UNKNOWN, ""),
    ],
)
def test_forwarding_without_rules_and_rules_without_forwarding_are_wrong(
    box_with, ipv4, ipv6, loaded, severity, mend
):
    box = box_with({"net/ipv4/ip_forward": ipv4, "net/ipv6/conf/all/forwarding": ipv6})

    found = limits.forwarding(box, has_ipv6=True, rules_loaded=loaded)

    assert (found.severity, found.mend) == (severity, mend)


def test_a_neighbour_table_smaller_than_the_pool_is_wrong_and_mended_for_both_families(box_with):
    small = {f"net/ipv{version}/neigh/default/gc_thresh3": 1024 for version in (4, 6)}

    found = list(limits.neighbours(box_with(small), devices=5000, has_ipv6=True))

    assert [each.severity for each in found] == [Severity.WRONG, Severity.WRONG]
    assert "net/ipv4/neigh/default/gc_thresh3=8192 " in found[0].mend
    assert "net/ipv6/neigh/default/gc_thresh3=32768 " in found[1].mend


def test_a_neighbour_table_for_everybody_is_good_and_one_that_is_not_seen_is_unknown(box_with):
    large = {"net/ipv4/neigh/default/gc_thresh3": 8192}

    def found(*, has_ipv6: bool) -> list[Severity]:
        return [each.severity for each in limits.neighbours(box_with(large), devices=5000, has_ipv6=has_ipv6)]

    assert found(has_ipv6=True) == [Severity.GOOD, Severity.UNKNOWN]
    assert found(has_ipv6=False) == [Severity.GOOD]


@pytest.mark.parametrize(
    ("drawn", "loaded", "severity"), [(True, True, "good"), (False, True, "wrong"), (False, None, "good")]
)
def test_rules_that_a_flush_would_leave_open_are_wrong(drawn, loaded, severity):
    assert limits.second_line(drawn=drawn, rules_loaded=loaded).severity == severity


@pytest.mark.parametrize(
    ("most", "now", "severity"),
    [
        (262_144, 10, Severity.GOOD),
        (65_536, 10, Severity.WARNING),
        (16_384, 10, Severity.WRONG),
        (262_144, 250_000, Severity.WARNING),
    ],
)
def test_the_connection_table_is_large_enough_for_the_pool_and_not_full(box_with, most, now, severity):
    settings = {"nf_conntrack_max": most, "nf_conntrack_count": now, "nf_conntrack_buckets": most}
    box = box_with({f"net/netfilter/{key}": value for key, value in settings.items()})

    (found,) = limits.connections(box, devices=10_000)

    assert found.severity is severity
    assert ("nf_conntrack_max=" in found.mend) == (severity is not Severity.GOOD)


def test_few_buckets_for_many_connections_are_a_warning(box_with):
    box = box_with({"net/netfilter/nf_conntrack_max": 1_000_000, "net/netfilter/nf_conntrack_buckets": 16_384})

    assert [each.severity for each in limits.connections(box, devices=100)] == [Severity.GOOD, Severity.WARNING]


@pytest.mark.parametrize(("strict", "routes", "severity"), [(1, 1, "good"), (1, 2, "warning"), (2, 2, "good")])
def test_a_strict_reverse_path_is_a_warning_where_two_ways_lead_to_the_internet(box_with, strict, routes, severity):
    settings = {"net/ipv4/conf/wan.7/rp_filter": strict, "net/ipv4/conf/all/rp_filter": 0}

    assert limits.return_paths(box_with(settings, routes), "wan.7").severity == severity


def test_bridged_packets_that_pass_the_routers_rules_are_a_warning(box_with):
    assert limits.bridged_packets(box_with({"net/bridge/bridge-nf-call-iptables": 0})).severity is Severity.GOOD

    found = limits.bridged_packets(box_with({"net/bridge/bridge-nf-call-ip6tables": 1}))

    assert found.severity is Severity.WARNING
    assert "net/bridge/bridge-nf-call-ip6tables=0 " in found.mend
