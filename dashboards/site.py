"""One site or bus: its access points beside one another."""

from dashboards.model import APS, CITY, DISTRICT, SITE, Column, Dashboard, Kind, Panel, Query, Row
from dashboards.panels import ANY, BUSY, SHARE_BAD, UP_WORDS, areas, firing, lines, now, stat, table

HERE = 'city="$city", district="$district", site="$site"'
INFO = f"on (ap) group_left (district, site) wifi_ap_info{{{HERE}}}"
ONES = '{ap=~"$aps"}'  # all of the site, or those that were chosen: of no other access point a sample is read
ROW = "by (district, site, ap)"
NOW = (
    stat(
        "Access points down",
        "Without those that are worked on.",
        f"count(wifi_ap_up{ONES} == 0 unless on (ap) wifi_ap_maintenance{ONES} == 1) or vector(0)",
        steps=ANY,
    ),
    stat("Devices on the air", "Signed in or not.", f"sum(wifi_radio_clients{ONES})"),
    stat("Visits now", "Citizens who are let through.", f"sum(wifi_visits_active{{{HERE}}}) or vector(0)"),
    stat(
        "Uplink loss",
        "Probes that nobody answered, of the last ten minutes.",
        f"site:wifi_uplink_loss:ratio10m{{{HERE}}}",
        "percentunit",
        SHARE_BAD,
    ),
    stat("Uplink round trip", "The slowest of its access points.", f"max(wifi_ap_uplink_rtt_seconds{ONES})", "s"),
    stat(
        "No address given",
        "Of the devices that asked for one in the last ten minutes.",
        f"site:wifi_dhcp_failures:ratio10m{{{HERE}}}",
        "percentunit",
        SHARE_BAD,
    ),
)
POINTS = table(
    "Access points",
    "A row leads to the access point.",
    now(f'max by (district, site, ap, model, firmware) (wifi_ap_info{{{HERE}, ap=~"$aps"}})', "Known"),
    now(f"max {ROW} (wifi_ap_up{ONES} * {INFO})", "Up"),
    now(f"sum {ROW} (wifi_radio_clients{ONES} * {INFO})", "Devices"),
    now(f"max {ROW} (radio:wifi_channel_busy:ratio10m{ONES})", "Busiest channel"),
    now(f"max {ROW} (wifi_ap_uplink_rtt_seconds{ONES} * {INFO})", "Round trip"),
    now(f"time() - max {ROW} (wifi_ap_boot_timestamp_seconds{ONES} * {INFO})", "Running for"),
    now(f"time() - max {ROW} (wifi_ap_last_seen_timestamp_seconds{ONES} * {INFO})", "Seen"),
    now(f"min {ROW} (wifi_ap_config_in_sync{ONES} * {INFO})", "As committed"),
    columns={
        "district": Column(unseen=True),
        "site": Column(unseen=True),
        "ap": Column(leads_to="wifi-access-point"),
        "Known": Column(unseen=True),
        "Busiest channel": Column("percentunit", BUSY),
        "Round trip": Column("s"),
        "Running for": Column("s"),
        "Seen": Column("s"),
    },
)
UP = Panel(
    Kind.STATES,
    "Up and down",
    "Each access point over time: do they go together, or one by one?",
    [Query(f"max by (ap) (wifi_ap_up{ONES})", "{{ap}}")],
    width=12,
    words=UP_WORDS,
)
AIR = (
    lines(
        "Channel busy",
        "Part of the time in which somebody sends on the channel.",
        Query(f"radio:wifi_channel_busy:ratio10m{ONES}", "{{ap}} {{radio}}"),
        unit="percentunit",
    ),
    lines(
        "Interference",
        "Of that, what the radio does not send itself.",
        Query(f"radio:wifi_channel_interference:ratio10m{ONES}", "{{ap}} {{radio}}"),
        unit="percentunit",
    ),
    lines(
        "Channels",
        "Where they are: neighbours on one frequency disturb one another.",
        Query(f"wifi_radio_frequency_hertz{ONES}", "{{ap}} {{radio}}"),
        unit="hertz",
    ),
)
LOAD = (
    areas("Devices", "By access point.", Query(f"sum by (ap) (wifi_radio_clients{ONES})", "{{ap}}")),
    areas(
        "Devices by signal",
        "How well they are heard.",
        Query(f"sum by (signal) (wifi_radio_clients{ONES})", "{{signal}}"),
    ),
    lines(
        "Uplink",
        "What is loaded, and what is sent.",
        Query(f"8 * sum(rate(wifi_ap_uplink_receive_bytes_total{ONES}[$__rate_interval]))", "loaded"),
        Query(f"8 * sum(rate(wifi_ap_uplink_transmit_bytes_total{ONES}[$__rate_interval]))", "sent"),
        unit="bps",
    ),
)
PAGE = Dashboard(
    "wifi-site",
    "Site",
    "The access points of one site or bus, beside one another.",
    [CITY, DISTRICT, SITE, APS],
    [
        Row("Now", NOW, 4),
        Row("", [firing(HERE), UP], 8),
        Row("Access points", [POINTS], 8),
        Row("Load", LOAD),
        Row("Air", AIR),
    ],
)
