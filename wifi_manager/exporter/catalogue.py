"""Every family of an access point: its name, its words, where its value comes from, and which cities read it."""

from collections.abc import Callable, Iterable, Sequence

from wifi_manager.domain.observations import PositionReading
from wifi_manager.exporter.points import Point
from wifi_manager.exporter.radio_catalogue import OF_RADIOS
from wifi_manager.exporter.series import Sample, Series, Tier, Value, of_description, of_point, of_samples
from wifi_manager.exporter.texts import escaped
from wifi_manager.metrics import Family

RESULTS = ("success", "auth_rejected", "assoc_rejected", "timeout")  # of an association
_MILLISECONDS, _MICROSECONDS, _METERS = 3, 6, 6  # decimals; degrees of a position to a tenth of a meter
_INFO = Family(
    "wifi_ap_info",
    "gauge",
    "1 for each managed access point, with where it stands and what it is: join on ap. No geohash: it moves, or has "
    "no place in the list; vendor is the first word of the model.",
    ("ap", "city", "district", "site", "site_kind", "vendor", "model", "firmware", "geohash"),
)


def _info(point: Point) -> str:
    named = zip(_INFO.labels[1:], point.info(), strict=True)
    return "".join(f',{name}="{escaped(value)}"' for name, value in named)


def _last_seen(point: Point) -> Value:
    return None if point.member.last_seen_at is None else point.member.last_seen_at.timestamp()


def _associations(point: Point) -> Iterable[Sample]:
    counted = point.readings.associations
    return [(f'{point.labels},result="{result}"', counted.get(result, 0)) for result in RESULTS] if counted else []


def _of_position(family: Family, value: Callable[[PositionReading], Value], decimals: int) -> Series:
    def of_point_there(point: Point) -> Value:
        position = point.last_readings.position
        return None if position is None else value(position)

    return of_point(family, of_point_there, Tier.CORE, decimals)


_STANDING = (
    of_description(_INFO, _info),
    of_point(
        Family(
            "wifi_ap_up",
            "gauge",
            "1 if the last look reached the access point, 0 if not; none after ten minutes without a look.",
            ("ap",),
        ),
        lambda point: point.up,
        Tier.CORE,
    ),
    of_point(
        Family("wifi_ap_maintenance", "gauge", "1 while a maintenance window of its site is open, else 0.", ("ap",)),
        lambda point: point.standing.is_maintained,
    ),
    of_point(
        Family("wifi_ap_last_seen_timestamp_seconds", "gauge", "When the access point last answered.", ("ap",)),
        _last_seen,
        Tier.CORE,
        _MILLISECONDS,
    ),
    of_point(
        Family("wifi_ap_boot_timestamp_seconds", "gauge", "When the access point started, to the second.", ("ap",)),
        lambda point: point.booted_at,
        Tier.CORE,
    ),
    of_point(
        Family("wifi_ap_config_in_sync", "gauge", "1 while it runs what was last committed, 0 while not.", ("ap",)),
        lambda point: point.in_sync,
    ),
)
_SYSTEM = (
    of_point(
        Family("wifi_ap_poll_duration_seconds", "gauge", "How long the last look took.", ("ap",)),
        lambda point: point.readings.poll_seconds,
        decimals=_MILLISECONDS,
    ),
    of_point(
        Family("wifi_ap_cpu_busy_ratio", "gauge", "Part of the time that its processor worked.", ("ap",)),
        lambda point: point.readings.cpu_busy_ratio,
        decimals=4,
    ),
    of_point(
        Family("wifi_ap_memory_available_bytes", "gauge", "Memory that programs may still have.", ("ap",)),
        lambda point: point.readings.memory_available_bytes,
    ),
    of_point(
        Family("wifi_ap_temperature_celsius", "gauge", "Of the device, where it tells one.", ("ap",)),
        lambda point: point.readings.temperature_celsius,
        decimals=1,
    ),
)
_UPLINK = (
    of_point(
        Family("wifi_ap_uplink_rtt_seconds", "gauge", "Round trip from the access point to its gateway.", ("ap",)),
        lambda point: point.readings.uplink.rtt_seconds,
        Tier.CORE,
        _MICROSECONDS,
    ),
    of_point(
        Family("wifi_ap_uplink_probes", "counter", "Probes that it sent up its uplink.", ("ap",)),
        lambda point: point.readings.uplink.probes,
        Tier.CORE,
    ),
    of_point(
        Family("wifi_ap_uplink_probes_lost", "counter", "Those that nobody answered.", ("ap",)),
        lambda point: point.readings.uplink.probes_lost,
        Tier.CORE,
    ),
    of_point(
        Family("wifi_ap_uplink_receive_bytes", "counter", "Bytes that came down its uplink.", ("ap",)),
        lambda point: point.readings.uplink.receive_bytes,
        Tier.CORE,
    ),
    of_point(
        Family("wifi_ap_uplink_transmit_bytes", "counter", "Bytes that went up its uplink.", ("ap",)),
        lambda point: point.readings.uplink.transmit_bytes,
        Tier.CORE,
    ),
)
_JOINING = (
    of_samples(
        Family(
            "wifi_ap_associations",
            "counter",
            "Devices that wanted in: success, auth_rejected, assoc_rejected or timeout.",
            ("ap", "result"),
        ),
        _associations,
    ),
    of_point(
        Family("wifi_ap_dhcp_requests", "counter", "Addresses that devices asked for through it.", ("ap",)),
        lambda point: point.readings.dhcp_requests,
    ),
    of_point(
        Family("wifi_ap_dhcp_failures", "counter", "Those that were not given.", ("ap",)),
        lambda point: point.readings.dhcp_failures,
    ),
)
_PLACE = (
    _of_position(
        Family("wifi_ap_latitude_degrees", "gauge", "Where a bus last was (WGS 84).", ("ap",)),
        lambda position: position.latitude,
        _METERS,
    ),
    _of_position(
        Family("wifi_ap_longitude_degrees", "gauge", "Where a bus last was (WGS 84).", ("ap",)),
        lambda position: position.longitude,
        _METERS,
    ),
    _of_position(
        Family("wifi_ap_position_timestamp_seconds", "gauge", "When the bus was there.", ("ap",)),
        lambda position: position.at.timestamp(),
        _MILLISECONDS,
    ),
    _of_position(
        Family("wifi_ap_speed_meters_per_second", "gauge", "How fast the bus was there.", ("ap",)),
        lambda position: position.speed,
        1,
    ),
)
CATALOGUE = (*_STANDING, *_SYSTEM, *_UPLINK, *_JOINING, *_PLACE, *OF_RADIOS)


def chosen(tier: Tier) -> Sequence[Series]:
    """The families of a tier; full has those of core too."""
    return [each for each in CATALOGUE if tier is Tier.FULL or each.tier is Tier.CORE]
