"""What the agent's own netlink client takes to put visits into the kernel and to read what they have used."""

import statistics
import time
from collections.abc import Callable

from benchmarks.routers import OurRouter

_SINGLE = 300


def measure(router: OurRouter, many: int) -> dict[str, float]:
    """Milliseconds of one sign-in's batch, of `many` visits in batches of 1000, and of reading their counters."""
    one = add_one(router)
    return {
        "add_one_ms": one,
        f"add_{many}_ms": round(_milliseconds(lambda: router.hold(router.visits + many))),
        f"read_{router.visits}_counters_ms": round(_milliseconds(router.read_counters)),
    }


def add_one(router: OurRouter) -> float:
    """Milliseconds of one more sign-in's batch beside the visits that the router holds: the median of some."""
    times = [_milliseconds(lambda: router.hold(router.visits + 1)) for _ in range(_SINGLE)]
    return round(statistics.median(times), 3)


def _milliseconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000
