"""Problem report: what a citizen says is wrong at a place, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wifi_manager.domain.errors import BadInput

LONGEST_TEXT = 500
LONGEST_ANSWER = 1000


class Trouble(StrEnum):
    """What is wrong: the few things that a citizen may choose from."""

    NO_INTERNET = "no_internet"
    SLOW = "slow"
    PAGE = "page"  # a page does not open
    CODE = "code"  # a code does not come
    SIGN_IN = "sign_in"
    OTHER = "other"


class ReportState(StrEnum):
    """Where a report stands."""

    OPEN = "open"  # waits for somebody
    ANSWERED = "answered"
    CLOSED = "closed"


class Access(StrEnum):
    """What the device's way to the internet was at the moment of the report, beside why its last visit had ended."""

    UNKNOWN = ""  # it came without a ticket
    NEVER = "never"  # it had no visit that is kept
    RUNNING = "running"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Told:
    """What a citizen types and ticks. `incident` is the number on the page that failed them, if one did."""

    trouble: Trouble
    text: str = ""
    incident: str = ""

    def __post_init__(self) -> None:
        """Refuse a text that is too long to be read."""
        if len(self.text) > LONGEST_TEXT:
            raise BadInput(f"A report has at most {LONGEST_TEXT} characters; this one has {len(self.text)}.")


@dataclass(frozen=True, slots=True)
class ProblemReport:
    """A report as it is kept.

    `device` is the device's number, None where it came without a ticket or is forgotten since; `site` is (district,
    name). `text` and `answer` are None where they were not given, are erased, or this process has no key for them.
    """

    number: int
    at: datetime
    trouble: Trouble
    text: str | None
    incident: str
    access: str  # an Access, or the EndReason of the last visit
    device: int | None
    site: tuple[str, str] | None
    gateway: str
    network: str
    state: ReportState
    assigned_to: str
    answer: str | None
    handled_by: str  # who answered or closed it last
    handled_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReportLimits:
    """How many reports are taken; all that come without a ticket count as one place."""

    device_a_day: int = 5
    place_an_hour: int = 60
