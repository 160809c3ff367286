"""Korean names in Latin letters, for whoever reads no Hangul: the Revised Romanization of Korean (2000).

Changes of sound at the borders of syllables are written, as the rule asks for names of places (Jongno, Dongnimmun);
hyphens are not, and names keep their letters where a change depends on what a word means.
"""

from functools import lru_cache

_FIRST_SYLLABLE, _LAST_SYLLABLE = 0xAC00, 0xD7A3  # Unicode, section 3.12: 19 initials, 21 vowels, 28 finals
_VOWELS, _FINALS = 21, 28
_INITIAL = "g kk n d tt r m b pp s ss - j jj ch k t p h".split()  # noqa: SIM905 - as the rule's table has it
_VOWEL = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split()  # noqa: SIM905 - as the rule's table has it
_FINAL = "- k k k n n n t l k m l l l p l m p p t t ng t t k t p t".split()  # noqa: SIM905 - as the rule's table has it
# Before a vowel:
_CARRIED = "- g kk ks n nj n d r lg lm lb ls lt lp r m b ps s ss ng j ch k t p -".split()  # noqa: SIM905 - as the rule's table has it
_SILENT = _INITIAL.index("-")
_NASAL = {"k": "ng", "t": "n", "p": "m"}  # before n, m and r
_WITH_H = {"g": "k", "d": "t", "j": "ch"}  # after a final h
_ENDS_IN_H = {6, 15, 27}
_NAMES_KEPT = 65_536


@lru_cache(_NAMES_KEPT)
def romanised(text: str) -> str:
    """The text with its Hangul in Latin letters, each word's first one large; all else stays as it is."""
    parts = [_syllable(text, at) for at in range(len(text))]
    return "".join(
        part[:1].upper() + part[1:] if _is_hangul(text, at) and not _is_hangul(text, at - 1) else part
        for at, part in enumerate(parts)
    )


def _is_hangul(text: str, at: int) -> bool:
    return 0 <= at < len(text) and _FIRST_SYLLABLE <= ord(text[at]) <= _LAST_SYLLABLE


def _numbers(text: str, at: int) -> tuple[int, int, int] | None:
    if not _is_hangul(text, at):
        return None
    rest, final = divmod(ord(text[at]) - _FIRST_SYLLABLE, _FINALS)
    return (*divmod(rest, _VOWELS), final)


def _syllable(text: str, at: int) -> str:
    own = _numbers(text, at)
    if own is None:
        return text[at]
    before, after = _numbers(text, at - 1), _numbers(text, at + 1)
    initial, vowel, final = own
    said = _begun(before, initial) + _VOWEL[vowel] + _ended(final, after)
    return said.replace("-", "")


def _begun(before: tuple[int, int, int] | None, initial: int) -> str:
    """An initial after the final of the syllable before it."""
    letter = _INITIAL[initial]
    if before is None or not before[2]:
        return letter
    final = before[2]
    if final in _ENDS_IN_H and letter in _WITH_H:
        return _WITH_H[letter]
    if letter == "r":
        return "l" if _FINAL[final] in {"l", "n"} else "n"
    return "l" if letter == "n" and _FINAL[final] == "l" else letter


def _ended(final: int, after: tuple[int, int, int] | None) -> str:
    """A final before the initial of the syllable after it."""
    letter = _FINAL[final]
    if after is None or not final:
        return letter
    following = _INITIAL[after[0]]
    if after[0] == _SILENT:
        return _CARRIED[final]
    if final in _ENDS_IN_H and following in _WITH_H:
        return letter if letter != "t" else ""
    if following in {"n", "m", "r"}:
        return "l" if letter == "n" and following == "r" else _NASAL.get(letter, letter)
    return letter
