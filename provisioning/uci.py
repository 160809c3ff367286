"""OpenWrt's configuration language: quoting that cannot be broken out of, and a parser that refuses what uci refuses.

The parser follows what the real uci answered to tests/golden/uci/vectors.json.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from wifi_manager.domain.errors import BadInput

Value = str | tuple[str, ...]  # an option, or a list

_NAME = re.compile(r"[A-Za-z0-9_]+")
_TYPE = re.compile(r"[A-Za-z0-9_-]+")
_SPACE = re.compile(r"[ \t\r\v\f]*")  # what C calls space, but for the newline
_PIECE = re.compile(
    r"""'(?P<single>[^']*)'|"(?P<double>(?:\\.|[^"\\])*)"|\\(?P<escaped>.)|(?P<bare>[^ \t\r\v\f\n;#'"\\]+)""",
    re.DOTALL,
)
# A whole statement as `uci commit` writes nearly all of them: read at once, into the same words as piece by piece.
_PLAIN = re.compile(r"[ \t]*(config|option|list) ([A-Za-z0-9_-]+)(?: '([^'\n]*)')?\n")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Section:
    """One `config` block. Ours always have a name; `name` None is an anonymous one found on a device."""

    type: str
    name: str | None
    options: tuple[tuple[str, Value], ...] = field(default=(), repr=False)  # may hold keys

    def get(self, option: str) -> Value | None:
        """The option's value, or None."""
        return dict(self.options).get(option)


def section(kind: str, name: str, *options: tuple[str, Value | None]) -> Section:
    """A named section without the options that have no value: uci cannot hold an empty one."""
    return Section(kind, name, tuple((option, value) for option, value in options if value))


def quote(value: str) -> str:
    """One word for uci: in single quotes. Raises BadInput for what uci cannot hold or what could start a new line."""
    if not value:
        raise BadInput("uci cannot hold an empty value; leave the option out.")
    if any(control in value for control in "\0\r\n"):
        raise BadInput("a newline or NUL is not allowed in a value; write it on one line.")
    return "'" + value.replace("'", "'\\''") + "'"


def format_sections(sections: Iterable[Section]) -> str:
    """A package's text exactly as `uci commit` would write it. Raises BadInput naming section and option."""
    lines = [""]
    for each in sections:
        if each.name is None or not _NAME.fullmatch(each.name) or not _TYPE.fullmatch(each.type):
            raise BadInput(f"{each.type} {each.name}: not a name that uci takes; letters, digits and _ only.")
        lines.append(f"config {each.type} '{each.name}'")
        for option, value in each.options:
            lines.extend(_format_option(each.name, option, value))
        lines.append("")
    return "\n".join(lines) + "\n"


def _format_option(name: str, option: str, value: Value) -> Iterator[str]:
    if not _NAME.fullmatch(option):
        raise BadInput(f"{name}.{option}: not a name that uci takes; letters, digits and _ only.")
    kind = "option" if isinstance(value, str) else "list"
    for word in [value] if isinstance(value, str) else value:
        try:
            yield f"\t{kind} {option} {quote(word)}"
        except BadInput as why:
            raise BadInput(f"{name}.{option}: {why}") from why


def parse(text: str) -> tuple[Section, ...]:
    """Read one package. Raises BadInput with the line where the real uci would refuse the whole package."""
    package = _Package()
    for line, words in _statements(text):
        match words:
            case ["package", *_]:
                continue
            case ["config", kind, *name] if kind and len(name) <= 1:
                package.begin(line, kind, name[0] if name else "")
            case ["option", option, *value] if option and len(value) <= 1:
                package.set(line, option, value[0] if value else "")
            case ["list", option, *value] if option and len(value) <= 1:
                package.append(line, option, value[0] if value else "")
            case ["config" | "option" | "list", *_]:
                raise _refusal(line, "wrong number of arguments")
            case _:
                raise _refusal(line, "invalid command")
    return tuple(Section(s.type, s.name or None, tuple(s.options.items())) for s in package.sections)


@dataclass(slots=True)
class _OpenSection:
    type: str
    name: str
    options: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True)
class _Package:
    """Sections as they grow: a named one that comes again goes on where it was."""

    sections: list[_OpenSection] = field(default_factory=list)
    current: _OpenSection | None = None

    def begin(self, line: int, kind: str, name: str) -> None:
        if name:
            _check_name(line, name)
        self.current = next((each for each in self.sections if name and each.name == name), None)
        if self.current is None:
            self.current = _OpenSection(kind, name)
            self.sections.append(self.current)
        elif self.current.type != kind:
            raise _refusal(line, "section of different type overwrites prior section with same name")

    def set(self, line: int, option: str, value: str) -> None:
        options = self._options(line, option)
        if value:
            options[option] = value

    def append(self, line: int, option: str, value: str) -> None:
        options = self._options(line, option)
        if value:
            before = options.get(option, ())
            options[option] = (*((before,) if isinstance(before, str) else before), value)

    def _options(self, line: int, option: str) -> dict[str, Value]:
        _check_name(line, option)
        if self.current is None:
            raise _refusal(line, "option/list command found before the first section")
        return self.current.options


def _statements(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each statement's words, with the number of the line on which it ends."""
    at, line, words = 0, 1, list[str]()
    while at < len(text):
        if not words and (plain := _PLAIN.match(text, at)):
            yield line, [word for word in plain.groups() if word is not None]
            at, line = plain.end(), line + 1
        elif text[at] in "\n;#":
            if words:
                yield line, words
                words = []
            at = text.find("\n", at) % (len(text) + 1) if text[at] == "#" else at + 1
            line += text.count("\n", at - 1, at)
        elif (space := _SPACE.match(text, at)) and space.end() > at:
            at = space.end()
        else:
            word, end = _word(text, at, line)
            line += text.count("\n", at, end)
            words.append(word)
            at = end
    if words:
        yield line, words


def _word(text: str, at: int, line: int) -> tuple[str, int]:
    word = ""
    while piece := _PIECE.match(text, at):
        at = piece.end()
        match piece.lastgroup:
            case "double":
                word += _ESCAPED.sub(r"\1", piece["double"])
            case kind:
                word += piece[kind or 0]
    if at < len(text) and text[at] in "'\"":
        raise _refusal(line, f"EOF with unterminated {text[at]}")
    if at < len(text) and text[at] == "\\":
        raise _refusal(line, "EOF after a backslash")
    return word, at


def _check_name(line: int, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise _refusal(line, "invalid character in name field")


def _refusal(line: int, reason: str) -> BadInput:
    return BadInput(f"line {line}: {reason}. OpenWrt would refuse the whole file.")
