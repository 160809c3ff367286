"""The only way to make a metric: its name, unit and labels are checked when it is made, before anybody scrapes it.

Labels take few and known values (Prometheus keeps a series for each): never a MAC address, a phone or a person.
A registry is handed in, so tests and processes never share one.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics import MetricWrapperBase

PREFIX = "wifi_"
ALLOWED_LABELS = frozenset(
    {
        "ap", "band", "city", "district", "gateway", "method", "outcome", "platform", "process", "radio", "reason",
        "route", "site", "site_kind", "status", "direction", "version",
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
_HISTOGRAM_UNITS = ("_seconds", "_bytes")
_RESERVED_ENDINGS = ("_total", "_count", "_sum", "_bucket", "_created")  # the client or the scraper adds them

_Metric = TypeVar("_Metric", bound=MetricWrapperBase)


def counter(name: str, meaning: str, labels: Sequence[str], registry: CollectorRegistry) -> Counter:
    """What only grows. `name` comes without `_total`, which the client adds. Raises ValueError as `_checked` does."""
    return _checked(Counter, name, meaning, labels, registry)


def gauge(name: str, meaning: str, labels: Sequence[str], registry: CollectorRegistry) -> Gauge:
    """What goes up and down. Raises ValueError as `_checked` does."""
    return _checked(Gauge, name, meaning, labels, registry)


def histogram(
    name: str, meaning: str, labels: Sequence[str], registry: CollectorRegistry, buckets: Sequence[float]
) -> Histogram:
    """How long or how large, in buckets. The meaning says where its clock starts and stops.

    Raises ValueError as `_checked` does, and for a name that does not end with its unit, `_seconds` or `_bytes`.
    """
    if not name.endswith(_HISTOGRAM_UNITS):
        raise ValueError(f"The histogram {name} ends with its unit: {' or '.join(_HISTOGRAM_UNITS)}.")

    def make(name: str, meaning: str, labels: Sequence[str], registry: CollectorRegistry) -> Histogram:
        return Histogram(name, meaning, labels, registry=registry, buckets=buckets)

    return _checked(make, name, meaning, labels, registry)


def _checked(
    make: Callable[..., _Metric], name: str, meaning: str, labels: Sequence[str], registry: CollectorRegistry
) -> _Metric:
    """Make it, or raise ValueError for a name, meaning or label that the catalogue could not carry."""
    if not name.startswith(PREFIX):
        raise ValueError(f"The metric {name} begins with {PREFIX}, so that a city finds ours among all others.")
    if name.endswith(_FORBIDDEN_UNITS):
        raise ValueError(f"The metric {name} counts in seconds, bytes or a ratio from 0 to 1.")
    if name.endswith(_RESERVED_ENDINGS):
        raise ValueError(f"The metric {name} leaves {', '.join(_RESERVED_ENDINGS)} to the client.")
    if not meaning.endswith("."):
        raise ValueError(f"The metric {name} says what it means in a sentence.")
    if unknown := set(labels) - ALLOWED_LABELS:
        raise ValueError(f"The metric {name} has labels that nobody allowed: {', '.join(sorted(unknown))}.")
    return make(name, meaning, labels, registry=registry)
