"""Kinds of access points: how an intent is rendered for each, and what enrolment puts on it. The inventory knows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from provisioning import linux_rendering, rendering
from provisioning.config_files import ConfigFiles
from provisioning.driver import Facts, Looker
from provisioning.drivers.helper_driver import HelperDriver
from provisioning.drivers.linux_hostapd import LinuxHostapdDriver
from provisioning.drivers.openwrt import OpenWrtDriver
from provisioning.drivers.routeros import ROUTEROS
from provisioning.drivers.unifi import UNIFI
from provisioning.drivers.vendor_driver import Told, Vendor, VendorDriver
from provisioning.link import Link
from provisioning.sharing import Making, at_once
from wifi_manager.clock import Clock
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent import Intent
from wifi_manager.shipped import configs

OPENWRT = "openwrt"
LINUX = "linux"
WATCHED: Mapping[str, Vendor] = {"routeros": ROUTEROS, "unifi": UNIFI}  # nothing is put on these, and nothing changed


@dataclass(frozen=True, slots=True)
class Platform:
    """One kind. `own_files` are those of the helper beside `prov` itself, in the platform's folder of `configs`."""

    render: Callable[[Intent, Making], ConfigFiles]
    driver: type[HelperDriver]
    own_files: tuple[str, ...]


PLATFORMS: Mapping[str, Platform] = {
    OPENWRT: Platform(rendering.render, OpenWrtDriver, ("platform", "S11prov")),
    LINUX: Platform(linux_rendering.render, LinuxHostapdDriver, ("platform", "prov.service", "prov-air.service")),
}


def platform_of(name: str) -> Platform:
    """The platform of this name in the inventory; OpenWrt where none is known yet.

    Raises BadInput for an unknown one, and for one whose access points are watched alone.
    """
    if name in WATCHED:
        raise BadInput(
            f"Access points of the platform {name!r} are watched and not configured. Make this change in the system "
            "of their vendor."
        )
    try:
        return PLATFORMS[name or OPENWRT]
    except KeyError:
        known = ", ".join(PLATFORMS)
        raise BadInput(f"There is no driver for the platform {name!r}; known: {known}. Enrol it again.") from None


def looker(name: str, link: Link, clock: Clock) -> Looker:
    """Who looks at an access point of this platform: all that have our helper answer alike."""
    return VendorDriver(WATCHED[name], link, clock) if name in WATCHED else HelperDriver(link, clock)


def enrolled(name: str, link: Link, clock: Clock) -> Facts | Told:
    """What an access point says of itself once it can be looked at: for that our helper is put on it, where it may.

    Raises what `link.Link.run` raises, BadInput, Refused and Garbled.
    """
    if name in WATCHED:
        return VendorDriver(WATCHED[name], link, clock).ask()
    return platform_of(name).driver(link, clock).enrol(helper_of(name))


def render(intent: Intent, platform: str, made: Making = at_once) -> ConfigFiles:
    """All files that an access point of this platform shall have. Raises BadInput for what it cannot do."""
    return platform_of(platform).render(intent, made)


def helper_of(name: str) -> dict[str, bytes]:
    """The files that enrolment puts on an access point of this platform."""
    folder = configs() / "access_points"
    own = {each: (folder / name / each).read_bytes() for each in platform_of(name).own_files}
    return {"prov": (folder / "prov").read_bytes(), **own}
