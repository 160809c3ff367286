"""Citizens of the portal's benchmark: each a device of its own, a new connection, the first page, a way in.

They arrive at a rate, nobody waiting for the one before (open loop), or so many are always under way (closed loop).
"""

import asyncio
import ipaddress
import itertools
import multiprocessing
import secrets
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from benchmarks.phones import Connection, Phone, Response, expect
from benchmarks.portal_city import GATEWAYS, NAME
from tests.lab.citizen import read_forms
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.wire.tickets import seal

_GIVE_UP_SECONDS = 20.0


@dataclass(slots=True)
class Visited:
    """One sign-in, in seconds. `failed` names the step that did not come to its end."""

    page: float = 0.0  # from connecting until the first page
    answered: float = 0.0  # from sending the last form until its 303, which comes when the gateway enforces the visit
    failed: str = "connection"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a citizen stands: the `number`-th of all, with a connection to the portal and a ticket."""

    number: int
    connection: Connection
    ticket: str
    visited: Visited
    begun: float

    async def open(self, path: str) -> Response:
        """A page of the portal's that must be there."""
        self.visited.failed = path
        page = expect(200, await self.connection.ask(NAME, f"{path}?s={quote(self.ticket)}"))
        self.visited.page = self.visited.page or time.perf_counter() - self.begun
        return page

    async def submit(self, page: Response, action: str, **filled: str) -> Response:
        """Send the form of a page that leads there, filled in."""
        forms = read_forms(page.body)
        where, self.visited.failed = next(each for each in forms if each.partition("?")[0] == action), action
        begun = time.perf_counter()
        answer = await self.connection.ask(NAME, where, forms[where] | filled)
        self.visited.answered = time.perf_counter() - begun
        return answer


Way = Callable[[Desk], Awaitable[Response]]  # from its first page to the answer to its last form


async def one_tap(desk: Desk) -> Response:
    """The button on the first page."""
    return await desk.submit(await desk.open("/"), "/connect")


@dataclass(frozen=True, slots=True)
class Portal:
    """Where citizens go, and what their gateways seal tickets with. Without a root it speaks plain HTTP."""

    port: int
    root: Path | None
    ticket_key: bytes


@dataclass(frozen=True, slots=True)
class Run:
    """So many citizens, so many a second; without a rate, so many at a time."""

    citizens: int
    rate: float | None = None
    together: int = 32


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a run, how long it took and what its citizens cost."""

    visits: Sequence[Visited]
    seconds: float
    cpu_seconds: float


def crowd(portal: Portal, way: Way, run: Run) -> Found:
    """All citizens of a run, in a process of their own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_run, (portal, way, run))


def _run(portal: Portal, way: Way, run: Run) -> Found:
    tls = None if portal.root is None else ssl.create_default_context(cafile=str(portal.root))
    # The first bytes differ from run to run: every device is new to the portal.
    names = secrets.token_bytes(2)
    phone = Phone("lo", tls)
    citizens = [_sign_in(portal, phone, way, names, number) for number in range(run.citizens)]
    begun, cpu = time.perf_counter(), time.process_time()
    visits = asyncio.run(_arrive(citizens, run.rate) if run.rate else _queue(citizens, run.together))
    return Found(visits, time.perf_counter() - begun, time.process_time() - cpu)


async def _sign_in(portal: Portal, phone: Phone, way: Way, names: bytes, number: int) -> Visited:
    visited, begun = Visited(), time.perf_counter()
    try:
        async with asyncio.timeout(_GIVE_UP_SECONDS):
            ticket = a_ticket(portal.ticket_key, names, number)
            with closing(await phone.connect("127.0.0.1", portal.port, NAME if portal.root else "")) as connection:
                answer = expect(303, await way(Desk(number, connection, ticket, visited, begun)))
                visited.failed = "" if answer.location.startswith("/connected") else "not enforced in time"
    except (OSError, EOFError, TimeoutError, ValueError, StopIteration) as problem:
        visited.failed = f"{visited.failed}: {problem or type(problem).__name__}"
    return visited


def a_ticket(key: bytes, names: bytes, number: int) -> str:
    """Of the device that has this number in a run; `names` are two bytes that are the run's own."""
    device = MacAddress(b"\x02" + names + number.to_bytes(3, "big"))
    address = ipaddress.ip_address("10.64.0.0") + number
    return seal(key, GATEWAYS[number % len(GATEWAYS)], "guests", device, address, datetime.now(UTC))


async def _arrive(citizens: Sequence[Awaitable[Visited]], rate: float) -> list[Visited]:
    began, walks = time.perf_counter(), []
    for number, citizen in enumerate(citizens):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        walks.append(asyncio.ensure_future(citizen))
    return await asyncio.gather(*walks)


async def _queue(citizens: Sequence[Awaitable[Visited]], together: int) -> list[Visited]:
    waiting = iter(citizens)

    async def one_after_the_other() -> list[Visited]:
        return [await citizen for citizen in waiting]

    done = await asyncio.gather(*(one_after_the_other() for _ in range(together)))
    return [*itertools.chain.from_iterable(done)]
