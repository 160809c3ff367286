"""Short ways to say the panels that pages have many of."""

from dataclasses import replace

from dashboards.model import GREEN, RED, YELLOW, Column, Kind, Panel, Query, Steps

UP_WORDS = {"0": ("down", RED), "1": ("up", GREEN)}
ANY = Steps((GREEN, RED), (1,))  # one is one too many
FEW = Steps((GREEN, YELLOW), (1,))  # one is to be looked at today
SHARE_UP = Steps((RED, YELLOW, GREEN), (0.9, 0.98))
SHARE_BAD = Steps((GREEN, YELLOW, RED), (0.05, 0.2))
BUSY = Steps((GREEN, YELLOW, RED), (0.5, 0.7))
COVERED = Steps((RED, YELLOW, GREEN), (0.5, 0.8))


def stat(title: str, about: str, expr: str, unit: str = "short", steps: Steps | None = None, width: int = 4) -> Panel:
    """One figure of now, with the way that it came in the background."""
    return Panel(Kind.STAT, title, about, [Query(expr)], unit, width, steps or Steps())


def lines(title: str, about: str, *queries: Query, unit: str = "short", width: int = 8) -> Panel:
    return Panel(Kind.LINES, title, about, queries, unit, width)


def most(expr: str) -> str:
    """Of the many lines of a large city the twenty that are the highest now, at the end of the time that is shown."""
    return f"({expr}) and topk(20, {_now(expr)})"


def least(expr: str) -> str:
    """The twenty lowest now."""
    return f"({expr}) and bottomk(20, {_now(expr)})"


def _now(expr: str) -> str:
    """By the end of the time that is shown, whichever moment of it is asked for: choosing anew would mix up lines."""
    return f"last_over_time(({expr})[5m:1m] @ end())"


def areas(title: str, about: str, *queries: Query, unit: str = "short", width: int = 8) -> Panel:
    """Lines upon one another, where their sum says something."""
    return replace(lines(title, about, *queries, unit=unit, width=width), stacked=True)


def table(
    title: str, about: str, *queries: Query, columns: dict[str, Column], width: int = 24, first: str = ""
) -> Panel:
    """What is now, a row for each place. The queries share their labels."""
    return Panel(Kind.TABLE, title, about, queries, width=width, columns=columns, first=first)


def now(expr: str, name: str = "") -> Query:
    return Query(expr, name, now=True)


def firing(where: str) -> Panel:
    """What is broken now: the alarms that go off, the gravest first."""
    return Panel(
        Kind.TABLE,
        "Alarms now",
        "What Prometheus alarms about, the gravest first. What each means and what to do: docs/runbooks.md.",
        [now(f'ALERTS{{alertstate="firing", {where}}}')],
        width=12,
        columns={
            "severity": Column(),
            "alertname": Column(),
            "district": Column(leads_to="wifi-district"),
            "site": Column(leads_to="wifi-site"),
            "ap": Column(leads_to="wifi-access-point"),
        },
        hidden=("__name__", "alertstate", "instance", "job", "Value", "city", "quality", "band", "source", "status"),
        first="severity",  # critical comes before warning
    )
