"""Ways in that the portal's benchmark walks: each prepares its citizens' proofs and knows its forms."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from benchmarks.phones import Response
from benchmarks.portal_citizens import Desk, Way, one_tap
from benchmarks.portal_city import City
from wifi_manager.clock import SystemClock
from wifi_manager.domain.visits import Method
from wifi_manager.domain.vouchers import Allowance
from wifi_manager.services.vouchers import Vouchers

_RETENTION = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class WayIn:
    """`prepared` gives so many citizens of a city what they need; what it returns goes to another process."""

    method: Method
    prepared: Callable[[City, int], Way]


async def by_voucher(codes: Sequence[str], desk: Desk) -> Response:
    """The first page, then the page for a code, then the code: each citizen one of their own."""
    await desk.open("/")
    return await desk.submit(await desk.open("/voucher"), "/voucher", code=codes[desk.number])


def _no_proof(_city: City, _citizens: int) -> Way:
    return one_tap


def _codes(city: City, citizens: int) -> Way:
    vouchers = Vouchers(city.store, city.vault, SystemClock(), _RETENTION)
    issued = vouchers.issue(f"crowd {secrets.token_hex(4)}", Allowance(), citizens, "benchmark")
    return partial(by_voucher, issued.codes)


WAYS: Mapping[str, WayIn] = {
    "one_tap": WayIn(Method.CLICK_THROUGH, _no_proof),
    "voucher": WayIn(Method.VOUCHER, _codes),
}
