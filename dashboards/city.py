"""The city: what is broken now, where, and how each district does. The page for every morning."""

from dataclasses import replace

from dashboards.model import CITY, Column, Dashboard, Kind, Layer, Panel, Query, Row, Steps
from dashboards.panels import ANY, COVERED, FEW, SHARE_BAD, SHARE_UP, areas, firing, lines, now, stat, table
from dashboards.positions import HEXAGONS, buses

DOWN = 'district:wifi_ap_up:count{city="$city"} - district:wifi_ap_up:sum{city="$city"}'
DOWN_POINTS = (
    "max by (ap, district, site, geohash) ((wifi_ap_up == 0) * on (ap) group_left (district, site, geohash) "
    'wifi_ap_info{city="$city", geohash!=""})'
)


def area(quality: str, district: str = '!=""') -> str:
    """Part of the area of districts that has at least this signal outdoors, as predicted with what is up."""
    return (
        f'wifi_coverage_area_ratio{{city="$city", district{district}, site_kind="", band="any", source="predicted", '
        f'quality="{quality}"}}'
    )


NOW = (
    stat("Access points down", "Without buses, and without places that are worked on.", f"sum({DOWN})", steps=FEW),
    stat(
        "Sites down",
        "Sites none of whose access points answers: mains, switch or uplink.",
        'sum(district:wifi_sites_down:count{city="$city"}) or vector(0)',
        steps=ANY,
    ),
    stat(
        "Gateways silent",
        "They have said nothing for a minute: nobody new gets in there.",
        'sum(wifi_gateways{city="$city", status="silent"})',
        steps=ANY,
    ),
    stat(
        "Sign-ins that fail",
        "Of the taps of the last 15 minutes.",
        'city:wifi_sign_in_failures:ratio15m{city="$city"}',
        "percentunit",
        SHARE_BAD,
    ),
    stat(
        "Visits now",
        "Citizens who are let through.",
        'sum(district:wifi_visits_active:sum{city="$city"}) or vector(0)',
    ),
    stat("Devices on the air", "Signed in or not.", 'sum(district:wifi_radio_clients:sum{city="$city"})'),
)
WHERE = Panel(
    Kind.MAP,
    "Where",
    "Access points that are down (red), over the signal that the map of coverage predicts in each place.",
    [
        now('max by (geohash) (wifi_coverage_cell_signal_dbm{city="$city"})', "Signal"),
        now(DOWN_POINTS, "Up"),
    ],
    "dBm",
    12,
    Steps(("red", "#EAB839", "green"), (-75, -67)),
    columns={"Up": Column(steps=Steps(("red", "green"), (1,)))},
    layers=[
        Layer("Signal", 0, "geohash", "Signal", size=8, opacity=0.3),
        Layer("Down", 1, "geohash", "Up", size=7, opacity=1),
    ],
)
DISTRICTS = table(
    "Districts",
    "Those with the most that is down come first. A row leads to the district.",
    now('max by (district) (district:wifi_ap_up:ratio{city="$city"})', "Up"),
    now(f"sum by (district) ({DOWN})", "Down"),
    now('sum by (district) (district:wifi_radio_clients:sum{city="$city"})', "Devices"),
    now('sum by (district) (district:wifi_visits_active:sum{city="$city"})', "Visits"),
    now(f"max by (district) ({area('usable')})", "Usable area"),
    now(f"max by (district) ({area('good')})", "Good area"),
    now('sum by (district) (wifi_reports_open{city="$city", district!=""})', "Reports"),
    columns={
        "district": Column(leads_to="wifi-district"),
        "Up": Column("percentunit", SHARE_UP),
        "Down": Column(steps=FEW),
        "Usable area": Column("percentunit", COVERED),
        "Good area": Column("percentunit"),
        "Reports": Column(steps=FEW),
    },
    first="-Down",
)
LOAD = (
    areas(
        "Devices by district",
        "Devices on the air, signed in or not.",
        Query('sum by (district) (district:wifi_radio_clients:sum{city="$city"})', "{{district}}"),
    ),
    areas(
        "Visits by district",
        "Citizens who are let through.",
        Query('sum by (district) (district:wifi_visits_active:sum{city="$city"})', "{{district}}"),
    ),
    areas(
        "Down the uplinks, by district",
        "What citizens load.",
        Query('8 * sum by (district) (district:wifi_uplink_receive_bytes:rate10m{city="$city"})', "{{district}}"),
        unit="bps",
    ),
)
COVERED_WHERE = replace(
    WHERE,
    title="Where it is covered",
    about="Hexagons of 350 m as the newest map predicts them: dark where half has a good signal outdoors, blue where "
    "half has a usable one, pale where some has; grey has next to none. Points: the median signal, and what is down.",
    width=24,
    layers=[HEXAGONS, Layer("Signal", 0, "geohash", "Signal", size=2, opacity=0.6), WHERE.layers[1]],
)
COVERAGE = (
    Panel(
        Kind.BARS,
        "Usable area",
        "Part of each district with -75 dBm or more outdoors, while what is down is down.",
        [Query(f"sort_desc(max by (district) ({area('usable')}))", "{{district}}")],
        "percentunit",
        12,
        COVERED,
        highest=1,
    ),
    lines(
        "Usable area, over time",
        "A step down is a hole.",
        Query(f"max by (district) ({area('usable')})", "{{district}}"),
        unit="percentunit",
        width=12,
    ),
)
PAGE = Dashboard(
    "wifi-city",
    "City",
    "What is broken now, where, and how each district does.",
    [CITY],
    [
        Row("Now", NOW, 4),
        Row("", [firing('city=~"$city|"'), WHERE], 12),
        Row("Districts", [DISTRICTS], 9),
        Row("Load", LOAD),
        Row("Coverage", COVERAGE),
        Row("", [COVERED_WHERE], 14),
        Row("Buses", [buses('city="$city"')], 12),
    ],
)
