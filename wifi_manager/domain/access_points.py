"""Access points and their radios, as the inventory knows them (what runs on them is Intent and Observation)."""

from dataclasses import dataclass
from enum import StrEnum

from wifi_manager.domain.sites import Position, Site


class Band(StrEnum):
    """Frequency band of a radio, IEEE 802.11."""

    GHZ_2_4 = "2.4"
    GHZ_5 = "5"
    GHZ_6 = "6"


class LifeCycle(StrEnum):
    """Where an access point stands between purchase and scrap."""

    REGISTERED = "registered"  # in the inventory; nobody has spoken to it yet
    MANAGED = (
        "managed"  # its host key is pinned, and it is looked at; its configuration is ours unless it is watched alone
    )
    RETIRED = "retired"  # taken down; kept for the record, in no metric and no rollout


@dataclass(frozen=True, slots=True)
class Radio:
    """One transmitter. `channel` 0 means automatic; `eirp_dbm` includes the antenna's gain."""

    name: str  # radio0, radio1 …
    band: Band
    channel: int = 0
    eirp_dbm: float | None = None


@dataclass(frozen=True, slots=True)
class Management:
    """How to reach an access point over SSH. `host_key` is its pinned `SHA256:…` fingerprint."""

    host: str
    port: int
    user: str
    host_key: str


@dataclass(frozen=True, slots=True)
class Managed:
    """A managed access point to whoever looks at it: where it answers, and the key of the driver for it."""

    management: Management
    platform: str = ""


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """One access point. `external_id` is the city's own number for it and unique within the city."""

    external_id: str
    site: Site
    place: str = ""  # where within the site: "main building 1F", "lamp post 14"
    floor: str = ""
    position: Position | None = None
    indoor: bool | None = None
    installed_year: int | None = None
    installer: str = ""
    service: str = ""
    model: str = ""  # as the city's list has it; what is found on the device is domain/hardware.py
    platform: str = ""  # key of the driver, such as "openwrt"; empty while unknown
    life_cycle: LifeCycle = LifeCycle.REGISTERED
    radios: tuple[Radio, ...] = ()
    management: Management | None = None
