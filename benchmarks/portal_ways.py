"""Ways in that the portal's benchmark walks: each prepares its citizens' proofs and knows its forms."""

import asyncio
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from pathlib import Path

from benchmarks.phones import Response, expect
from benchmarks.portal_citizens import Desk, Way, one_tap
from benchmarks.portal_city import MESSAGES, City
from wifi_manager.clock import SystemClock
from wifi_manager.domain.visits import Method
from wifi_manager.domain.vouchers import Allowance
from wifi_manager.services.vouchers import Vouchers

_RETENTION = timedelta(days=90)
_MIDDLES = 4000  # of Korean mobile numbers from 010-6000 on: below are some that nobody has


@dataclass(frozen=True, slots=True)
class WayIn:
    """`prepared` gives so many citizens of a city what they need; what it returns goes to another process."""

    method: Method
    prepared: Callable[[City, int], Way]


async def by_voucher(codes: Sequence[str], desk: Desk) -> Response:
    """The first page, then the page for a code, then the code: each citizen one of their own."""
    await desk.open("/")
    return await desk.submit(await desk.open("/voucher"), "/voucher", code=codes[desk.number])


@cache
def _messages(path: Path) -> "Messages":
    return Messages(path)


class Messages:
    """Codes by the number that they were sent to, as the provider for development writes them."""

    def __init__(self, path: Path) -> None:
        self._path, self._read, self._codes = path, 0, dict[str, str]()

    async def code_for(self, number: str) -> str:
        """The code, as soon as it has come."""
        while number not in self._codes:
            await asyncio.sleep(0.005)
            with self._path.open("rb") as file:
                file.seek(self._read)
                whole = file.read().rpartition(b"\n")[0]  # the last line may still be written
            for line in whole.decode().splitlines():
                self._codes[line.split()[0]] = re.findall(r"\d{6}", line.partition(" ")[2])[0]
            self._read += len(whole) and len(whole) + 1
        return self._codes[number]


async def by_text_message(path: Path, first: int, desk: Desk) -> Response:
    """The first page, the page for a number, and the code that comes to it: each citizen a number of their own."""
    high, low = divmod(first + desk.number, _MIDDLES)  # budgets count numbers that differ in their last digits alone
    number = f"{6000 + low}{high:04}"
    await desk.open("/")
    expect(303, await desk.submit(await desk.open("/sms"), "/sms", number=f"010{number}"))
    page = await desk.open("/sms")
    return await desk.submit(page, "/sms/code", code=await _messages(path).code_for(f"+8210{number}"))


def _numbers(city: City, _citizens: int) -> Way:
    return partial(by_text_message, city.folder / MESSAGES, secrets.randbelow(_MIDDLES * 9000))


def _no_proof(_city: City, _citizens: int) -> Way:
    return one_tap


def _codes(city: City, citizens: int) -> Way:
    vouchers = Vouchers(city.store, city.vault, SystemClock(), _RETENTION)
    issued = vouchers.issue(f"crowd {secrets.token_hex(4)}", Allowance(), citizens, "benchmark")
    return partial(by_voucher, issued.codes)


WAYS: Mapping[str, WayIn] = {
    "one_tap": WayIn(Method.CLICK_THROUGH, _no_proof),
    "code": WayIn(Method.SMS, _numbers),
    "voucher": WayIn(Method.VOUCHER, _codes),
}
