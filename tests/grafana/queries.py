"""What dashboards ask, with Grafana's variables filled in as for one place."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dashboards.every import PAGES
from dashboards.model import Kind
from dashboards.rendering import render

PLACE = {"city": "haneul", "district": "River district", "site": "Site 1", "ap": "AP-00001"}
_NAME = re.compile(r"\b(?:\w+:)?wifi_\w+(?::\w+)?\b")


@dataclass(frozen=True, slots=True)
class Asked:
    """One query of one panel; `now`: of one moment, and not of a time."""

    where: str  # dashboard: panel
    expr: str
    now: bool
    kind: Kind

    def filled(self, **place: str) -> str:
        """The PromQL that Prometheus gets."""
        text = self.expr.replace("$__rate_interval", "4m").replace("$__range", "6h")
        chosen = {"aps": place.get("ap", "")} | place
        return re.sub(r"\$(\w+)", lambda found: chosen[found[1]], text)


def every_query() -> list[Asked]:
    """All of all dashboards."""
    return [
        Asked(f"{page.title}: {panel.title}", query.expr, query.now, panel.kind)
        for page in PAGES
        for row in page.rows
        for panel in row.panels
        for query in panel.queries
    ]


def names(expr: str) -> set[str]:
    """The series that PromQL names."""
    return set(_NAME.findall(re.sub(r'"[^"]*"', '""', expr)))


def rendered() -> dict[str, dict[str, Any]]:
    """Each dashboard's JSON by its uid, as Grafana reads it."""
    return {page.uid: json.loads(json.dumps(render(page))) for page in PAGES}


def panels(board: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Those that show something."""
    return (panel for panel in board["panels"] if panel["type"] != "row")
