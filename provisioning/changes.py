"""What a push would change, said so that a person can judge it and no key can be read from it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provisioning.comparing import Comparing
from provisioning.config_files import ConfigFiles

_HIDDEN = r"(?:key\d?|\w*secret|\w*password|passwd|private_key|preshared_key|psk|token|community|r[01]kh|\w*_pass)"
# The whole word after the name, quoted as uci allows, also over lines; where it is broken, the rest of the line.
_SECRET = re.compile(
    rf"""\b((?:option|list)\s+['"]?{_HIDDEN}['"]?[ \t]+)"""
    r"""((?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s;'"\\])+|[^\n]*)""",
    re.DOTALL,
)
# hostapd.conf knows no quotes: its values go to the end of their lines.
_SECRET_LINE = re.compile(
    r"^((?:\w*(?:passphrase|psk|password|passwd|secret)|r[01]kh|wep_key\d)=)([^\n]*)", re.MULTILINE
)
# snmpd.conf has its secrets between other words.
_SNMP_PRIVACY_KEY = re.compile(r"^(createUser \S+ SHA \S+ AES )(\S+)", re.MULTILINE)
_SNMP_WORD = re.compile(r"^(createUser \S+ SHA |com2sec6? \S+ \S+ )(\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """From the files that were found to the files that are wanted."""

    before: ConfigFiles
    after: ConfigFiles

    @property
    def is_empty(self) -> bool:
        """True where every wanted file is there, byte for byte."""
        return all(self.before.content.get(path) == data for path, data in self.after.content.items())

    def undo(self) -> "ChangeSet":
        """The way back."""
        return ChangeSet(self.after, self.before)

    def diff(self, context: int = 3, comparing: Comparing | None = None) -> str:
        """A unified diff of all changed files, with so many lines around each change.

        Keys are replaced by numbers: another number is another key.
        """
        seen: dict[str, str] = {}
        known = comparing or Comparing()
        paths = sorted({*self.before.content, *self.after.content})
        changed = (path for path in paths if self.before.content.get(path) != self.after.content.get(path))
        return "".join(line for path in changed for line in self._diff_of(path, seen, context, known))

    def _diff_of(self, path: str, seen: dict[str, str], context: int, known: Comparing) -> Iterator[str]:
        old, new = (redacted(files.text(path), seen).splitlines() for files in (self.before, self.after))
        here, there = (path if path in files.content else "/dev/null" for files in (self.before, self.after))
        return (f"{line}\n" for line in known.unified(old, new, here, there, context))


def redacted(text: str, seen: dict[str, str]) -> str:
    """The text with `(secret N)` for each value that may be one; the same value gets the same N within `seen`."""

    def mask(found: re.Match[str]) -> str:
        return f"{found[1]}'{seen.setdefault(found[2], f'(secret {len(seen) + 1})')}'"

    for pattern in (_SECRET, _SECRET_LINE, _SNMP_PRIVACY_KEY, _SNMP_WORD):
        text = pattern.sub(mask, text)
    return text


def shown(files: Mapping[str, bytes]) -> str:
    """All files for a person's eyes: each under its path, keys redacted."""
    seen: dict[str, str] = {}
    return "".join(
        f"# {path}\n{redacted(data.decode(errors='backslashreplace'), seen)}\n"
        for path, data in sorted(files.items())
    )
