"""How full the address pools are, as dnsmasq's file of leases says."""

from dataclasses import replace
from ipaddress import IPv4Address

from prometheus_client import CollectorRegistry, generate_latest

from wifi_manager.gateway.names import pools

NOW = 1_780_000_000


def test_leases_that_have_not_ended_are_counted_by_network_and_no_phone_is_told(settings, tmp_path):
    network = replace(settings.networks[0], dhcp_first=IPv4Address("10.1.0.10"), dhcp_last=IPv4Address("10.1.1.9"))
    empty, registry = replace(network, name="staff"), CollectorRegistry()
    pools.lease_file(tmp_path, network).write_text(
        f"{NOW + 60} 02:00:5e:10:00:01 10.1.0.10 phone *\n"
        f"{NOW - 60} 02:00:5e:10:00:02 10.1.0.11 * *\n"
        "0 02:00:5e:10:00:03 10.1.0.12 * *\n"
        "duid 00:01:00:01:2c:aa\n",
        encoding="ascii",
    )
    pools.watch([network, empty], tmp_path, registry, lambda: NOW)
    text = generate_latest(registry).decode()
    assert f'wifi_gateway_dhcp_addresses{{network="{network.name}"}} 256.0' in text
    assert f'wifi_gateway_dhcp_leases{{network="{network.name}"}} 2.0' in text
    assert 'wifi_gateway_dhcp_leases{network="staff"} 0.0' in text
    assert not [private for private in ("5e:10", "10.1.0", "phone") if private in text]
