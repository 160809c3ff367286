"""Goes through the orders that are due, for as long as it is let. Several such processes may run at a time."""

import time
from collections.abc import Callable

from wifi_manager import log
from wifi_manager.domain.certificates import FailureKind
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.services.certification import Ordering

_LOG = log.get(__name__)
_LOOK_SECONDS = 2.0  # between two looks at the database while nothing is due
_MISTAKE_SECONDS = 60.0
_REST_SECONDS = {
    FailureKind.AWAY: 2.0,  # the next order will most likely fail in the same way
    FailureKind.LIMITED: 60.0,  # whatever the limit is about, more orders do not make it better
    FailureKind.REFUSED: 0.0,
}


def work(ordering: Ordering, rest: Callable[[float], None] = time.sleep) -> None:
    """Order again and again. Ends by what a signal raises: then the order under way is given back."""
    while True:
        rest(_seconds_after(ordering))


def _seconds_after(ordering: Ordering) -> float:
    """Carry out one order; how long to rest then."""
    try:
        outcome = ordering.order_next()
    except OutsideFailure as failure:
        _LOG.warning("orders cannot be read or kept", extra={"problem": str(failure)})
        return _LOOK_SECONDS
    except Exception:  # noqa: BLE001 - the outermost loop: the other gateways' orders must still be carried out
        _LOG.exception("an order was given back")
        return _MISTAKE_SECONDS
    if isinstance(outcome, FailureKind):
        _LOG.warning("an order failed", extra={"kind": outcome.value})
        return _REST_SECONDS[outcome]
    return 0.0 if outcome else _LOOK_SECONDS
