"""Settings to the text of dnsmasq's configuration: DHCP and DNS for phones. Pure: nothing is run here."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from wifi_manager.gateway.face.captive_api import API_PATH
from wifi_manager.gateway.rules.declarations import TABLE
from wifi_manager.gateway.settings import GatewaySettings

_LONGEST_URI_BYTES = 255  # RFC 8910, 2.1


def api_url(settings: GatewaySettings) -> str:
    """Where phones ask whether they are online: DHCP option 114 (RFC 8910, 2.1), a name and never an address."""
    return f"https://{settings.face.name}{API_PATH}"[:_LONGEST_URI_BYTES]


def configuration(settings: GatewaySettings, portal_url: str, folder: Path) -> str:
    """The whole of dnsmasq.conf. `folder` is where leases and the process id are kept."""
    return "".join(f"{line}\n" for line in _lines(settings, portal_url, folder))


def _lines(settings: GatewaySettings, portal_url: str, folder: Path) -> Iterator[str]:
    yield "# Made by wifi-manager from gateway.toml; changes here are lost at the next start."
    yield from ("no-resolv", "no-hosts", "no-poll", "domain-needed", "bogus-priv", "edns-packet-max=1232")
    yield f"user={settings.dns.user}"
    yield f"pid-file={folder / 'dnsmasq.pid'}"
    yield from (f"interface={interface}" for interface in settings.lan_interfaces)
    yield from ("except-interface=lo", "bind-dynamic")
    yield from (f"server={server}" for server in settings.dns.servers)
    yield from ("cache-size=10000", "dns-forward-max=1000")
    # A public name that resolves to a private address is an attack on the phone, or breaks its online check.
    yield from ("stop-dns-rebind", f"rebind-domain-ok=/{urlsplit(portal_url).hostname}/")
    yield from (f"interface-name={settings.face.name},{interface}" for interface in settings.lan_interfaces)
    yield from ("localise-queries", f"local=/{settings.face.name}/")
    for domain in settings.garden.domains:
        yield f"nftset=/{domain}/4#inet#{TABLE}#garden4,6#inet#{TABLE}#garden6"
    yield from ("dhcp-authoritative", "quiet-dhcp", "dhcp-lease-max=131072")  # quiet: a log names no phone
    yield f"dhcp-leasefile={folder / 'dnsmasq.leases'}"
    for network in settings.networks:
        own, tag = network.address, f"tag:{network.name}"
        pool = f"{network.dhcp_first},{network.dhcp_last},{own.netmask},{network.lease_seconds}"
        yield f"dhcp-range=set:{network.name},{pool}"
        yield f"dhcp-option={tag},option:router,{own.ip}"
        yield f"dhcp-option={tag},option:dns-server,{own.ip}"
    yield f"dhcp-option=114,{api_url(settings)}"
