"""Many phones that sign in like people do: each with its own MAC address, its own IP address, and no cookie.

They live in one network namespace as macvlan interfaces that cannot see each other. They arrive at a rate, nobody
waiting for the one before (open loop), or so many are always under way (closed loop).
"""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from urllib.parse import urlsplit

from benchmarks.phones import Phone, Walk, expect, submit, walked
from tests.lab.citizen import PROBE, read_forms
from tests.lab.city import CITY_ADDRESS, INTERNET_ADDRESS, LAN_ADDRESS, PORTAL_NAME, LabCity

MOST_PHONES = 5000
_SYSCTLS = ("all.rp_filter=0", "default.rp_filter=0", "all.arp_ignore=1", "all.arp_announce=2")
SignIn = Callable[[Phone], Awaitable[Walk]]


async def sign_in(phone: Phone) -> Walk:
    """Probe and redirect, a new TLS connection, the page, the tap, its 303, the first packet."""
    return await walked(lambda walk: _steps(phone, walk, last_page=False))


async def sign_in_to_the_last_page(phone: Phone) -> Walk:
    """The same, and then the page that says online."""
    return await walked(lambda walk: _steps(phone, walk, last_page=True))


class Crowd:
    """`size` phones behind one port of the gateway's LAN; each of them signs in once."""

    def __init__(self, lab: LabCity, size: int) -> None:
        if size > MOST_PHONES:
            raise SystemExit(f"{size} phones are too many for one machine: ask for at most {MOST_PHONES}.")
        self._home = lab.add_phone("crowd").namespace
        self._tls = ssl.create_default_context(cafile=str(lab.authority.root))
        self._phones = iter([Phone(f"p{number}", self._tls) for number in range(size)])
        self._home.check(["sysctl", "-qw", *(f"net.ipv4.conf.{each}" for each in _SYSCTLS)])
        lines = "\n".join(line for number in range(size) for line in _make(number))
        self._home.check(["ip", "-batch", "-"], input=lines)

    def at(self, rate: float, seconds: float, sign_in: SignIn) -> list[Walk]:
        """So many new phones a second come for so many seconds; returns when the last one is done."""
        return self._home.call(lambda: asyncio.run(self._arrive(rate, round(rate * seconds), sign_in)))

    def together(self, together: int, phones: int, sign_in: SignIn) -> list[Walk]:
        """So many new phones, so many of them at a time."""
        return self._home.call(lambda: asyncio.run(self._queue(together, phones, sign_in)))

    async def _arrive(self, rate: float, phones: int, sign_in: SignIn) -> list[Walk]:
        began, walks = time.perf_counter(), []
        for number in range(phones):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            walks.append(asyncio.ensure_future(sign_in(next(self._phones))))
        return await asyncio.gather(*walks)

    async def _queue(self, together: int, phones: int, sign_in: SignIn) -> list[Walk]:
        waiting = iter([next(self._phones) for _ in range(phones)])

        async def one_after_the_other() -> list[Walk]:
            return [await sign_in(phone) for phone in waiting]

        done = await asyncio.gather(*(one_after_the_other() for _ in range(together)))
        return [walk for walks in done for walk in walks]


def identities(size: int) -> list[tuple[str, str]]:
    """MAC and IP addresses of a crowd's phones."""
    return [_identity(number) for number in range(size)]


async def _steps(phone: Phone, walk: Walk, *, last_page: bool) -> None:
    walk.failed, begun = "redirect", time.perf_counter()
    link = await _probe(phone)
    walk.redirect = time.perf_counter() - begun
    walk.failed, begun = "page", time.perf_counter()
    with closing(await phone.connect(CITY_ADDRESS, 443, PORTAL_NAME)) as portal:
        page = expect(200, await portal.ask(PORTAL_NAME, f"/?{urlsplit(link).query}"))
        walk.page = time.perf_counter() - begun
        where, form = next(each for each in read_forms(page.body).items() if each[0].startswith("/connect"))
        answer = expect(303, await submit(phone, walk, lambda: portal.ask(PORTAL_NAME, where, form)))
        if last_page:
            walk.failed = "last page"
            last = await portal.ask(PORTAL_NAME, answer.location)
            # Who was late is asked to look again: by a page that does so, or, when it is done meanwhile, by a 303.
            expect(200, await portal.ask(PORTAL_NAME, last.location) if last.status == 303 else last)
    walk.failed = ""


async def _probe(phone: Phone) -> str:
    probe = urlsplit(PROBE)
    with closing(await phone.connect(INTERNET_ADDRESS, 80)) as gateway:
        return expect(302, await gateway.ask(probe.netloc, probe.path)).location


def _identity(number: int) -> tuple[str, str]:
    high, low = divmod(number, 250)
    return f"02:98:00:00:{high:02x}:{low:02x}", f"10.99.{8 + high}.{1 + low}"


def _make(number: int) -> tuple[str, ...]:
    (mac, address), name = _identity(number), f"p{number}"
    return (
        f"link add {name} link eth0 address {mac} type macvlan mode private",
        f"addr add {address}/18 dev {name}",
        f"link set {name} up",
        f"route add default via {LAN_ADDRESS} dev {name} metric {1 + number}",
    )
