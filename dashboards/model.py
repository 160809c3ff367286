"""What a dashboard is made of, in our words. All of it is frozen, and knows nothing of JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

GREEN, YELLOW, RED, BLUE, GREY = "green", "#EAB839", "red", "blue", "#808080"


class Kind(StrEnum):
    """Panels, as Grafana calls them."""

    STAT = "stat"
    LINES = "timeseries"
    TABLE = "table"
    BARS = "bargauge"
    MAP = "geomap"
    STATES = "state-timeline"


@dataclass(frozen=True, slots=True)
class Query:
    """PromQL for a panel. `name` is the legend of lines and the heading of a table's column.

    `now` asks for one moment, as a table with the labels as columns: maps need that (grafana/grafana#87055).
    """

    expr: str
    name: str = ""
    now: bool = False


@dataclass(frozen=True, slots=True)
class Steps:
    """Colours: the first one below the first bound, the next one from there on."""

    colours: Sequence[str] = (GREEN,)
    bounds: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """How a table shows one of its columns: its unit and colours, and the dashboard that it leads to."""

    unit: str = ""
    steps: Steps | None = None
    leads_to: str = ""  # uid of a dashboard, which gets the row's place
    unseen: bool = False  # there for a link alone


@dataclass(frozen=True, slots=True)
class Layer:
    """Markers of one query on a map: by geohash, or where two numeric fields say."""

    name: str
    query: int
    by: Literal["geohash", "coords"]
    colour_by: str
    size: int = 5
    opacity: float = 0.8


@dataclass(frozen=True, slots=True)
class Shapes:
    """Areas of a GeoJSON file on a map. `address` is as the browser sees it, from Grafana's own.

    `colours` are of areas of which at least this part has the property, the first that holds; others have `colour`.
    """

    name: str
    address: str
    colours: Sequence[tuple[str, float, str]]  # property, part from 0 to 1, colour
    colour: str
    opacity: float = 0.5


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture. `unit` is Grafana's name of a unit; `width` is of 24."""

    kind: Kind
    title: str
    about: str
    queries: Sequence[Query]
    unit: str = "short"
    width: int = 8
    steps: Steps | None = None
    columns: Mapping[str, Column] = field(default_factory=dict)
    layers: Sequence[Layer | Shapes] = ()
    hidden: Sequence[str] = ()  # columns that nobody reads
    first: str = ""  # the column that a table is sorted by; with a minus the largest first
    join_by: str = ""  # the column by which queries become one table
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # value: word and colour
    highest: float | None = None
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Panels side by side; a row without a title continues the one above."""

    title: str
    panels: Sequence[Panel]
    height: int = 8


@dataclass(frozen=True, slots=True)
class Variable:
    """A choice at the top: the values that one label takes in these series; `many`: of some, at first of all."""

    name: str
    label: str
    series: str
    many: bool = False

    @property
    def of(self) -> str:
        """The label whose values are chosen; those of which many may be have a plural as name."""
        return self.name.removesuffix("s") if self.many else self.name


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One page. Its uid is part of links, and never changes."""

    uid: str
    title: str
    about: str
    variables: Sequence[Variable]
    rows: Sequence[Row]
    refresh: str = "1m"
    since: str = "now-6h"


CITY = Variable("city", "City", "wifi_sites")
DISTRICT = Variable("district", "District", 'wifi_ap_info{city="$city"}')
SITE = Variable("site", "Site", 'wifi_ap_info{city="$city", district="$district"}')
APS = Variable("aps", "Access points", 'wifi_ap_info{city="$city", district="$district", site="$site"}', many=True)
AP = Variable("ap", "Access point", 'wifi_ap_info{city="$city", district="$district", site="$site"}')
