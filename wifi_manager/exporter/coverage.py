"""Series of the newest map, rendered straight to text: shares of districts, and signals by geohash for map panels."""

from collections.abc import Iterable

from wifi_manager.domain.coverage import Share
from wifi_manager.domain.coverage_reports import CoverageReport
from wifi_manager.exporter.texts import escaped
from wifi_manager.metrics import Family

_LABELS = ("city", "district", "site_kind", "band", "quality", "source")
_AREA = Family(
    "wifi_coverage_area_ratio",
    "gauge",
    "Part of an area whose signal is good or usable; without a district all of them, without a site_kind all places.",
    ("city", "district", "site_kind", "band", "quality", "source"),
)
_PEOPLE = Family(
    "wifi_coverage_population_ratio",
    "gauge",
    "As wifi_coverage_area_ratio, of the residents; only with a file of them.",
    ("city", "district", "site_kind", "band", "quality", "source"),
)
_SIGNAL = Family(
    "wifi_coverage_cell_signal_dbm",
    "gauge",
    "Median signal in a geohash of six letters; places without any have no series.",
    ("city", "band", "geohash"),
)
_AT = Family(
    "wifi_coverage_computed_timestamp_seconds", "gauge", "When `wifi-manager coverage compute` last ended.", ("city",)
)


def page(report: CoverageReport | None, city: str) -> str:
    """The series in the Prometheus text format 0.0.4; nothing before the first map."""
    if report is None:
        return ""
    areas = [_share(_AREA, each, city) for each in report.shares if not each.people]
    people = [_share(_PEOPLE, each, city) for each in report.shares if each.people]
    return "".join(
        [
            *_family(_AREA, areas),
            *_family(_PEOPLE, people),
            *_family(_SIGNAL, _signals(report, city)),
            *_family(_AT, [f'{_AT.name}{{city="{escaped(city)}"}} {report.at.timestamp()!r}\n']),
        ]
    )


def _family(family: Family, lines: list[str]) -> Iterable[str]:
    return [family.header(), *lines] if lines else []


def _share(family: Family, share: Share, city: str) -> str:
    values = (city, share.area, share.kind, share.band, share.quality.value, share.source.value)
    labels = ",".join(f'{name}="{escaped(value)}"' for name, value in zip(_LABELS, values, strict=True))
    return f"{family.name}{{{labels}}} {share.ratio!r}\n"


def _signals(report: CoverageReport, city: str) -> list[str]:
    head = f'{_SIGNAL.name}{{city="{escaped(city)}"'
    return [
        f'{head},band="{band}",geohash="{geohash}"}} {dbm!r}\n'
        for band, signals in report.signals.items()
        for geohash, dbm in signals.items()
    ]
