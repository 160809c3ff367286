"""Whether the machine's clock is kept right by somebody, and how far it is from control's.

A gateway signs its requests with its time, and control takes those of two minutes around its own.
"""

import ctypes
from datetime import datetime, timedelta

from wifi_manager.gateway.checking.findings import Finding, good, unknown, warning, wrong
from wifi_manager.wire.requests import REQUEST_WINDOW

_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
_TIMEX_BYTES = 512  # struct timex has 208 on 64-bit machines; with modes 0 it is only written
_CLOSE = timedelta(seconds=10)
_MEND = "apt-get install --no-install-recommends chrony"


def is_synchronised() -> bool:
    """What the kernel says of its clock: true where a time service has set it within the last hours."""
    answer: int = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    return answer not in {_TIME_ERROR, -1}


def synchronisation(*, synchronised: bool) -> Finding:
    """A clock that nobody sets drifts by a second a day, and jumps after a reboot without a battery."""
    if synchronised:
        return good("clock", "A time service keeps it.")
    return warning(
        "clock", "No time service sets it. When it is two minutes off, control refuses this gateway.", _MEND
    )


def difference(said: datetime | None, received: datetime | None) -> Finding:
    """`said` was on control's clock when this machine's showed `received`; None where nothing was heard yet."""
    about = "clock against control's"
    if said is None or received is None:
        return unknown(about, "Nothing was heard from control yet, or only root may read it.")
    off = abs(received - said)
    says = f"At the last contact it was {off / timedelta(seconds=1):.0f} s off."
    if off >= REQUEST_WINDOW / 2:
        return wrong(about, f"{says} Control takes requests of {REQUEST_WINDOW.seconds} s around its own.", _MEND)
    return good(about, says) if off < _CLOSE else warning(about, says, _MEND)
