"""Stands before the face for newcomers: while control is away it offers the city's short pass, in a drain it says no.

It needs neither control nor portal. Everybody else, and at all other times, meets the face.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus

from wifi_manager.domain.addresses import IpAddress, MacAddress
from wifi_manager.domain.errors import Forbidden, TooManyTries, WifiError
from wifi_manager.domain.grants import Grant
from wifi_manager.domain.passes import PassPolicy
from wifi_manager.gateway.deciding.short_passes import is_pass
from wifi_manager.gateway.face import own_pages
from wifi_manager.gateway.face.face import Face
from wifi_manager.gateway.face.http_door import Question, Reply
from wifi_manager.gateway.passing.passages import Passage


@dataclass(frozen=True, slots=True)
class Reception:
    """Answers newcomers. `own_name` is the gateway's; `give` lets a device through before it returns."""

    face: Face
    own_name: str
    is_draining: Callable[[], bool]
    offer: Callable[[], PassPolicy | None]  # None: the portal is the way
    give: Callable[[MacAddress, IpAddress], Awaitable[Grant]]

    async def redirect(self, question: Question) -> Reply:
        """Any page on intercepted port 80: only who is not online gets here."""
        if self.is_draining():
            return own_pages.no_newcomers()
        if question.is_plain and self.offer() is not None:
            return _way(HTTPStatus.FOUND, f"http://{self.own_name}{own_pages.OFFER_PATH}")
        return await self.face.redirect(question)

    async def own_page(self, question: Question) -> Reply:
        """The own name on port 80."""
        return await self._newcomers_page(question) or await self.face.own_page(question)

    async def own_secure_page(self, question: Question) -> Reply:
        """The own name over TLS."""
        return await self._newcomers_page(question) or await self.face.own_secure_page(question)

    async def _newcomers_page(self, question: Question) -> Reply | None:
        """None for whatever the face answers."""
        if question.path not in {"/", own_pages.OFFER_PATH}:
            return None
        passage = await self._passage(question.peer)
        is_at_offer = question.path == own_pages.OFFER_PATH
        if passage is not None and not passage.is_used_up:
            is_given = is_at_offer and is_pass(passage.visit)
            return own_pages.given(passage.left // timedelta(seconds=1)) if is_given else None
        if self.is_draining():
            return own_pages.no_newcomers()
        if (policy := self.offer()) is None:
            return await self.face.own_page(replace(question, method="GET")) if is_at_offer else None
        if not is_at_offer:
            return _way(HTTPStatus.SEE_OTHER, own_pages.OFFER_PATH)
        return own_pages.offer(policy.pass_seconds) if question.is_plain else await self._give(question)

    async def _give(self, question: Question) -> Reply:
        asking = await self.face.neighbours.find(question.peer)
        if asking is None:
            return own_pages.not_now()
        try:
            await self.give(asking.device, question.peer)
        except (TooManyTries, Forbidden):
            return own_pages.no_more()
        except WifiError:
            return own_pages.not_now()
        return _way(HTTPStatus.SEE_OTHER, own_pages.OFFER_PATH)

    async def _passage(self, address: IpAddress) -> Passage | None:
        asking = await self.face.neighbours.find(address)
        return self.face.find_passage(asking.device) if asking else None


def _way(status: HTTPStatus, link: str) -> Reply:
    return Reply(status, b"", headers={"Location": link})
