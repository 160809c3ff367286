"""Reads legal profiles: configs/law/<name>.toml, or a file of the city's own. Every mistake is told at once."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.law import (
    FIXED,
    LONGEST_DAYS,
    LONGEST_KEY_DAYS,
    NEVER_KEPT,
    OPTIONAL_CONSENTS,
    Keeping,
    Kind,
    LegalProfile,
)

FOLDER = "law"
_OLDEST_AGE = 21
_KINDS = {kind.value: kind for kind in Kind if kind not in FIXED}
_SECTIONS = ("keep", "never_kept", "device_keys", "consent", "age")


def load(configs: Path, chosen: str) -> LegalProfile:
    """The profile of that name, or the file of that path. Raises BadInput naming file, key and what fits."""
    path = Path(chosen) if chosen.endswith(".toml") else configs / FOLDER / f"{chosen}.toml"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as missing:
        known = ", ".join(names(configs))
        raise BadInput(
            f"[city] law: there is no legal profile {path} ({missing.strerror}). Known are: {known}; "
            "or give the path of a file of your own that ends in .toml."
        ) from missing
    return read(text, str(path))


def names(configs: Path) -> list[str]:
    """Profiles that come with the program."""
    return sorted(path.stem for path in (configs / FOLDER).glob("*.toml"))


def read(text: str, where: str) -> LegalProfile:
    """The profile that the text of a TOML file describes. Raises BadInput with a line for each mistake."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise BadInput(f"{where}: is not TOML: {broken}.") from broken
    problems: list[str] = []
    whole = _Table(where, "", table, problems)
    keep, never, keys, consent, age = (whole.table(name) for name in _SECTIONS)
    found = LegalProfile(
        name=Path(where).stem,
        title=whole.text("title"),
        not_legal_advice=whole.text("not_legal_advice"),
        keep={kind: _keeping(keep.table(name)) for name, kind in _KINDS.items()},
        never_kept_source=never.text("source"),
        key_days=keys.number("days", 1, LONGEST_KEY_DAYS),
        key_source=keys.text("source"),
        optional_consents=consent.words("optional", OPTIONAL_CONSENTS),
        consent_source=consent.text("source"),
        guardian_below_age=age.number("guardian_below", 0, _OLDEST_AGE),
        age_source=age.text("source"),
    )
    if missing := set(NEVER_KEPT) - set(never.words("records", NEVER_KEPT)):
        never.wrong(
            "records", f"a list with all of {', '.join(NEVER_KEPT)}; {', '.join(sorted(missing))} is not in it"
        )
    for each in (whole, keep, never, keys, consent, age):
        each.refuse_unknown()
    if problems:
        raise BadInput("\n".join(problems))
    return found


def _keeping(table: "_Table") -> Keeping:
    keeping = Keeping(table.number("days", 1, LONGEST_DAYS), table.text("source"), table.flag("held"))
    table.refuse_unknown()
    return keeping


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of the file: takes values out, and notes what does not fit."""

    where: str
    name: str
    values: Mapping[str, Any]
    problems: list[str]
    taken: set[str] = field(default_factory=set)

    def table(self, key: str) -> "_Table":
        found = self._take(key)
        if not isinstance(found, dict):
            self.problems.append(f"{self.where}: there is no section [{self._path(key)}]. Compare with configs/law.")
            return _Table(self.where, self._path(key), {}, [])  # told once, not for each of its keys
        return _Table(self.where, self._path(key), found, self.problems)

    def text(self, key: str) -> str:
        found = self._take(key)
        if isinstance(found, str) and found.strip():
            return found
        self.wrong(key, "a text: the rule that this follows, or what is to be said", found)
        return ""

    def number(self, key: str, least: int, most: int) -> int:
        found = self._take(key)
        if isinstance(found, int) and not isinstance(found, bool) and least <= found <= most:
            return found
        self.wrong(key, f"a whole number from {least} to {most}", found)
        return least

    def flag(self, key: str) -> bool:
        found = self._take(key) if key in self.values else False
        if not isinstance(found, bool):
            self.wrong(key, "true or false", found)
        return found is True

    def words(self, key: str, known: Collection[str]) -> tuple[str, ...]:
        found = self._take(key)
        if isinstance(found, list) and all(each in known for each in found):
            return tuple(found)
        self.wrong(key, f"a list of {', '.join(known)}", found)
        return ()

    def wrong(self, key: str, expected: str, found: object = None) -> None:
        given = "" if found is None else f", not {found!r}"
        self.problems.append(f"{self.where}: [{self.name or 'top'}] {key} is {expected}{given}.")

    def refuse_unknown(self) -> None:
        for key in sorted(set(self.values) - self.taken):
            near = get_close_matches(key, self.taken, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(sorted(self.taken))}."
            self.problems.append(f"{self.where}: [{self.name or 'top'}] has no key {key}. {hint}")

    def _take(self, key: str) -> Any:
        self.taken.add(key)
        return self.values.get(key)

    def _path(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key
