"""Text that a spreadsheet would run: a cell that begins with = + - or @ is a formula to it (CWE-1236).

What goes into a file gets an apostrophe in front, as spreadsheets do themselves; what comes from a file loses it.
"""

import re

_FORMULA = re.compile(r"[=+\-@\t\r]")
_PLAIN_NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)?")  # basement floors: -1
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def is_formula(text: str) -> bool:
    """True if a spreadsheet would run the text; a negative number does no harm."""
    return bool(_FORMULA.match(text)) and not _PLAIN_NUMBER.fullmatch(text)


def guarded(text: str) -> str:
    """The text as a cell that no spreadsheet runs; `unguarded` gives it back."""
    return f"'{text}" if is_formula(text) or _GUARDED.match(text) else text


def unguarded(text: str) -> str:
    """The text behind the apostrophe, where one stands for that reason."""
    return text[1:] if _GUARDED.match(text) and guarded(text[1:]) == text else text
