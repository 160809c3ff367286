"""What the city's processes say when something is wrong with them, with sign-ins, vouchers or the map."""

from tests.prometheus.alarms import Case
from tests.prometheus.cases_access_points import info

CITY = {"city": "haneul"}
UP = 'up{job="wifi-fleet",instance="a:8003"}'
DATABASE = 'wifi_database_up{instance="a:8003"}'
AREA = (
    'wifi_coverage_area_ratio{city="haneul",district="River",site_kind="",band="any",quality="usable",'
    'source="predicted"}'
)
AREA_LABELS = {"city": "haneul", "district": "River", "band": "any", "quality": "usable", "source": "predicted"}
SUBMITTED = 'wifi_sign_in_stages_total{city="haneul",stage="submitted"}'
UNUSED = 'wifi_vouchers{city="haneul",status="unused"}'

POOL = 'wifi_gateway_dhcp_addresses{instance="gw-1",network="guests"}'
LENT = 'wifi_gateway_dhcp_leases{instance="gw-1",network="guests"}'


def gateways(status: str) -> str:
    return f'wifi_gateways{{city="haneul",status="{status}"}}'


def bucket(le: str) -> str:
    return f'wifi_sign_in_seconds_bucket{{city="haneul",le="{le}"}}'


def failures(reason: str) -> str:
    return f'wifi_sign_in_failures_total{{city="haneul",reason="{reason}"}}'


CASES = [
    Case(
        "ExporterAway", {DATABASE: "1x10 stale"}, "13m", "15m", {},
        "The exporter is away: nothing is known about the fleet.",
        {"it says that the database is away": {DATABASE: "1x10 0x60"}},
    ),
    Case(
        "TargetAway", {UP: "1x10 0x60"}, "14m", "17m", {"job": "wifi-fleet", "instance": "a:8003"},
        "Prometheus does not get wifi-fleet from a:8003.",
        {"it comes back": {UP: "1x10 0x3 1x60"}, "it is an access point's own": {UP: "", 'up{job="wifi-access-points",instance="b:9100"}': "0x60"}},
    ),
    Case(
        "DatabaseAway", {DATABASE: "1x10 0x60"}, "11m", "13m", {"instance": "a:8003"}, "The database does not answer.",
        {"it answers": {DATABASE: "1x60"}},
    ),
    Case(
        "CollectorStopped", {**info("AP-1"), **info("AP-2"), 'wifi_ap_up{ap="AP-1"}': "1x10 stale"}, "14m", "17m", CITY,
        "haneul: 100% of the access points were not looked at for ten minutes.",
        {"half of them were": {'wifi_ap_up{ap="AP-1"}': "1x60"}, "all are down": {'wifi_ap_up{ap="AP-1"}': "0x60", 'wifi_ap_up{ap="AP-2"}': "0x60"}},
    ),
    Case(
        "LooksWait", {"wifi_poll_queue_depth": "0x10 7x60"}, "24m", "27m", {},
        "7 access points wait for a look, and have for ten minutes.",
        {"all of them begin now and then": {"wifi_poll_queue_depth": "0x10 7x5 0x1 7x20"}},
    ),
    Case(
        "GatewaysSilent", {gateways("silent"): "0x10 2x60"}, "14m", "17m", {"status": "silent", **CITY},
        "2 gateways of haneul say nothing.",
        {"none is": {gateways("silent"): "0x60"}, "one is not enrolled yet": {gateways("silent"): "", gateways("not_enrolled"): "3x60"}},
    ),
    Case(
        "GatewaysBehind", {gateways("behind"): "0x10 1x60"}, "14m", "17m", {"status": "behind", **CITY},
        "1 gateways of haneul do not enforce what is wanted.",
        {"it catches up": {gateways("behind"): "0x10 1x3 0x60"}},
    ),
    Case(
        "AddressPoolFull",
        {LENT: "100x10 190x60", POOL: "200x70"},
        "19m",
        "22m",
        {"instance": "gw-1", "network": "guests"},
        "gw-1 has lent 95% of the addresses of its network guests.",
        {"a tenth is left": {LENT: "180x70"}},
    ),
    Case(
        "SignInsFail", {SUBMITTED: "0+10x60", failures("database"): "0+2x60"}, "3m", "30m", CITY,
        "haneul: 20% of the sign-ins fail.",
        {"one of thirty does": {failures("database"): "0+0.33x60"}, "hardly anybody tries": {SUBMITTED: "0+1x60"}},
    ),
    Case(
        "SignInsSlow", {bucket("0.5"): "0+5x60", bucket("2.0"): "0+10x60", bucket("+Inf"): "0+10x60"}, "14m", "30m", CITY,
        "haneul: one sign-in of twenty takes more than 1.85s.",
        {"nearly all are quick": {bucket("0.5"): "0+9.9x60"}},
    ),
    Case(
        "VouchersRunOut", {UNUSED: "400-2x200"}, "1h", "30h", {"status": "unused", **CITY},
        "haneul: no unused vouchers will be left within three days.",
        {
            "there are many": {UNUSED: "90000-2x200"},
            "the city has none": {UNUSED: "0x200"},
        }, "15m",
    ),
    Case(
        "CoverageMapOld", {'wifi_coverage_computed_timestamp_seconds{city="haneul"}': "0x200"}, "60m", "90m", CITY,
        "The coverage map of haneul is 1h 30m 0s old.",
        {"it is computed every ten minutes": {'wifi_coverage_computed_timestamp_seconds{city="haneul"}': "0+60x200"}},
    ),
    Case(
        "CoverageHole", {AREA: "0.8x60 0.7x200"}, "70m", "80m", AREA_LABELS,
        "River has lost 10% of its area since the best map of the week.",
        {"it has grown": {AREA: "0.7x60 0.8x200"}, "it is of one kind of site": {AREA: "", AREA.replace('kind=""', 'kind="bus"'): "0.8x60 0.7x200"}},
    ),
]  # fmt: skip
