"""Provisioning: changes under way, what came of them, and what runs that should not."""

from dashboards.model import CITY, Column, Dashboard, Query, Row, Steps
from dashboards.panels import ANY, FEW, areas, firing, lines, now, stat, table

HERE = 'city="$city"'
INFO = f"on (ap) group_left (district, site) wifi_ap_info{{{HERE}}}"
RATE = "[$__rate_interval]"
DRIFTS = f"(wifi_ap_config_in_sync == 0) * {INFO}"
KNOWN, IN_SYNC = (f"district:wifi_ap_config_in_sync:{each}{{{HERE}}}" for each in ("count", "sum"))


def pushes(*states: str) -> str:
    return f'sum(wifi_pushes{{status=~"{"|".join(states)}"}})'


NOW = (
    stat(
        "Wait for an operator", "Changes that were proposed and nobody has approved.", pushes("proposed"), steps=FEW
    ),
    stat(
        "Under way",
        "A worker has them, or they wait for one or for their wave.",
        pushes("approved", "running", "held"),
    ),
    stat(
        "Undone or refused today",
        "The device kept what it had.",
        'sum(clamp_min(delta(wifi_pushes{status=~"undone|refused"}[1d]), 0))',
        steps=FEW,
    ),
    stat(
        "Access points that drift",
        "They run something else than was committed.",
        f"sum({KNOWN} - {IN_SYNC})",
        steps=ANY,
    ),
    stat(
        "As committed",
        "Of all whose configuration is known.",
        f"sum({IN_SYNC}) / sum({KNOWN})",
        "percentunit",
        Steps(("red", "#EAB839", "green"), (0.95, 0.99)),
    ),
    stat(
        "Not looked at",
        "Managed access points without a look for ten minutes.",
        f"sum(district:wifi_ap_unseen:count{{{HERE}}}) or vector(0)",
        steps=FEW,
    ),
)
DRIFTING = table(
    "What drifts",
    "`wifi-manager provision drift show` says what differs. A row leads to the access point.",
    now(f"max by (district, site, ap) ({DRIFTS})", "As committed"),
    columns={
        "district": Column(leads_to="wifi-district"),
        "site": Column(leads_to="wifi-site"),
        "ap": Column(leads_to="wifi-access-point"),
        "As committed": Column(unseen=True),
    },
    width=12,
)
CHANGES = (
    lines(
        "Changes on their way",
        "By where they stand now.",
        Query('sum by (status) (wifi_pushes{status=~"proposed|held|approved|running"})', "{{status}}"),
        width=6,
    ),
    areas(
        "What came of changes",
        "Committed ones run; undone ones went back by themselves; refused ones were never begun.",
        Query('sum by (status) (wifi_pushes{status=~"committed|unchanged|undone|refused|cancelled"})', "{{status}}"),
        width=6,
    ),
    lines(
        "Drift by district",
        "Access points that run something else.",
        Query(f"sum by (district) ({KNOWN} - {IN_SYNC})", "{{district}}"),
        width=6,
    ),
    lines(
        "Worked on",
        "Access points in a maintenance window.",
        Query(f"sum(district:wifi_ap_maintenance:sum{{{HERE}}})", "in a window"),
        width=6,
    ),
)
FLEET = (
    table(
        "Models and firmware",
        "How many run what.",
        now(f"count by (vendor, model, firmware) (wifi_ap_info{{{HERE}}})", "Access points"),
        columns={"vendor": Column(), "model": Column(), "firmware": Column(), "Access points": Column()},
        width=12,
    ),
    table(
        "Inventory",
        "All access points, managed or not.",
        now(f"sum by (life_cycle, site_kind) (wifi_access_points{{{HERE}}})", "Access points"),
        columns={"life_cycle": Column(), "site_kind": Column(), "Access points": Column()},
        width=12,
    ),
)
LOOKS = (
    lines(
        "How long a look takes",
        "95 of 100 looks, by whether the access point is up.",
        Query(
            f"histogram_quantile(0.95, sum by (outcome, le) (rate(wifi_poll_duration_seconds_bucket{RATE})))",
            "{{outcome}}",
        ),
        unit="s",
    ),
    lines(
        "Looks that wait",
        "They are due and have not begun: while this stays above 0, there are too few threads.",
        Query("sum(wifi_poll_queue_depth)", "waiting"),
    ),
    lines(
        "Looks",
        "A second, by what they find.",
        Query(f"sum by (outcome) (rate(wifi_poll_duration_seconds_count{RATE}))", "{{outcome}}"),
        unit="cps",
    ),
)
PAGE = Dashboard(
    "wifi-provisioning",
    "Provisioning",
    "Changes under way, what came of them, and what runs that should not.",
    [CITY],
    [
        Row("Now", NOW, 4),
        Row("", [firing('alertname=~"Configuration.*|Changes.*|CollectorStopped|LooksWait"'), DRIFTING]),
        Row("Changes", CHANGES),
        Row("Fleet", FLEET),
        Row("Looks", LOOKS),
    ],
    since="now-24h",
)
