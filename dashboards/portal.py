"""The portal: how many citizens come, where they are lost, and what stands in their way."""

from dashboards.model import CITY, Column, Dashboard, Kind, Panel, Query, Row, Steps
from dashboards.panels import ANY, FEW, SHARE_BAD, areas, firing, lines, now, stat, table

HERE = 'city="$city"'
RANGE = "[$__rate_interval]"
STAGES = ("page", "submitted", "enforced")


def rate(name: str, by: str, more: str = "") -> str:
    return f"sum by ({by}) (rate({name}{{{HERE}{more}}}{RANGE}))"


def slow(part: float) -> Query:
    """The time that this part of all sign-ins stays below."""
    expr = f"histogram_quantile({part}, sum by (le) (rate(wifi_sign_in_seconds_bucket{{{HERE}}}{RANGE})))"
    return Query(expr, f"{part:.0%}")


NOW = (
    stat(
        "Sign-ins that fail",
        "Of the taps of the last 15 minutes.",
        f"city:wifi_sign_in_failures:ratio15m{{{HERE}}}",
        "percentunit",
        SHARE_BAD,
    ),
    stat(
        "95 of 100 are in within",
        "From the tap until the gateway has opened.",
        slow(0.95).expr,
        "s",
        Steps(("green", "#EAB839", "red"), (0.5, 1)),
    ),
    stat(
        "Ways in that fail",
        "Citizens who were told so, in an hour.",
        f"sum(increase(wifi_relief_pages_total{{{HERE}}}[1h]))",
        steps=FEW,
    ),
    stat(
        "Text messages stopped",
        "1 while no codes are sent.",
        f"max(wifi_sms_breaker_open{{{HERE}}}) or vector(0)",
        steps=ANY,
    ),
    stat(
        "Messages left today",
        "Of the day's budget.",
        f"min(wifi_sms_budget_left_ratio{{{HERE}}})",
        "percentunit",
        Steps(("red", "#EAB839", "green"), (0.1, 0.3)),
    ),
    stat("Unused vouchers", "Codes that nobody has used yet.", f'sum(wifi_vouchers{{{HERE}, status="unused"}})'),
)
FUNNEL = Panel(
    Kind.BARS,
    "From the page to the internet",
    "Sign-ins that came this far within the time that is shown: page (shown), submitted (tapped), enforced (let "
    "through within 2 s). Each step down is citizens lost. Devices that are remembered see no page.",
    [
        Query(f'sum(increase(wifi_sign_in_stages_total{{{HERE}, stage="{stage}"}}[$__range]))', stage)
        for stage in (*STAGES, "late")
    ],
    width=12,
)
LOST = (
    areas(
        "Sign-ins that fail, by reason",
        "A second.",
        Query(rate("wifi_sign_in_failures_total", "reason"), "{{reason}}"),
        unit="cps",
    ),
    lines(
        "How long it takes",
        "From the tap until the gateway has opened; above 2 s it is counted as 2 s.",
        slow(0.5),
        slow(0.95),
        slow(0.99),
        unit="s",
    ),
    lines(
        "Wrong and refused tries",
        "Codes and passwords; refused: too many tries before.",
        Query(rate("wifi_sign_in_tries_total", "method, outcome"), "{{method}} {{outcome}}"),
        unit="cps",
    ),
)
WAYS = (
    areas(
        "Sign-ins by way in",
        "Accepted ones, a second.",
        Query(rate("wifi_sign_ins_total", "method"), "{{method}}"),
        unit="cps",
    ),
    areas(
        "Visits by district",
        "Citizens who are let through.",
        Query(f"sum by (district) (district:wifi_visits_active:sum{{{HERE}}})", "{{district}}"),
    ),
    areas(
        "Why visits ended",
        "What the database keeps, by why it ended.",
        Query(f'sum by (status) (wifi_visits_recorded{{{HERE}, status!="running"}})', "{{status}}"),
    ),
)
MESSAGES = (
    lines(
        "Codes by text message",
        "Sent, and come back. Where few come back, somebody spends the city's money.",
        Query(f"sum(rate(wifi_sms_sent_total{{{HERE}}}{RANGE}))", "sent"),
        Query(f"sum(rate(wifi_sms_verified_total{{{HERE}}}{RANGE}))", "came back"),
        unit="cps",
    ),
    areas(
        "Codes not sent or not taken, by reason",
        "A second.",
        Query(rate("wifi_sms_refused_total", "reason"), "{{reason}}"),
        unit="cps",
    ),
    lines(
        "The provider",
        "Time until it has taken a message.",
        Query(
            f"histogram_quantile(0.95, sum by (le) (rate(wifi_sms_provider_seconds_bucket{{{HERE}}}{RANGE})))", "95%"
        ),
        unit="s",
    ),
)
OTHERS = (
    areas("Vouchers", "Codes by state.", Query(f"sum by (status) (wifi_vouchers{{{HERE}}})", "{{status}}")),
    lines(
        "RADIUS",
        "What servers said, a second.",
        Query(rate("wifi_radius_answers_total", "outcome"), "{{outcome}}"),
        unit="cps",
    ),
    lines(
        "Relief pages",
        "Citizens who were told that a way in fails, a second.",
        Query(rate("wifi_relief_pages_total", "method"), "{{method}}"),
        unit="cps",
    ),
)
DESK = (
    table(
        "Reports that wait",
        "By district; without one: the place is not known.",
        now(f"sum by (district) (wifi_reports_open{{{HERE}}})", "Reports"),
        columns={"district": Column(leads_to="wifi-district"), "Reports": Column(steps=FEW)},
        width=12,
    ),
    table(
        "Places open to everybody",
        "Emergencies.",
        now(f"wifi_emergency_open{{{HERE}}}", "Open"),
        columns={"district": Column(leads_to="wifi-district"), "site": Column(), "city": Column(unseen=True)},
        width=12,
    ),
)
PAGE = Dashboard(
    "wifi-portal",
    "Portal",
    "How many citizens come, where they are lost, and what stands in their way.",
    [CITY],
    [
        Row("Now", NOW, 4),
        Row("", [firing('alertname=~"SignIns.*|Sms.*|Vouchers.*|Codes.*|DatabaseAway"'), FUNNEL]),
        Row("Lost on the way", LOST),
        Row("Ways in and visits", WAYS),
        Row("Text messages", MESSAGES),
        Row("Other ways in", OTHERS),
        Row("Desk", DESK),
    ],
)
