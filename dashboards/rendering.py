"""Dashboards to Grafana's classic JSON, schema version 41: Grafana 11.6 and 12 read it, 13 makes it its own."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dashboards.model import Column, Dashboard, Kind, Panel, Query, Row, Steps, Variable
from dashboards.options import custom, letter, options

Json = dict[str, Any]

SCHEMA_VERSION = 41
EXPORTER = "Public Wi-Fi exporter"  # as configs/grafana/provisioning names that data source
SOURCE: Json = {"type": "prometheus", "uid": "${datasource}"}
_PLACES = {
    "wifi-district": ("district",),
    "wifi-site": ("district", "site"),
    "wifi-access-point": ("district", "site", "ap"),
}


def render(page: Dashboard) -> Json:
    """The dashboard as Grafana provisions it."""
    return {
        "uid": page.uid,
        "title": page.title,
        "description": page.about,
        "tags": ["wifi"],
        "schemaVersion": SCHEMA_VERSION,
        "editable": False,
        "graphTooltip": 1,
        "refresh": page.refresh,
        "time": {"from": page.since, "to": "now"},
        "timezone": "browser",
        "links": [_to_others()],
        "annotations": {"list": []},
        "templating": {"list": [_datasource(), *map(_variable, page.variables)]},
        "panels": list(_panels(page.rows)),
    }


def _to_others() -> Json:
    """A menu of our other dashboards, which keeps time and place."""
    return {
        "type": "dashboards", "tags": ["wifi"], "title": "Public Wi-Fi", "tooltip": "", "icon": "external link",
        "asDropdown": True, "includeVars": True, "keepTime": True, "targetBlank": False,
    }  # fmt: skip


def _datasource() -> Json:
    """Whichever Prometheus; the exporter is a data source of that type for its hexagons alone."""
    return {
        "name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus", "refresh": 1,
        "regex": f"/^(?!{EXPORTER}$)/",
    }  # fmt: skip


def _variable(variable: Variable) -> Json:
    all_of_them: Json = {"text": ["All"], "value": ["$__all"]}  # as a regular expression of all values
    many: Json = {"multi": True, "includeAll": True, "current": all_of_them} if variable.many else {}
    return {
        "name": variable.name,
        "label": variable.label,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": f"label_values({variable.series}, {variable.of})", "refId": variable.name},
        "refresh": 2,  # when the time range changes as well: places come and go
        "sort": 1,
        **many,
    }


def _panels(rows: Iterable[Row]) -> Iterable[Json]:
    """All panels with their places on the grid of 24, numbered from 1."""
    top = number = 0
    for row in rows:
        if row.title:
            number += 1
            place = {"h": 1, "w": 24, "x": 0, "y": top}
            yield {
                "id": number,
                "type": "row",
                "title": row.title,
                "collapsed": False,
                "panels": [],
                "gridPos": place,
            }
            top += 1
        left = 0
        for panel in row.panels:
            number += 1
            yield _panel(panel, number, {"h": row.height, "w": panel.width, "x": left, "y": top})
            left += panel.width
        top += row.height


def _panel(panel: Panel, number: int, place: Json) -> Json:
    return {
        "id": number,
        "type": panel.kind.value,
        "title": panel.title,
        "description": panel.about,
        "datasource": SOURCE,
        "gridPos": place,
        "targets": [_target(query, position) for position, query in enumerate(panel.queries)],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": _overrides(panel)},
        "options": options(panel),
        "transformations": _transformations(panel),
    }


def _target(query: Query, position: int) -> Json:
    return {
        "refId": letter(position),
        "datasource": SOURCE,
        "expr": query.expr,
        "legendFormat": query.name or "__auto",
        "format": "table" if query.now else "time_series",
        "instant": query.now,
        "range": not query.now,
    }


def _defaults(panel: Panel) -> Json:
    made: Json = {"unit": panel.unit, "custom": custom(panel)}
    if panel.steps:
        made |= {"thresholds": _thresholds(panel.steps), "color": {"mode": "thresholds"}}
    if panel.words:
        made["mappings"] = [_mapping(panel.words)]
    if panel.highest is not None:
        made |= {"min": 0, "max": panel.highest}
    if panel.kind is Kind.STAT:
        made["noValue"] = "–"
    return made


def _thresholds(steps: Steps) -> Json:
    bounds: list[float | None] = [None, *steps.bounds]
    return {
        "mode": "absolute",
        "steps": [{"color": colour, "value": bound} for colour, bound in zip(steps.colours, bounds, strict=True)],
    }


def _mapping(words: Mapping[str, tuple[str, str]]) -> Json:
    said = {value: {"text": word, "color": colour} for value, (word, colour) in words.items()}
    return {"type": "value", "options": said}


def _links(uid: str) -> list[Json]:
    """To a dashboard, with the city, the time and the place that the row is about."""
    if not uid:
        return []
    kept = "${datasource:queryparam}&${city:queryparam}"
    places = "".join(f"&var-{name}=${{__data.fields.{name}}}" for name in _PLACES[uid])
    return [{"title": "Open", "url": f"/d/{uid}?{kept}{places}&${{__url_time_range}}", "targetBlank": False}]


def _overrides(panel: Panel) -> list[Json]:
    made = [_override(name, _shown(column, panel.kind)) for name, column in panel.columns.items()]
    return [each for each in made if each["properties"]]


def _override(name: str, properties: list[Json]) -> Json:
    return {"matcher": {"id": "byName", "options": name}, "properties": properties}


def _shown(column: Column, kind: Kind) -> list[Json]:
    made: list[Json] = []
    if column.unit:
        made.append({"id": "unit", "value": column.unit})
    if column.steps:
        made.append({"id": "thresholds", "value": _thresholds(column.steps)})
        made.append({"id": "color", "value": {"mode": "thresholds"}})
        if kind is Kind.TABLE:
            made.append({"id": "custom.cellOptions", "value": {"type": "color-text"}})
    if column.unseen:
        made.append({"id": "custom.hidden", "value": True})
    if column.leads_to:
        made.append({"id": "links", "value": _links(column.leads_to)})
    return made


def _transformations(panel: Panel) -> list[Json]:
    """Tables of several queries become one; their columns get the queries' names."""
    if not any(query.now for query in panel.queries) or panel.kind not in {Kind.TABLE, Kind.MAP}:
        return []
    made: list[Json] = []
    if panel.join_by:
        made.append({"id": "joinByField", "options": {"byField": panel.join_by, "mode": "inner"}})
    elif len(panel.queries) > 1 and panel.kind is Kind.TABLE:
        made.append({"id": "merge", "options": {}})
    hidden = dict.fromkeys(("Time", *panel.hidden), True)
    made.append(
        {
            "id": "organize",
            "options": {"excludeByName": hidden, "renameByName": _names(panel.queries), "indexByName": _order(panel)},
        }
    )
    return made


def _names(queries: Sequence[Query]) -> dict[str, str]:
    several = len(queries) > 1
    named = {f"Value #{letter(at)}" if several else "Value": query.name for at, query in enumerate(queries)}
    return {field: name for field, name in named.items() if name}


def _order(panel: Panel) -> dict[str, int]:
    return {name: place for place, name in enumerate(panel.columns)}
