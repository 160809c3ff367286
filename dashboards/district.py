"""One district: which of its sites need somebody."""

from dashboards.city import area
from dashboards.model import CITY, DISTRICT, Column, Dashboard, Query, Row
from dashboards.panels import ANY, BUSY, FEW, SHARE_BAD, areas, firing, lines, now, stat, table
from dashboards.positions import buses, standing

HERE = 'city="$city", district="$district"'
THIS = '="$district"'
INFO = f"on (ap) group_left (district, site) wifi_ap_info{{{HERE}}}"
DOWN = f"site:wifi_ap_up:count{{{HERE}}} - site:wifi_ap_up:sum{{{HERE}}}"
SIGNALS = f"site_signal:wifi_radio_clients:sum{{{HERE}}}"
POOR = f'site_signal:wifi_radio_clients:sum{{{HERE}, signal="poor"}}'
NOW = (
    stat("Access points down", "Without buses, and without places that are worked on.", f"sum({DOWN})", steps=FEW),
    stat(
        "Sites down",
        "None of their access points answers: mains, switch or uplink.",
        f"count(site:wifi_ap_up:sum{{{HERE}}} == 0) or vector(0)",
        steps=ANY,
    ),
    stat(
        "Uplinks that lose packets",
        "Sites that lose more than a fifth of their probes.",
        f"count(site:wifi_uplink_loss:ratio10m{{{HERE}}} > 0.2) or vector(0)",
        steps=ANY,
    ),
    stat(
        "Full radios",
        "Their channel is busy more than 70 % of the time.",
        f"sum(site:wifi_radios_full:count{{{HERE}}}) or vector(0)",
        steps=FEW,
    ),
    stat("Devices on the air", "Signed in or not.", f"sum({SIGNALS})"),
    stat(
        "Weakly heard devices",
        "Below -75 dBm, of all devices.",
        f"sum({POOR}) / (sum({SIGNALS}) > 0)",
        "percentunit",
        SHARE_BAD,
    ),
)
SITES = table(
    "Sites",
    "The broken ones first. A row leads to the site.",
    now(f"sum by (district, site) ({DOWN})", "Down"),
    now(f"sum by (district, site) (site:wifi_ap_up:count{{{HERE}}})", "Access points"),
    now(f"sum by (district, site) ({SIGNALS})", "Devices"),
    now(f"sum by (district, site) ({POOR}) / (sum by (district, site) ({SIGNALS}) > 0)", "Weak"),
    now(f"max by (district, site) (site:wifi_channel_busy:max10m{{{HERE}}})", "Busiest channel"),
    now(f"max by (district, site) (site:wifi_uplink_loss:ratio10m{{{HERE}}})", "Loss"),
    now(f"8 * sum by (district, site) (site:wifi_uplink_receive_bytes:rate10m{{{HERE}}})", "Down the uplink"),
    now(f"sum by (district, site) (wifi_visits_active{{{HERE}}})", "Visits"),
    columns={
        "district": Column(unseen=True),
        "site": Column(leads_to="wifi-site"),
        "Down": Column(steps=FEW),
        "Weak": Column("percentunit", SHARE_BAD),
        "Busiest channel": Column("percentunit", BUSY),
        "Loss": Column("percentunit", SHARE_BAD),
        "Down the uplink": Column("bps"),
    },
    first="-Down",
)
GONE = table(
    "Access points that are down",
    "How long ago they last answered. A row leads to the access point.",
    now(f"max by (district, site, ap) ((wifi_ap_up == 0) * {INFO})", "Up"),
    now(
        "time() - max by (district, site, ap) "
        f"((wifi_ap_last_seen_timestamp_seconds and on (ap) wifi_ap_up == 0) * {INFO})",
        "Not seen for",
    ),
    columns={
        "district": Column(unseen=True),
        "site": Column(leads_to="wifi-site"),
        "ap": Column(leads_to="wifi-access-point"),
        "Up": Column(unseen=True),
        "Not seen for": Column("s"),
    },
    width=12,
)
BUSIEST = lines(
    "Ten busiest radios",
    "Part of the time in which somebody sends on the channel.",
    Query(f"topk(10, radio:wifi_channel_busy:ratio10m{{{HERE}}})", "{{site}}: {{ap}} {{radio}}"),
    unit="percentunit",
    width=12,
)
LOAD = (
    areas(
        "Devices by signal",
        "How well they are heard: good from -67 dBm, fair from -75 dBm, poor below.",
        Query(f"sum by (signal) ({SIGNALS})", "{{signal}}"),
    ),
    lines(
        "Uplinks",
        "What is loaded, and what is sent.",
        Query(f"8 * sum(site:wifi_uplink_receive_bytes:rate10m{{{HERE}}})", "loaded"),
        Query(f"8 * sum(site:wifi_uplink_transmit_bytes:rate10m{{{HERE}}})", "sent"),
        unit="bps",
    ),
    lines(
        "Covered area",
        "Outdoors: good from -67 dBm, usable from -75 dBm, as predicted with what is up.",
        Query(f"max({area('usable', THIS)})", "usable"),
        Query(f"max({area('good', THIS)})", "good"),
        unit="percentunit",
    ),
)
PAGE = Dashboard(
    "wifi-district",
    "District",
    "Which sites of the district need somebody, and how they are used.",
    [CITY, DISTRICT],
    [
        Row("Now", NOW, 4),
        Row("", [firing(HERE), standing(HERE)], 12),
        Row("Sites", [SITES], 10),
        Row("", [GONE, BUSIEST], 9),
        Row("Load", LOAD),
        Row("Buses", [buses(HERE)], 12),
    ],
)
