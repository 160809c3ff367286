"""A channel plan, `channel = [1, 6, 11]`: the access points of a site share the channels out among themselves.

Who stands next to whom in the order of the city's numbers, which follow streets and floors in most inventories, gets
another channel. The same site always gets the same channels; a new access point moves only those that come after it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from wifi_manager.domain.access_points import AccessPoint
from wifi_manager.domain.intent_layers import Combined, Document

_RADIOS, _CHANNEL = "radios", "channel"


def places_in_sites(points: Iterable[AccessPoint]) -> dict[str, int]:
    """Of each access point how many of its site come before it, by external id."""
    sites: dict[tuple[str, str], list[str]] = {}
    for point in points:
        sites.setdefault(point.site.key, []).append(point.external_id)
    return {name: place for names in sites.values() for place, name in enumerate(sorted(names))}


def has_plan(document: Document) -> bool:
    """True where a radio has a plan rather than a channel."""
    radios = document.get(_RADIOS, ())
    return isinstance(radios, list) and any(isinstance(row, Mapping) and _is_plan(row) for row in radios)


def with_channels(combined: Combined, place: int) -> Combined:
    """The same with one channel of each plan, for the access point of this place in its site."""
    if not has_plan(combined.document):
        return combined
    radios = [
        {**row, _CHANNEL: row[_CHANNEL][place % len(row[_CHANNEL])]} if _is_plan(row) else row
        for row in combined.document[_RADIOS]
    ]
    return replace(combined, document={**combined.document, _RADIOS: radios})


def _is_plan(row: Mapping[str, Any]) -> bool:
    plan = row.get(_CHANNEL)
    return isinstance(plan, list) and bool(plan)
