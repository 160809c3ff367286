"""The difference on the whole fleet, before anything is sent: one group for all access points that change alike.

Planning asks no device. It compares what the layers make with what was last committed; what somebody has changed on a
device by hand is drift, and is found there.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from provisioning.changes import ChangeSet
from provisioning.comparing import Comparing
from provisioning.config_files import ConfigFiles
from provisioning.intent_reading import IntentReader
from provisioning.platforms import WATCHED, render
from provisioning.sharing import Making, sharing
from wifi_manager.domain.access_points import AccessPoint
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.risk import Risk, Touched, risk, touched
from wifi_manager.services.intents import Wants

NOTHING = ConfigFiles({})
_VALUE = re.compile(r"'[^'\n]*'")
_Site = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Group:
    """Access points whose change is the same, line by line. `example` is the whole diff of the first of them."""

    lines: str
    risk: Risk
    touched: frozenset[Touched]
    example: str
    access_points: tuple[str, ...]

    @property
    def shape(self) -> str:
        """The change without its values: an address of their own makes no different change of it."""
        return _VALUE.sub("", self.lines)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an access point would run: its intent as text, and the digest of what that renders to."""

    intent: str = field(repr=False)  # it may hold keys
    digest: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a roll-out would do. `wrong` are access points without a usable intent, by what is wrong with it.

    `wanted` has every access point that would change.
    """

    groups: tuple[Group, ...]
    unchanged: tuple[str, ...]
    wrong: Mapping[str, tuple[str, ...]]
    wanted: Mapping[str, Wanted]
    risk: Risk

    @property
    def changed(self) -> int:
        """How many access points would change."""
        return sum(len(group.access_points) for group in self.groups)


_Key = tuple[str, frozenset[Touched]]


@dataclass(slots=True)
class _Found:
    made: Making
    reader: IntentReader
    comparing: Comparing = field(default_factory=Comparing)
    changes: dict[_Key, list[str]] = field(default_factory=dict)
    examples: dict[_Key, str] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)
    wrong: dict[str, list[str]] = field(default_factory=dict)
    wanted: dict[str, Wanted] = field(default_factory=dict)
    sites: dict[str, _Site] = field(default_factory=dict)


def plan(
    points: Iterable[AccessPoint],
    wants: Wants,
    running: Mapping[str, str],
    digests: Mapping[str, str] | None = None,
    made: Making | None = None,
) -> Plan:
    """The plan for these access points. `running` has the intent of the last committed push of each, as text.

    `digests` has what that rendered to, where it is known: whose digest stays is not looked at any further.
    `made` shares what is equal on many of them, as long as this plan is made. Those that are watched alone are in no
    plan.
    """
    made = made or sharing()
    found = _Found(made, IntentReader(made))
    for point in (each for each in points if each.platform not in WATCHED):
        name = point.external_id
        found.sites[name] = point.site.key
        try:
            _plan_one(found, point, wants, running.get(name), (digests or {}).get(name))
        except BadInput as wrong:
            found.wrong.setdefault(str(wrong), []).append(name)
    return _plan(found)


def _plan_one(found: _Found, point: AccessPoint, wants: Wants, text: str | None, digest: str | None) -> None:
    combined, name = wants.of(point), point.external_id
    try:
        wanted = found.reader.intent(combined.document)
    except BadInput:
        wanted = combined.intent()  # says which layer each wrong value is from
    files = render(wanted, point.platform, found.made)
    wanted_digest = files.digest()
    if digest == wanted_digest:
        found.unchanged.append(name)
        return
    before = None if text is None else found.reader.approved(text)
    change = ChangeSet(NOTHING if before is None else render(before, point.platform, found.made), files)
    if change.is_empty:
        found.unchanged.append(name)
        return
    found.wanted[name] = Wanted(found.reader.text(combined.document), wanted_digest)
    _add(found, name, change, touched(before, wanted))


def _add(found: _Found, external_id: str, change: ChangeSet, what: frozenset[Touched]) -> None:
    key = (_lines(found, change), what)
    if key not in found.changes:
        found.examples[key] = change.diff()
    found.changes.setdefault(key, []).append(external_id)


def _lines(found: _Found, change: ChangeSet) -> str:
    """The changed lines of all files; a pair of files that thousands have is compared once."""
    before, after = change.before.content, change.after.content
    pairs = ((path, before.get(path), after.get(path)) for path in sorted({*before, *after}))
    return "".join(found.made(_lines_of, found.comparing, *pair) for pair in pairs if pair[1] != pair[2])


def _lines_of(comparing: Comparing, path: str, before: bytes | None, after: bytes | None) -> str:
    one = ChangeSet(_only(path, before), _only(path, after))
    return one.diff(context=0, comparing=comparing)


def _only(path: str, data: bytes | None) -> ConfigFiles:
    return ConfigFiles({} if data is None else {path: data})


def _plan(found: _Found) -> Plan:
    fleet = list(found.sites.values())
    groups = [
        Group(lines, _risk(found, what, names, fleet), what, found.examples[lines, what], tuple(names))
        for (lines, what), names in found.changes.items()
    ]
    groups.sort(key=lambda group: (-group.risk.score, -len(group.access_points), group.lines))
    everything = frozenset(each for group in groups for each in group.touched)
    return Plan(
        tuple(groups),
        tuple(found.unchanged),
        {why: tuple(names) for why, names in found.wrong.items()},
        found.wanted,
        _risk(found, everything, found.wanted, fleet) if groups else Risk(0, ()),
    )


def _risk(found: _Found, what: frozenset[Touched], names: Iterable[str], fleet: list[_Site]) -> Risk:
    return risk(what, [found.sites[name] for name in names], fleet)
