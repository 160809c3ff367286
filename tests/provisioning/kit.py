"""Intents, orders and drivers for tests, and what must be true of an access point's files at any moment."""

import contextlib
import ipaddress
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from provisioning.config_files import MANAGED, ConfigFiles
from provisioning.driver import Standing
from provisioning.drivers.openwrt import OpenWrtDriver
from provisioning.link import Unreachable
from provisioning.push import PushOrder
from provisioning.rendering import render
from provisioning.transport import SshLink, TimeLimits, load_client_key
from tests.lab.access_point import LabAccessPoint
from wifi_manager.clock import SystemClock
from wifi_manager.domain.access_points import Band, Management
from wifi_manager.domain.intent import Intent, ManagementLine
from wifi_manager.domain.intent_networks import Open, WirelessNetwork
from wifi_manager.domain.intent_radios import RadioIntent

KEY = "a-secret-passphrase-for-the-air"
UNREACHABLE = "10.66.66.66/24"  # no part of the lab's network
QUICK = TimeLimits(connect=4.0, handshake=20.0, answer=30.0)


def a_network(**fields: Any) -> WirelessNetwork:
    default = {"name": "visitors", "ssid": "City Wi-Fi", "security": Open(), "radios": ("radio0",)}
    return WirelessNetwork(**{**default, **fields})


def an_intent_text(address: str, *, band: str = "2.4", **network: str) -> str:
    """The same as city IT types it: one radio, and one network with what is given."""
    said = "".join(f'{name} = "{value}"\n' for name, value in network.items())
    return f"""
hostname = "park-01"
[management]
address = "{address}"
[[radios]]
name = "radio0"
band = "{band}"
country = "KR"
[[networks]]
{said}radios = ["radio0"]
"""


def an_intent(address: str = "192.168.77.10/24", *networks: WirelessNetwork, **fields: Any) -> Intent:
    default = {
        "hostname": "park-01",
        "management": ManagementLine(ipaddress.ip_interface(address)),
        "radios": (RadioIntent("radio0", Band.GHZ_2_4, "KR", 6), RadioIntent("radio1", Band.GHZ_6, "KR", 5, 160)),
        "networks": networks or (a_network(),),
    }
    return Intent(**{**default, **fields})


def an_order(ap: LabAccessPoint, revision: str, *networks: WirelessNetwork, **fields: Any) -> PushOrder:
    """An order that leaves the access point where it is, unless `address` says otherwise."""
    address, seconds = fields.pop("address", str(ap.interface)), fields.pop("undo_seconds", 30)
    return PushOrder("park-01", revision, render(an_intent(address, *networks, **fields)), timedelta(seconds=seconds))


def link_of(ap: LabAccessPoint, host: str | None = None) -> SshLink:
    where = Management(host or ap.address, ap.port, ap.user, ap.host_key_fingerprint)
    return SshLink(where, load_client_key(ap.client_key), QUICK)


def driver_of(ap: LabAccessPoint, host: str | None = None) -> OpenWrtDriver:
    return OpenWrtDriver(link_of(ap, host), SystemClock(), settle_seconds=1)


OWNED = ("etc/banner", "etc/config/dhcp", "etc/config/network", "etc/config/system", "etc/config/wireless", MANAGED)


def files_of(ap: LabAccessPoint) -> dict[str, bytes]:
    """The files that a push may own, as they lie on the access point now."""
    found = {}
    for name in OWNED:
        with contextlib.suppress(FileNotFoundError):
            found[name] = ap.read_bytes(name)
    return found


def has(ap: LabAccessPoint, config: ConfigFiles | Mapping[str, bytes]) -> bool:
    """True where the access point has exactly these of the files that a push owns: nothing mixed, nothing left over."""
    return files_of(ap) == dict(config.content if isinstance(config, ConfigFiles) else config)


def until_it_stands(driver: OpenWrtDriver, right: Callable[[Standing], bool]) -> None:
    """Wait until the access point answers that it stands so: while its network is reloaded it does not answer."""

    def is_right() -> bool:
        with contextlib.suppress(Unreachable):
            return right(driver.standing())
        return False

    until(is_right)


def until(true: Callable[[], bool], seconds: float = 40) -> None:
    """Wait until it is true; at most `seconds`."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not become true in time"
        time.sleep(0.1)
