"""The only way to make a metric: its name, unit and labels are checked when it is made, before anybody scrapes it.

Labels take few and known values (Prometheus keeps a series for each): never a MAC address, a phone or a person.
A registry is handed in, so tests and processes never share one. docs/metrics.md lists every metric; a house test
compares.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

PREFIX = "wifi_"
ALLOWED_LABELS = frozenset(
    {
        "ap", "band", "city", "direction", "district", "firmware", "gateway", "geohash", "life_cycle", "method",
        "model", "network", "outcome", "platform", "process", "quality", "radio", "reason", "result", "route",
        "signal", "site", "site_kind", "source", "stage", "status", "vendor", "version",
    }
)  # fmt: skip
# https://prometheus.io/docs/practices/naming/: base units, in plural, at the end of the name.
_FORBIDDEN_UNITS = (
    "_ms",
    "_milliseconds",
    "_minutes",
    "_hours",
    "_kb",
    "_kilobytes",
    "_mb",
    "_megabytes",
    "_percent",
)
_CLIENT_ENDINGS = ("_total", "_count", "_sum", "_bucket", "_created")
_HISTOGRAM_UNITS = ("_seconds", "_bytes")


@dataclass(frozen=True, slots=True)
class Family:
    """Name, kind and labels of the series that one metric has: for those who render its text themselves.

    `name` has no `_total`; the meaning is a sentence. Raises ValueError for what the catalogue could not carry.
    """

    name: str
    kind: str  # counter, gauge or histogram
    meaning: str
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a bad name, meaning or label."""
        if not self.name.startswith(PREFIX):
            raise ValueError(f"The metric {self.name} begins with {PREFIX}, so that a city finds ours among others.")
        if self.name.endswith(_FORBIDDEN_UNITS):
            raise ValueError(f"The metric {self.name} counts in seconds, bytes or a ratio from 0 to 1.")
        if self.name.endswith(_CLIENT_ENDINGS):
            raise ValueError(f"The metric {self.name} leaves {', '.join(_CLIENT_ENDINGS)} to the text format.")
        if self.kind == "histogram" and not self.name.endswith(_HISTOGRAM_UNITS):
            raise ValueError(f"The histogram {self.name} ends with its unit: {' or '.join(_HISTOGRAM_UNITS)}.")
        if not self.meaning.endswith("."):
            raise ValueError(f"The metric {self.name} says what it means in a sentence.")
        if unknown := set(self.labels) - ALLOWED_LABELS:
            raise ValueError(f"The metric {self.name} has labels that nobody allowed: {', '.join(sorted(unknown))}.")

    def header(self) -> str:
        """HELP and TYPE lines of the Prometheus text format 0.0.4, in which a counter's name ends with `_total`."""
        name = f"{self.name}_total" if self.kind == "counter" else self.name
        meaning = self.meaning.replace("\\", r"\\").replace("\n", r"\n")
        return f"# HELP {name} {meaning}\n# TYPE {name} {self.kind}\n"


def counter(name: str, meaning: str, labels: Sequence[str], registry: CollectorRegistry) -> Counter:
    """What only grows; the client adds `_total` to its name. Raises ValueError as Family does."""
    return Counter(*_checked(name, "counter", meaning, labels), registry=registry)


def gauge(name: str, meaning: str, labels: Sequence[str], registry: CollectorRegistry) -> Gauge:
    """What goes up and down. Raises ValueError as Family does."""
    return Gauge(*_checked(name, "gauge", meaning, labels), registry=registry)


def histogram(
    name: str, meaning: str, labels: Sequence[str], registry: CollectorRegistry, buckets: Sequence[float]
) -> Histogram:
    """How long or how large. The meaning says where its clock starts and stops. Raises ValueError as Family does."""
    return Histogram(*_checked(name, "histogram", meaning, labels), registry=registry, buckets=buckets)


def _checked(name: str, kind: str, meaning: str, labels: Sequence[str]) -> tuple[str, str, tuple[str, ...]]:
    family = Family(name, kind, meaning, tuple(labels))
    return family.name, family.meaning, family.labels
