"""What each kind of panel wants to be told, as Grafana's published schema has it."""

from typing import Any

from dashboards.model import Kind, Layer, Panel, Shapes

Json = dict[str, Any]

_LAST: Json = {"calcs": ["lastNotNull"], "fields": "", "values": False}


def letter(position: int) -> str:
    """Grafana's name of a panel's query."""
    return chr(ord("A") + position)


def options(panel: Panel) -> Json:
    """The options of a panel of this kind."""
    match panel.kind:
        case Kind.STAT:
            return {
                "colorMode": "value", "graphMode": "area", "justifyMode": "auto", "orientation": "auto",
                "percentChangeColorMode": "standard", "reduceOptions": _LAST, "showPercentChange": False,
                "textMode": "auto", "wideLayout": True,
            }  # fmt: skip
        case Kind.LINES:
            return {"legend": _legend(), "tooltip": {"mode": "multi", "sort": "desc"}}
        case Kind.TABLE:
            return {"cellHeight": "sm", "frameIndex": 0, "showHeader": True, "sortBy": _sorted(panel.first)}
        case Kind.BARS:
            return {
                "displayMode": "lcd", "legend": {**_legend(), "showLegend": False}, "maxVizHeight": 300,
                "minVizHeight": 16, "minVizWidth": 8, "namePlacement": "auto", "orientation": "horizontal",
                "reduceOptions": _LAST, "showUnfilled": True, "sizing": "auto", "valueMode": "color",
            }  # fmt: skip
        case Kind.STATES:
            return {
                "alignValue": "left", "legend": _legend(), "mergeValues": True, "rowHeight": 0.9,
                "showValue": "auto", "tooltip": {"mode": "single", "sort": "none"},
            }  # fmt: skip
        case Kind.MAP:
            return _map(panel)


def custom(panel: Panel) -> Json:
    """How its fields are drawn, where that is not as Grafana does it by itself."""
    match panel.kind:
        case Kind.LINES:
            return {
                "drawStyle": "line", "lineWidth": 1, "fillOpacity": 25 if panel.stacked else 0, "showPoints": "never",
                "stacking": {"mode": "normal" if panel.stacked else "none", "group": "A"},
            }  # fmt: skip
        case Kind.TABLE:
            return {"align": "auto", "cellOptions": {"type": "auto"}, "filterable": True, "inspect": False}
        case Kind.STATES:
            return {"fillOpacity": 70, "lineWidth": 0}
        case Kind.STAT | Kind.BARS | Kind.MAP:
            return {}


def _legend() -> Json:
    return {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True}


def _sorted(first: str) -> list[Json]:
    return [{"displayName": first.removeprefix("-"), "desc": first.startswith("-")}] if first else []


def _map(panel: Panel) -> Json:
    return {
        "basemap": {"type": "default", "name": "Streets", "config": {}},
        "controls": {"showZoom": True, "mouseWheelZoom": False, "showAttribution": True, "showScale": True},
        "layers": [
            _shapes(layer) if isinstance(layer, Shapes) else _markers(layer, joined=bool(panel.join_by))
            for layer in panel.layers
        ],
        "tooltip": {"mode": "details"},
        "view": {"id": "fit", "allLayers": True, "lat": 0, "lon": 0, "zoom": 12, "padding": 5},
    }


def _shapes(shapes: Shapes) -> Json:
    """Grafana's layer of GeoJSON: which rules it knows, its geojsonLayer.ts says."""
    rules = [
        {"check": {"property": name, "operation": "gte", "value": part}, "style": _filled(colour, shapes.opacity)}
        for name, part, colour in shapes.colours
    ]
    return {
        "type": "geojson",
        "name": shapes.name,
        "tooltip": True,
        "config": {"src": shapes.address, "rules": rules, "style": _filled(shapes.colour, shapes.opacity)},
    }


def _filled(colour: str, opacity: float) -> Json:
    return {"color": {"fixed": colour}, "opacity": opacity, "lineWidth": 0}


def _markers(layer: Layer, *, joined: bool) -> Json:
    where: Json = (
        {"mode": "geohash", "geohash": "geohash"}
        if layer.by == "geohash"
        else {"mode": "coords", "latitude": "latitude", "longitude": "longitude"}
    )
    chosen: Json = {} if joined else {"filterData": {"id": "byRefId", "options": letter(layer.query)}}
    return chosen | {
        "type": "markers",
        "name": layer.name,
        "location": where,
        "tooltip": True,
        "config": {
            "showLegend": True,
            "style": {
                "size": {"fixed": layer.size, "min": 2, "max": 15},
                "color": {"field": layer.colour_by, "fixed": "dark-green"},
                "opacity": layer.opacity,
                "symbol": {"mode": "fixed", "fixed": "img/icons/marker/circle.svg"},
            },
        },
    }
