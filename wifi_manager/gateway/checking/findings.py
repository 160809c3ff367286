"""What `wifi-manager gateway check` finds: one thing looked at, how it stands, and the command that mends it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How a thing stands. Only WRONG makes the check fail: the gateway does not do its work like this."""

    GOOD = "good"
    UNKNOWN = "unknown"  # it cannot be seen from here
    WARNING = "warning"  # it works now, and not in a full square or not for long
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `mend` is a command to type, and empty where there is nothing to mend."""

    about: str
    severity: Severity
    says: str
    mend: str = ""


def good(about: str, says: str) -> Finding:
    """Nothing to do."""
    return Finding(about, Severity.GOOD, says)


def unknown(about: str, says: str, mend: str = "") -> Finding:
    """It cannot be seen from here; `mend` is what shows it."""
    return Finding(about, Severity.UNKNOWN, says, mend)


def warning(about: str, says: str, mend: str) -> Finding:
    """It will hurt, but not yet."""
    return Finding(about, Severity.WARNING, says, mend)


def wrong(about: str, says: str, mend: str) -> Finding:
    """The gateway cannot do its work like this."""
    return Finding(about, Severity.WRONG, says, mend)


def count(findings: Iterable[Finding], severity: Severity) -> int:
    """How many of them stand like this."""
    return sum(finding.severity is severity for finding in findings)


def report(findings: Sequence[Finding], subject: str) -> str:
    """For a person: what is wrong first, a line each, the command to mend it below; a verdict at the end."""
    order = [Severity.WRONG, Severity.WARNING, Severity.UNKNOWN, Severity.GOOD]
    lines = [line for severity in order for each in findings if each.severity is severity for line in _lines(each)]
    return "\n".join([*lines, _verdict(findings, subject)])


def _lines(finding: Finding) -> Iterator[str]:
    yield f"{finding.severity:<8} {finding.about}: {finding.says}"
    if finding.mend:
        yield f"{'':<8} -> {finding.mend}"


def _verdict(findings: Sequence[Finding], subject: str) -> str:
    wrong_ones, warnings = count(findings, Severity.WRONG), count(findings, Severity.WARNING)
    if wrong_ones:
        return f"{wrong_ones} to mend before this gateway works as {subject} says."
    if warnings:
        return f"It works, with {warnings} to mend before it is crowded; {subject} is good."
    return f"{subject} is good."
