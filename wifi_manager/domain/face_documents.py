"""Reads a face from its document, and finds all that is wrong with it at once."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from wifi_manager.domain.colours import Accent, accent
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.faces import Notice, Severity, SiteFace, Texts, Venue
from wifi_manager.domain.logos import check_address

_LONGEST = {"name": 60, "greeting": 300, "text": 500, "hours": 300, "paragraphs": 1000, "numbers": 120, "links": 200}
_MOST = 20  # notices, paragraphs, numbers, links
_KEYS = {"name", "accent", "logo", "greeting", "notice", "info"}
_NOTICE_KEYS = {"severity", "text", "from", "until"}
_INFO_KEYS = {"paragraphs", "hours", "numbers", "links"}


def read(document: Mapping[str, Any], languages: Collection[str]) -> SiteFace:
    """The face that a document describes. Raises BadInput that names everything that is wrong with it."""
    reader = _Reader(languages)
    face = reader.face(document)
    if reader.wrong:
        raise BadInput("This face cannot be shown: " + " ".join(reader.wrong))
    return face


class _Reader:
    def __init__(self, languages: Collection[str]) -> None:
        self._languages = languages
        self.wrong: list[str] = []

    def face(self, document: Mapping[str, Any]) -> SiteFace:
        self._only(document, _KEYS, "")
        notices = self._tables(document.get("notice", []), "notice")
        info = self._table(document.get("info", {}), "info")
        return SiteFace(
            name=self._line(document.get("name", ""), "name"),
            accent=self._accent(document.get("accent", "")),
            logo=self._logo(document.get("logo", "")),
            greetings=self._texts(document.get("greeting", {}), "greeting"),
            notices=tuple(found for each in notices if (found := self._notice(each)) is not None),
            venue=self._venue(info),
        )

    def _notice(self, table: Mapping[str, Any]) -> Notice | None:
        self._only(table, _NOTICE_KEYS, "notice.")
        texts = self._texts(table.get("text", {}), "text")
        begins, ends = (self._moment(table.get(key), key) for key in ("from", "until"))
        if not texts:
            self.wrong.append('A notice needs a text: text.ko = "…".')
        if begins is not None and ends is not None and ends <= begins:
            self.wrong.append("A notice's until comes after its from.")
        try:
            return Notice(Severity(table.get("severity", "info")), texts, begins, ends)
        except ValueError:
            self.wrong.append(f"severity {table['severity']!r}: it is one of {', '.join(Severity)}.")
            return None

    def _venue(self, table: Mapping[str, Any]) -> Venue:
        self._only(table, _INFO_KEYS, "info.")
        paragraphs = self._table(table.get("paragraphs", {}), "paragraphs")
        known = dict(self._spoken(paragraphs, "paragraphs"))
        return Venue(
            {tag: self._lines(value, "paragraphs") for tag, value in known.items()},
            self._texts(table.get("hours", {}), "hours"),
            self._lines(table.get("numbers", []), "numbers"),
            self._lines(table.get("links", []), "links"),
        )

    def _accent(self, value: object) -> Accent | None:
        try:
            return accent(str(value)) if value else None
        except BadInput as refused:
            self.wrong.append(str(refused))
            return None

    def _logo(self, value: object) -> str:
        try:
            if value:
                check_address(str(value))
        except BadInput as refused:
            self.wrong.append(str(refused))
        return str(value)

    def _moment(self, value: object, key: str) -> datetime | None:
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) and value else value
        except ValueError:
            moment = False
        if moment in {None, ""}:
            return None
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            self.wrong.append(f"{key} {value}: write a moment with its offset, such as 2026-06-01T09:00:00+09:00.")
            return None
        return moment

    def _texts(self, value: object, key: str) -> Texts:
        return {tag: self._line(text, key) for tag, text in self._spoken(self._table(value, key), key)}

    def _spoken(self, table: Mapping[str, Any], key: str) -> Iterator[tuple[str, Any]]:
        for tag, value in table.items():
            if tag in self._languages:
                yield tag, value
            else:
                self.wrong.append(f"{key}.{tag}: the city's languages are {', '.join(self._languages)}.")

    def _lines(self, value: object, key: str) -> tuple[str, ...]:
        if not isinstance(value, list) or len(value) > _MOST:
            self.wrong.append(f"{key} is a list of at most {_MOST} texts.")
            return ()
        return tuple(self._line(each, key) for each in value)

    def _line(self, value: object, key: str) -> str:
        longest = _LONGEST[key]
        if not isinstance(value, str) or len(value) > longest or not value.replace("\n", " ").isprintable():
            self.wrong.append(f"{key} is a text of at most {longest} printable characters.")
            return ""
        return value

    def _tables(self, value: object, key: str) -> list[Mapping[str, Any]]:
        if not isinstance(value, list) or len(value) > _MOST:
            self.wrong.append(f"[[{key}]] is there at most {_MOST} times.")
            return []
        return [self._table(each, key) for each in value]

    def _table(self, value: object, key: str) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self.wrong.append(f"{key} is a table, such as [{key}].")
        return {}

    def _only(self, table: Mapping[str, Any], known: Collection[str], prefix: str) -> None:
        self.wrong += [f"{prefix}{key} is not known here." for key in table if key not in known]
