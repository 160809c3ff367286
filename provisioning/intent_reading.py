"""Reading thousands of intents that differ in little: what is the same on many access points is read once.

An access point has its name and its management line for itself; the rest it shares with others. So a reader keeps an
Intent for each rest that it has seen, and each table of a text that it has parsed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import tomli_w

from provisioning.sharing import Making, sharing
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent import Intent, ManagementLine
from wifi_manager.domain.intent_documents import (
    approved_from_document,
    intent_from_document,
    own_part,
    parse_toml,
)

_OWN = ("hostname", "management")  # what an access point has for itself
_TABLE = re.compile(r"^(?=\[\[?[A-Za-z0-9_-]+\]\]?[ \t]*$)", re.MULTILINE)
_VALUE = re.compile(r"^(?=[A-Za-z0-9_-]+ = )", re.MULTILINE)
# A block of nothing but texts, as access points have their name and address: read here, for tomllib takes its time.
_TEXTS = re.compile(r"(?:\[([A-Za-z0-9_-]+)\]\n)?((?:[A-Za-z0-9_-]+ = \"[^\"\\\x00-\x1f\x7f]*\"\n)+)\n*")
_TEXT = re.compile(r"([A-Za-z0-9_-]+) = \"([^\"]*)\"\n")
_BARE_NAME = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN_TEXT = re.compile(r"[^\"\\\x00-\x1f\x7f]*")
_LONG_STRINGS = ('"""', "'''")  # may hold a line that looks like the head of a table

Document = Mapping[str, Any]
_Key = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class _Like:
    """What is kept of a rest: the document, so that its parts live as long as their identities are known."""

    document: Document
    intent: Intent


@dataclass(frozen=True, slots=True)
class _Own:
    """A document by what it says in an access point's own part."""

    said: str
    document: Document = field(compare=False)


@dataclass(frozen=True, slots=True)
class IntentReader:
    """Reads documents and texts, and writes texts. For one plan.

    The rules of domain/intent_rules.py are about what access points share, so they are asked once for each rest.
    """

    made: Making = field(default_factory=sharing)
    _likes: dict[tuple[bool, _Key], _Like] = field(default_factory=dict)
    _rests: dict[_Key, tuple[Document, str, str]] = field(default_factory=dict)

    def intent(self, document: Document) -> Intent:
        """As `intent_from_document`. Raises BadInput."""
        return self._read(document, wanted=True)

    def approved(self, text: str) -> Intent:
        """As `approved_intent`. Raises BadInput."""
        return self._read(self.document(text), wanted=False)

    def _read(self, document: Document, *, wanted: bool) -> Intent:
        read = intent_from_document if wanted else approved_from_document
        key = wanted, _key_of_rest(document)
        like = self._likes.get(key)
        if like is None:
            self._likes[key] = like = _Like(document, read(document))
            return like.intent
        try:
            hostname, line = self.made(_own_part, _Own(repr([document.get(name) for name in _OWN]), document))
            return replace(like.intent, hostname=hostname, management=line)
        except BadInput:
            return read(document)  # names every place of the whole

    def document(self, text: str) -> Document:
        """As `parse_toml`. Raises BadInput."""
        if any(each in text for each in _LONG_STRINGS):
            return parse_toml(text)
        try:
            found = _joined([self.made(_block, block) for block in _blocks(text)])
        except BadInput:  # a bracket at the start of a line was no head of a table, or it is no TOML at all
            found = None
        return parse_toml(text) if found is None else found

    def text(self, document: Document) -> str:
        """The document as TOML."""
        key = _key_of_rest(document)
        if key not in self._rests:
            rest = {name: value for name, value in document.items() if name not in _OWN}
            self._rests[key] = (document, *_written(rest))
        _, plain, tables = self._rests[key]
        own_plain, own_tables = _written({name: document[name] for name in _OWN if name in document})
        return own_plain + plain + own_tables + tables


def _own_part(own: _Own) -> tuple[str, ManagementLine]:
    return own_part(own.document)


def _block(text: str) -> Document:
    return _texts(text) or parse_toml(text)


def _texts(block: str) -> Document | None:
    """What a block of nothing but texts says; None for any other, and where a name comes twice."""
    found = _TEXTS.fullmatch(block)
    if found is None:
        return None
    texts = _TEXT.findall(found[2])
    values = dict(texts)
    if len(values) != len(texts):
        return None
    return {found[1]: values} if found[1] else values


def _dumped(name: str, value: Any) -> str:
    """As tomli_w writes it; where there are but texts, as access points have for themselves, in less of its time."""
    is_table = isinstance(value, Mapping) and bool(value)
    texts, head = (value, f"[{name}]\n") if is_table else ({name: value}, "")
    plain = all(isinstance(text, str) and _PLAIN_TEXT.fullmatch(text) for text in texts.values())
    if not plain or not all(map(_BARE_NAME.fullmatch, (name, *texts))):
        return tomli_w.dumps({name: value})
    return head + "".join(f'{key} = "{text}"\n' for key, text in texts.items())


def _key_of_rest(document: Document) -> _Key:
    """The same for documents whose rest is made of the same tables and of equal values."""
    return tuple((name, _identity(value)) for name, value in document.items() if name not in _OWN)


def _identity(value: Any) -> Any:
    """Plain values as they are, tables by their identity: comparing them takes longer than reading them."""
    if isinstance(value, list):
        return tuple(id(each) if isinstance(each, dict | list) else (each.__class__, each) for each in value)
    return id(value) if isinstance(value, Mapping) else (value.__class__, value)


def _joined(blocks: list[Document]) -> Document | None:
    """One document of all blocks; None where they do not simply stand beside one another."""
    found: dict[str, Any] = {}
    for block in blocks:
        for name, value in block.items():
            if name not in found:
                found[name] = list(value) if isinstance(value, list) else value
            elif isinstance(found[name], list) and isinstance(value, list):
                found[name].extend(value)
            else:
                return None
    return found


def _blocks(text: str) -> list[str]:
    """The values before the first table, one by one, and each table."""
    first, *tables = _TABLE.split(text)
    return [*_VALUE.split(first), *tables]


def _written(document: Document) -> tuple[str, str]:
    """Its values that stand on lines of their own, which TOML wants first, and its tables."""
    texts = [_dumped(name, value) for name, value in document.items()]
    plain = "".join(text for text in texts if not text.startswith("["))
    return plain, "".join(text for text in texts if text.startswith("["))
