"""LANs and the guard's tables for them, as the golden files have them."""

import ipaddress

from wifi_manager.domain.addresses import MacAddress
from wifi_manager.gateway.guard.lan import Lan
from wifi_manager.gateway.guard.ruleset import guard_ruleset

PARK = Lan(
    bridge="br-lan",
    own_macs=(MacAddress.parse("02:99:ff:00:00:01"),),
    own_v4=(ipaddress.IPv4Address("10.99.0.1"),),
    own_v6=(ipaddress.IPv6Address("2001:db8:99::1"), ipaddress.IPv6Address("fe80::99:ffff:fe00:1")),
    pool=16_000,
    lease_seconds=3600,
)
HALL = Lan(
    bridge="br-hall",
    own_macs=(MacAddress.parse("02:99:ff:00:00:02"),),
    own_v4=(ipaddress.IPv4Address("10.98.0.1"),),
    own_v6=(),
    pool=200,
    lease_seconds=86_400,
)
TEXTS = {
    "guard.nft": guard_ruleset([PARK], [], knows_bridges=True),
    "guard-two-lans.nft": guard_ruleset([PARK, HALL], ["eth3", "eth4"], knows_bridges=True),
    "guard-all-bridges.nft": guard_ruleset([PARK, HALL], ["eth3"], knows_bridges=False),
}
