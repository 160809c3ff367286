"""Reads a file of assumptions for coverage, and says everything that is wrong with it at once."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any

from wifi_manager import shipped
from wifi_manager.domain.access_points import Band
from wifi_manager.domain.coverage import Assumptions, KindDefaults, Quality
from wifi_manager.domain.errors import BadInput, NotFound
from wifi_manager.domain.propagation import Environment
from wifi_manager.domain.sites import SiteKind

_FILE = "coverage.toml"


@dataclass(frozen=True, slots=True)
class _Range:
    """A number between two others."""

    low: float
    high: float

    def fits(self, value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and self.low <= value <= self.high

    def __str__(self) -> str:
        return f"a number from {self.low:g} to {self.high:g}"


_EIRP, _LOSS, _DBM, _GHZ = _Range(-30, 53), _Range(0, 60), _Range(-95, -30), _Range(2.4, 7.2)
_TOP = {
    "phone_height": _Range(1.01, 3),
    "cell": _Range(5, 200),
    "hull": _Range(0, 2000),
    "around_site": _Range(0, 2000),
    "model_error": _Range(0, 30),
    "sample_half_life_days": _Range(1, 3650),
}
_TABLES: Mapping[str, tuple[type[StrEnum], _Range]] = {
    "thresholds": (Quality, _DBM),
    "frequency": (Band, _GHZ),
    "entry_loss": (Band, _LOSS),
}
_KIND_NUMBERS = {"antenna_height": _Range(1.6, 60), "obstacles": _LOSS}
_KIND_FLAGS = ("is_indoor", "is_moving")
_KIND = ("environment", "eirp", *_KIND_NUMBERS, *_KIND_FLAGS)


def shipped_assumptions() -> Assumptions:
    """Those that the program brings. Raises NotFound where the installation has lost them."""
    try:
        return read(shipped.configs() / _FILE)
    except FileNotFoundError as missing:
        raise NotFound(str(missing)) from missing


def read(path: Path) -> Assumptions:
    """The assumptions of a file. Raises BadInput with a line for each problem: key, expectation, value."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as missing:
        raise BadInput(f"{path}: cannot be read: {missing.strerror}. Start from configs/{_FILE}.") from missing
    except ValueError as broken:
        raise BadInput(f"{path}: is not TOML: {broken}.") from broken
    problems = list(_problems(table))
    if problems:
        raise BadInput("\n".join(f"{path}: {problem}" for problem in problems))
    return Assumptions(
        kinds={kind: _kind(table["kinds"][kind]) for kind in SiteKind},
        frequency={band: float(table["frequency"][band]) for band in Band},
        entry_loss={band: float(table["entry_loss"][band]) for band in Band},
        thresholds={quality: float(table["thresholds"][quality]) for quality in Quality},
        **{name: float(table[name]) for name in _TOP if name in table},
    )


def _kind(given: Mapping[str, Any]) -> KindDefaults:
    return KindDefaults(
        environment=Environment(given["environment"]),
        antenna_height=float(given["antenna_height"]),
        eirp={Band(name): float(power) for name, power in given["eirp"].items()},
        is_indoor=given.get("is_indoor", False),
        is_moving=given.get("is_moving", False),
        obstacles=float(given.get("obstacles", 0.0)),
    )


def _problems(table: Mapping[str, Any]) -> Iterator[str]:
    yield from _unknown("", table, (*_TOP, *_TABLES, "kinds"))
    for name, wanted in _TOP.items():
        if name in table and not wanted.fits(table[name]):
            yield f"{name}: is {wanted}, not {table[name]!r}."
    for name, (keys, wanted) in _TABLES.items():
        yield from _numbers(f"[{name}]", table.get(name), tuple(keys), wanted, needed=tuple(keys))
    kinds = table.get("kinds")
    if not isinstance(kinds, dict):
        yield "[kinds]: there is none. Example: [kinds.park]"
        return
    yield from _unknown("[kinds] ", kinds, tuple(SiteKind))
    for kind in SiteKind:
        yield from _kind_problems(f"[kinds.{kind}]", kinds.get(kind))


def _kind_problems(where: str, given: Any) -> Iterator[str]:
    if not isinstance(given, dict):
        yield f"{where}: there is none. Each kind of site needs one."
        return
    yield from _unknown(f"{where} ", given, _KIND)
    if given.get("environment") not in tuple(Environment):
        yield f"{where} environment: is one of {', '.join(Environment)}, not {given.get('environment')!r}."
    for name, wanted in _KIND_NUMBERS.items():
        if name == "antenna_height" or name in given:
            yield from _number(f"{where} {name}", given.get(name), wanted)
    for name in _KIND_FLAGS:
        if not isinstance(given.get(name, False), bool):
            yield f"{where} {name}: is true or false, not {given[name]!r}."
    yield from _numbers(f"{where} eirp", given.get("eirp"), tuple(Band), _EIRP, needed=())


def _numbers(
    where: str, given: Any, known: tuple[str, ...], wanted: _Range, needed: tuple[str, ...]
) -> Iterator[str]:
    if not isinstance(given, dict) or not given:
        yield f"{where}: there is none. It has {wanted} for {', '.join(known)}."
        return
    yield from _unknown(f"{where} ", given, known)
    for name in known:
        if name in given or name in needed:
            yield from _number(f"{where} {name}", given.get(name), wanted)


def _number(where: str, value: Any, wanted: _Range) -> Iterator[str]:
    if not wanted.fits(value):
        yield f"{where}: is {wanted}, not {value!r}."


def _unknown(where: str, table: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[str]:
    for name in table:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(known)}."
            yield f"{where}{name}: there is no such key. {hint}"
