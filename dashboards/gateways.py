"""Gateways and control: do they enforce what is wanted, how fast, and what is tried again."""

from dashboards.model import CITY, Column, Dashboard, Query, Row, Steps
from dashboards.panels import ANY, FEW, areas, firing, least, lines, most, now, stat, table

HERE = 'city="$city"'
RATE = "[$__rate_interval]"


def standing(status: str) -> str:
    return f'sum(wifi_gateways{{{HERE}, status="{status}"}})'


def each(name: str, by: str = "instance") -> str:
    return f"sum by ({by}) (rate({name}{RATE}))"


def grown(name: str) -> str:
    return f"sum by (instance) (increase(wifi_gateway_{name}{RATE}))"


def slow(name: str, by: str = "le") -> str:
    return f"histogram_quantile(0.95, sum by ({by}) (rate({name}_bucket{RATE})))"


NOW = (
    stat("Enforcing", "They run the newest grants.", standing("enforcing")),
    stat("Behind", "They report, but have not taken the newest grants.", standing("behind"), steps=FEW),
    stat("Silent", "Nothing was heard for a minute.", standing("silent"), steps=ANY),
    stat("Not enrolled", "No box has come with its token yet.", standing("not_enrolled")),
    stat(
        "Without control",
        "Gateways that do not reach control.",
        "count(wifi_gateway_control_reachable == 0) or vector(0)",
        steps=ANY,
    ),
    stat(
        "Next certificate ends",
        "Of all gateways.",
        "min(wifi_certificate_expiry_timestamp_seconds) - time()",
        "s",
        Steps(("red", "#EAB839", "green"), (2 * 86400, 7 * 86400)),
    ),
)
CERTIFICATES = table(
    "Certificates",
    "When they end, and when the next is due, in seconds from now.",
    now("sort(max by (gateway) (wifi_certificate_expiry_timestamp_seconds) - time())", "Ends in"),
    now("max by (gateway) (wifi_certificate_due_timestamp_seconds) - time()", "Due in"),
    now("max by (gateway) (wifi_certificate_failures_total)", "Failures"),
    columns={"gateway": Column(), "Ends in": Column("s"), "Due in": Column("s"), "Failures": Column(steps=FEW)},
    width=12,
    first="Ends in",
)
SPEED = (
    lines(
        "Grants to the kernel",
        "95 of 100: control's answer, and from there until the kernel enforces it, of the twenty slowest.",
        Query(slow("wifi_control_answer_duration_seconds"), "control"),
        Query(most(slow("wifi_gateway_apply_duration_seconds", "instance, le")), "{{instance}}"),
        unit="s",
    ),
    lines(
        "Control heard",
        "How long ago gateways last heard control: the twenty longest.",
        Query(most("max by (instance) (wifi_gateway_control_contact_age_seconds)"), "{{instance}}"),
        unit="s",
    ),
    areas(
        "Control's answers",
        "To the polls of gateways, a second.",
        Query(each("wifi_control_grant_answers_total", "outcome"), "{{outcome}}"),
        unit="cps",
    ),
)
CONTROL = (
    lines(
        "Polls that wait",
        "Gateways that wait for something new: all of them, when all is well.",
        Query("sum(wifi_control_polls_waiting)", "waiting"),
    ),
    areas(
        "Reports of gateways",
        "A second.",
        Query(each("wifi_control_reports_total", "outcome"), "{{outcome}}"),
        unit="cps",
    ),
    lines(
        "Short passes",
        "Given by gateways while control was away, a second: the twenty that gave most, and all together.",
        Query(most(each("wifi_gateway_short_passes_total")), "{{instance}}"),
        Query("sum(rate(wifi_control_passes_total[$__rate_interval]))", "told to control"),
        unit="cps",
    ),
)
CITIZENS = (
    areas(
        "Devices let through",
        "By gateway: the twenty with most.",
        Query(most("sum by (instance) (wifi_gateway_grants_active)"), "{{instance}}"),
    ),
    lines(
        "Ways to the portal",
        "Pages answered with the way to it, a second, of the twenty busiest: without grants, nobody gets in.",
        Query(most(each("wifi_gateway_redirects_total")), "{{instance}}"),
        unit="cps",
    ),
    areas(
        "Visits ended by gateways",
        "Before their time, a second.",
        Query(
            each("wifi_gateway_ended_total", "reason"),
            "{{reason}}",
        ),
        unit="cps",
    ),
)
PHONES = (
    lines(
        "RFC 8908 answers",
        "What phones were told, a second.",
        Query(each("wifi_gateway_captive_api_answers_total", "status"), "{{status}}"),
        unit="cps",
    ),
    lines(
        "Addresses lent",
        "Part of a network's pool: the twenty fullest.",
        Query(most("wifi_gateway_dhcp_leases / wifi_gateway_dhcp_addresses"), "{{instance}} {{network}}"),
        unit="percentunit",
    ),
    lines(
        "Certificate of the own name",
        "How long it still lasts: the twenty that end first.",
        Query(
            least("min by (instance) (wifi_gateway_certificate_expiry_timestamp_seconds) - time()"), "{{instance}}"
        ),
        unit="s",
    ),
)
TROUBLE = (
    areas(
        "What was tried again",
        "By the task that it belongs to, a second.",
        Query(
            each("wifi_gateway_problems_total", "reason"),
            "{{reason}}",
        ),
        unit="cps",
    ),
    lines(
        "Begun anew",
        "Rules that somebody else changed, and services that ended: the twenty with most of each.",
        Query(most(grown("rules_lost_total")), "{{instance}} rules"),
        Query(most(grown("resolver_starts_total")), "{{instance}} DHCP and DNS"),
        Query(most(grown("clock_starts_total")), "{{instance}} time"),
    ),
    lines(
        "Draining",
        "1 while newcomers are refused: was it forgotten?",
        Query(most("max by (instance) (wifi_gateway_draining)"), "{{instance}}"),
    ),
)
GUARD = (
    areas(
        "Frames dropped by the guard",
        "Forged and flooded ones, a second.",
        Query(
            each("wifi_gateway_guard_drops_total", "reason"),
            "{{reason}}",
        ),
        unit="cps",
    ),
    lines(
        "Copied devices",
        "Devices whose address two use now, and new ones.",
        Query(most("sum by (instance) (wifi_gateway_guard_copied_devices)"), "{{instance}} now"),
        Query(most(grown("guard_copied_alarms_total")), "{{instance}} new"),
    ),
    lines(
        "Devices that move",
        "Between ports, a second.",
        Query(most(each("wifi_gateway_guard_moves_total")), "{{instance}}"),
        unit="cps",
    ),
)
PAGE = Dashboard(
    "wifi-gateways",
    "Gateways",
    "Do they enforce what is wanted, how fast, and what is tried again.",
    [CITY],
    [
        Row("Now", NOW, 4),
        Row("", [firing('alertname=~"Gateways.*|Certificate.*|DatabaseAway|SignInsSlow"'), CERTIFICATES]),
        Row("Speed", SPEED),
        Row("Control", CONTROL),
        Row("Citizens", CITIZENS),
        Row("", PHONES),
        Row("Trouble", TROUBLE),
        Row("Guard", GUARD),
    ],
)
