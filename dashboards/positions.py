"""Maps of what stands and of what drives."""

from dashboards.model import Column, Kind, Layer, Panel, Shapes, Steps
from dashboards.panels import UP_WORDS, now

# Grafana fetches it from the data source with the uid wifi-exporter and hands it on, whoever looks at the dashboard.
_HEXAGONS = "api/datasources/proxy/uid/wifi-exporter/coverage/hexagons.geojson"
HEXAGONS = Shapes(
    "Hexagons",
    _HEXAGONS,
    [("good", 0.5, "#084582"), ("usable", 0.5, "#3182bd"), ("usable", 0.05, "#9ecae1")],
    "#e2e4e8",
)


def standing(where: str) -> Panel:
    """Every access point with a place in the list, by whether it is up."""
    expr = (
        "max by (ap, site, geohash) (wifi_ap_up * on (ap) group_left (site, geohash) "
        f'wifi_ap_info{{{where}, geohash!=""}})'
    )
    return Panel(
        Kind.MAP,
        "Where",
        "Access points by whether they answer.",
        [now(expr, "Up")],
        width=12,
        steps=Steps(("red", "green"), (1,)),
        layers=[Layer("Access points", 0, "geohash", "Up")],
        words=UP_WORDS,
    )


def buses(where: str, width: int = 24) -> Panel:
    """Where what drives last was, by how old that is."""
    return Panel(
        Kind.MAP,
        "Where the buses are",
        "By the age of their positions in seconds: yellow from a minute, red from a quarter of an hour.",
        [
            now(_of("wifi_ap_latitude_degrees", where), "latitude"),
            now(_of("wifi_ap_longitude_degrees", where), "longitude"),
            now(f"time() - {_of('wifi_ap_position_timestamp_seconds', where)}", "Age"),
        ],
        "s",
        width,
        Steps(("green", "#EAB839", "red"), (60, 900)),
        layers=[Layer("Buses", 0, "coords", "Age", size=7)],
        columns={"latitude": Column("degree"), "longitude": Column("degree")},
        hidden=("Time 1", "Time 2", "Time 3"),
        join_by="ap",
    )


def _of(metric: str, where: str) -> str:
    return f"max by (ap) ({metric} and on (ap) wifi_ap_info{{{where}}})"
