"""The face that a gateway shows to phones: the way to the portal from anywhere, and the RFC 8908 API.

Three doors on each LAN address of the gateway: where intercepted port 80 leads (any host, any path), the own name on
port 80, and the own name over TLS. No answer ever derives from a Host header or a forwarded-for header, and from a
query only where a citizen comes back from an eID: a word of the portal's is handed back to the portal.
"""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from wifi_manager.clock import Clock
from wifi_manager.domain.addresses import IpAddress, MacAddress
from wifi_manager.gateway.face.captive_api import API_PATH, MEDIA_TYPE, api_body, standing, wants_json
from wifi_manager.gateway.face.filter_page import is_own
from wifi_manager.gateway.face.http_door import Question, Reply
from wifi_manager.gateway.face.neighbours import Neighbours
from wifi_manager.gateway.metrics import GatewayMetrics
from wifi_manager.gateway.passing.passages import Passage
from wifi_manager.gateway.state import Identity
from wifi_manager.wire.tickets import seal

EID_PATH, EID_BACK_PATH = "/eid", "/eid/finish"  # the own name's, and the portal's behind it
_CARRIED = re.compile(r"r=[A-Za-z0-9_-]{1,64}(&l=[A-Za-z0-9-]{1,35})?")
FindPassage = Callable[[MacAddress], Passage | None]


@dataclass(frozen=True, slots=True)
class Face:
    """Answers phones. `own_url` is https and the gateway's own name, without a slash at its end.

    `filtered` are the networks with a filter, each with the page that stands in place of a filtered name.
    """

    identity: Identity
    own_url: str
    neighbours: Neighbours
    find_passage: FindPassage
    may_extend: Callable[[int], bool]  # by a device's packet mark, for a passage that runs
    clock: Clock
    metrics: GatewayMetrics
    filtered: Mapping[str, bytes] = field(default_factory=dict)

    async def redirect(self, question: Question) -> Reply:
        """Any page on intercepted port 80: 302 is the one answer that every system reads as "sign in here".

        What is no page load gets 511 (RFC 6585, 6), which phones never see for a probe.
        """
        self.metrics.redirects.inc()
        link = await self._portal_link(question.peer)
        if question.is_plain:
            return _way(HTTPStatus.FOUND, link)
        return Reply(HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED, _page(link))

    async def own_page(self, question: Question) -> Reply:
        """The own name on port 80: always the way to the portal, with a fresh ticket.

        Names that a filter leads here get the page that says so. A host is read only to tell the two apart.
        """
        if not question.is_plain:
            return _NOT_ALLOWED
        page = await self._page_in_place(question)
        if page is not None:
            return Reply(HTTPStatus.FORBIDDEN, page)
        return _way(HTTPStatus.SEE_OTHER, await self._own_link(question))

    async def own_secure_page(self, question: Question) -> Reply:
        """The own name over TLS: the way to the portal, the API, and whether this gateway is well."""
        if not question.is_plain:
            return _NOT_ALLOWED
        if question.path in {"/", EID_PATH}:
            return await self.own_page(question)
        if question.path == API_PATH:
            return await self._api(question)
        return _WELL if question.path == "/healthz" else _NOT_FOUND

    async def _api(self, question: Question) -> Reply:
        if not wants_json(question.headers.get("accept", "")):
            return _way(HTTPStatus.FOUND, await self._portal_link(question.peer), {"Vary": "Accept"})
        neighbour = await self.neighbours.find(question.peer)
        passage = self.find_passage(neighbour.device) if neighbour else None
        now = standing(passage, may_extend=passage is not None and self.may_extend(passage.number))
        self.metrics.answered_api(captive=now.captive)
        return Reply(HTTPStatus.OK, api_body(now, f"{self.own_url}/"), MEDIA_TYPE, {"Vary": "Accept"})

    async def _page_in_place(self, question: Question) -> bytes | None:
        """The page in place of a filtered name, for who is signed in on a network with a filter and asks for one."""
        if not self.filtered or is_own(question.headers.get("host", ""), self.own_url):
            return None
        asking = await self.neighbours.find(question.peer)
        if asking is None or self.find_passage(asking.device) is None:
            return None
        return self.filtered.get(asking.network)

    async def _own_link(self, question: Question) -> str:
        """Where the own name leads: a fresh ticket, and what a sign-in with an eID goes on with.

        The portal sees by both together whether the phone that comes back is the one that began.
        """
        if question.path == EID_PATH and _CARRIED.fullmatch(question.query):
            link = await self._portal_link(question.peer, EID_BACK_PATH)
            return f"{link}&{question.query}" if "?" in link else link
        return await self._portal_link(question.peer)

    async def _portal_link(self, address: IpAddress, path: str = "/") -> str:
        """The portal with a fresh ticket; without one where no device is known, and then the portal explains."""
        asking = await self.neighbours.find(address)
        portal = self.identity.portal_url
        if asking is None:
            return f"{portal}/"
        who = self.identity
        ticket = seal(who.ticket_key, who.gateway, asking.network, asking.device, address, self.clock.now())
        return f"{portal}{path}?s={ticket}"


def _way(status: HTTPStatus, link: str, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, _page(link), headers={"Location": link, **(headers or {})})


def _page(link: str) -> bytes:
    return f'<!doctype html><title>Wi-Fi</title><a href="{html.escape(link)}">Wi-Fi</a>\n'.encode()


_NOT_FOUND = Reply(HTTPStatus.NOT_FOUND, b"There is no such page here.\n", "text/plain")
_NOT_ALLOWED = Reply(HTTPStatus.METHOD_NOT_ALLOWED, b"Only GET here.\n", "text/plain", {"Allow": "GET, HEAD"})
_WELL = Reply(HTTPStatus.OK, b"ok\n", "text/plain")
