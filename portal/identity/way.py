"""What a way in is to the rest of the portal. The one-tap way has no pages of its own: it is a button."""

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Protocol, runtime_checkable

from flask import Flask

from portal import device, said, sign_in
from portal.asked import Crowd
from portal.face import Face
from wifi_manager.domain.errors import BadInput, Forbidden
from wifi_manager.domain.visits import Consent, Method
from wifi_manager.services.tries import Wait
from wifi_manager.storage.store import Transaction
from wifi_manager.wire.tickets import Ticket


class Way(Protocol):
    """Its first page is at `/` and the method's name, and its texts are in the table of that name."""

    def install(self, app: Flask) -> None:
        """Add its pages."""


@runtime_checkable
class Lasting(Way, Protocol):
    """A way that a citizen may leave and come back to, such as for reading a message."""

    def is_under_way(self, tx: Transaction, ticket: Ticket) -> bool:
        """Whether the device has begun it, so that its page is shown instead of the first one."""


@runtime_checkable
class Crowded(Way, Protocol):
    """A way for crowds: what of it waits for nothing but the database can be answered in a loop."""

    def of_crowds(self) -> Crowd:
        """Its views that are answered there."""


_MINUTE = timedelta(minutes=1)  # spans are said rounded down: nobody shall come too early
MakeWay = Callable[[Face], Way]


def check(wanted: Collection[Method], configured: Mapping[Method, MakeWay]) -> None:
    """Raise BadInput when the city offers a way in whose settings are not complete."""
    for method in wanted:
        if method is not Method.CLICK_THROUGH and method not in configured:
            raise BadInput(f"[portal] ways offers {method}, but section [{method}] of the settings is not complete.")


def lasting(ways: Mapping[Method, Way]) -> dict[Method, Lasting]:
    """Those of the ways that a citizen may come back to."""
    return {method: made for method, made in ways.items() if isinstance(made, Lasting)}


def submitted(face: Face, method: Method, form: str) -> tuple[Ticket, Consent]:
    """Who sent a way's form, and what they had before their eyes.

    Raises BadInput for a damaged ticket, Forbidden for a form that is not ours or a way that is not offered there.
    """
    ticket = device.asking(face.admission)
    consent = sign_in.given_consent(face, ticket, form)
    offered(face, ticket, method)
    return ticket, consent


def wait_said(face: Face, method: Method, refused: Wait) -> str:
    """When whoever has tried too often may try again, in the text `wait` of the way's own table."""
    say = face.pages.say()
    return say(f"{method}.wait", wait=said.span(refused.wait + _MINUTE, say))


def offered(face: Face, ticket: Ticket, method: Method) -> None:
    """Raise Forbidden where the ticket's place does not offer this way in: then nothing is to be tried there."""
    if method not in face.admission.offered(ticket):
        raise Forbidden("This way in is not offered at this place. Go back and choose another one.")
