"""The difference on the whole fleet, before anything is sent: one group for all access points that change alike.

Planning asks no device. It compares what the layers make with what was last committed; what somebody has changed on a
device by hand is drift, and is found there.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import tomli_w

from provisioning.changes import ChangeSet
from provisioning.config_files import ConfigFiles
from provisioning.rendering import render
from wifi_manager.domain.access_points import AccessPoint
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent import Intent
from wifi_manager.domain.intent_documents import approved_intent
from wifi_manager.services.intents import Wants

NOTHING = ConfigFiles({})
_VALUE = re.compile(r"'[^'\n]*'")


class Risk(StrEnum):
    """What could go wrong at worst, the worst first."""

    REACH = "reach"  # how we get there changes: address, gateway, port, VLANs of the cable
    AIR = "air"  # what phones see changes: names, encryption, keys, radios
    INNER = "inner"  # nobody outside the access point notices


@dataclass(frozen=True, slots=True)
class Group:
    """Access points whose change is the same, line by line. `example` is the whole diff of the first of them."""

    lines: str
    risk: Risk
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

    @property
    def changed(self) -> int:
        """How many access points would change."""
        return sum(len(group.access_points) for group in self.groups)


@dataclass(slots=True)
class _Found:
    changes: dict[tuple[str, Risk], list[str]] = field(default_factory=dict)
    examples: dict[tuple[str, Risk], str] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)
    wrong: dict[str, list[str]] = field(default_factory=dict)
    wanted: dict[str, Wanted] = field(default_factory=dict)


def plan(points: Iterable[AccessPoint], wants: Wants, running: Mapping[str, str]) -> Plan:
    """The plan for these access points. `running` has the intent of the last committed push of each, as text."""
    found = _Found()
    for point in points:
        try:
            combined = wants.of(point)
            wanted, before = combined.intent(), _running(running.get(point.external_id))
            change = ChangeSet(NOTHING if before is None else render(before), render(wanted))
        except BadInput as wrong:
            found.wrong.setdefault(str(wrong), []).append(point.external_id)
            continue
        if change.is_empty:
            found.unchanged.append(point.external_id)
            continue
        found.wanted[point.external_id] = Wanted(tomli_w.dumps(combined.document), change.after.digest())
        _add(found, point.external_id, change, _risk(before, wanted))
    return _plan(found)


def _running(text: str | None) -> Intent | None:
    return None if text is None else approved_intent(text)


def _add(found: _Found, external_id: str, change: ChangeSet, risk: Risk) -> None:
    key = (change.diff(context=0), risk)
    if key not in found.changes:
        found.examples[key] = change.diff()
    found.changes.setdefault(key, []).append(external_id)


def _risk(before: Intent | None, after: Intent) -> Risk:
    if before is None or (before.management, _vlans(before)) != (after.management, _vlans(after)):
        return Risk.REACH
    return Risk.AIR if (before.radios, before.networks) != (after.radios, after.networks) else Risk.INNER


def _vlans(intent: Intent) -> frozenset[int | None]:
    return frozenset(network.vlan for network in intent.networks)


def _plan(found: _Found) -> Plan:
    order = list(Risk)
    keys = sorted(found.changes, key=lambda key: (order.index(key[1]), -len(found.changes[key]), key[0]))
    groups = (
        Group(lines, risk, found.examples[lines, risk], tuple(found.changes[lines, risk])) for lines, risk in keys
    )
    wrong = {why: tuple(names) for why, names in found.wrong.items()}
    return Plan(tuple(groups), tuple(found.unchanged), wrong, found.wanted)
