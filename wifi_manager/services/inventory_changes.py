"""What rows of an inventory file change: pure comparison of what the file says with what the inventory holds.

A city's list names a site in every row, not always with the same kind and address. A row whose kind differs from that
of most rows of its name is a site of its own ("Market (bus stop)"); an address that differs from the site's goes into
the access point's place. So nothing is lost, and the same file gives the same answer again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from wifi_manager.domain.access_points import AccessPoint
from wifi_manager.domain.audit import changed_fields
from wifi_manager.domain.mappings import InventoryRow
from wifi_manager.domain.sites import Site, SiteKind

_POINT_FACTS = ("place", "floor", "position", "indoor", "installed_year", "installer", "service", "model")
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One access point that differs: only the fields that do. `before` is None for a new one."""

    external_id: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What an import would write, and what it would leave alone."""

    points: Sequence[AccessPoint]  # those that are new or changed
    added: Sequence[Change]
    changed: Sequence[Change]
    unchanged: int
    not_in_file: int


def compare(rows: Sequence[InventoryRow], known: Mapping[str, AccessPoint], sites: Mapping[Key, Site]) -> Comparison:
    """Compare a file's rows with the inventory's access points and sites."""
    wanted = _access_points(rows, known, sites)
    added = [Change(each.external_id, None, _present(each)) for each in wanted if each.external_id not in known]
    differing = [each for each in wanted if each.external_id in known and known[each.external_id] != each]
    changed = [
        Change(each.external_id, *changed_fields(facts_of(known[each.external_id]), facts_of(each)))
        for each in differing
    ]
    new = [each for each in wanted if each.external_id not in known]
    return Comparison(
        points=[*new, *differing],
        added=added,
        changed=changed,
        unchanged=len(wanted) - len(added) - len(changed),
        not_in_file=len(known.keys() - {each.external_id for each in wanted}),
    )


def facts_of(point: AccessPoint) -> dict[str, Any]:
    """All that an inventory file may say about an access point, by field; for the audit trail and for export."""
    position = point.position
    return {
        "external_id": point.external_id,
        "district": point.site.district,
        "site": point.site.name,
        "kind": point.site.kind.value,
        "address": point.site.address,
        "place": point.place,
        "floor": point.floor,
        "latitude": None if position is None else position.latitude,
        "longitude": None if position is None else position.longitude,
        "indoor": point.indoor,
        "installed_year": point.installed_year,
        "installer": point.installer,
        "service": point.service,
        "model": point.model,
    }


def _present(point: AccessPoint) -> dict[str, Any]:
    return {name: value for name, value in facts_of(point).items() if value not in (None, "")}


def _access_points(
    rows: Sequence[InventoryRow], known: Mapping[str, AccessPoint], sites: Mapping[Key, Site]
) -> list[AccessPoint]:
    keys = _site_keys(rows, sites)
    addresses = _addresses(rows, keys, sites)
    kinds = dict(zip(keys, (row.kind for row in rows), strict=True))  # all rows of a key agree
    found = {key: Site(*key, kind, addresses[key]) for key, kind in kinds.items()}
    return [_access_point(row, found[key], known.get(row.external_id)) for row, key in zip(rows, keys, strict=True)]


def _access_point(row: InventoryRow, site: Site, before: AccessPoint | None) -> AccessPoint:
    facts = {name: row.facts[name] for name in _POINT_FACTS if name in row.facts}
    address = row.facts.get("address", "")
    if address and address != site.address:
        facts["place"] = ", ".join(filter(None, (address, facts.get("place", ""))))
    if before is None:
        return AccessPoint(row.external_id, site, **facts)
    return replace(before, site=site, **facts)


def _site_keys(rows: Sequence[InventoryRow], sites: Mapping[Key, Site]) -> list[Key]:
    words = _counted(((row.district, row.site), row.kind) for row in rows)
    kinds = {key: _settled(counts, sites[key].kind if key in sites else None) for key, counts in words.items()}
    return [_site_key(row, kinds, sites) for row in rows]


def _site_key(row: InventoryRow, usual: Mapping[Key, SiteKind], sites: Mapping[Key, Site]) -> Key:
    plain = row.district, row.site
    apart = plain
    while apart in usual:  # a name that the file itself uses is no name to set apart by
        apart = row.district, f"{apart[1]} ({row.kind_word or row.kind.value})"
    was_set_apart = apart in sites and plain in sites and sites[plain].kind is not row.kind
    return apart if row.kind is not usual[plain] or was_set_apart else plain


def _addresses(rows: Iterable[InventoryRow], keys: Iterable[Key], sites: Mapping[Key, Site]) -> dict[Key, str]:
    pairs = list(zip(keys, (row.facts.get("address", "") for row in rows), strict=True))
    stored = {key: sites[key].address if key in sites else "" for key, _address in pairs}
    said = _counted((key, address) for key, address in pairs if address)
    return {key: _settled(said[key], address) if key in said else address for key, address in stored.items()}


def _counted(pairs: Iterable[tuple[Key, Any]]) -> dict[Key, Counter[Any]]:
    counts: dict[Key, Counter[Any]] = {}
    for key, value in pairs:
        counts.setdefault(key, Counter())[value] += 1
    return counts


def _settled(counts: Counter[Any], stored: Any) -> Any:
    """What the inventory has stays while the file still says it; else what most rows say, the earlier where equal."""
    return stored if stored in counts else counts.most_common(1)[0][0]
