"""A costly value is made once for all who want it at the same moment, threads and guests of a loop alike."""

import asyncio
import threading
import time

import pytest

from wifi_manager import waits
from wifi_manager.services.fresh import Fresh

LONG, SHORT = 20.0, 0.02


def in_a_loop(*calls):
    async def run():
        return await asyncio.gather(*map(waits.as_guest, calls))

    return asyncio.run(run())


def in_threads(*calls):
    found = []
    threads = [threading.Thread(target=lambda call=call: found.append(call())) for call in calls]
    for each in threads:
        each.start()
    for each in threads:
        each.join(LONG)
    return found


@pytest.mark.parametrize("together", [in_a_loop, in_threads])
def test_the_first_value_is_made_once_and_nobody_stops_who_makes_it(together):
    made, found = [], []

    def make(_last):
        made.append(1)
        waits.pause(SHORT)  # as for a database
        return "value"

    fresh = Fresh(make, LONG, time.monotonic)
    thread = threading.Thread(target=lambda: found.extend(together(*[fresh.get] * 5)), daemon=True)
    thread.start()
    thread.join(LONG)
    assert (found, len(made)) == (["value"] * 5, 1)
