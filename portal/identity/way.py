"""What a way in is to the rest of the portal. The one-tap way has no pages of its own: it is a button."""

from collections.abc import Callable, Collection, Mapping
from typing import Protocol, runtime_checkable

from flask import Flask

from portal.face import Face
from wifi_manager.domain.errors import BadInput, Forbidden
from wifi_manager.domain.visits import Method
from wifi_manager.wire.tickets import Ticket


class Way(Protocol):
    """Its first page is at `/` and the method's name, and its texts are in the table of that name."""

    def install(self, app: Flask) -> None:
        """Add its pages."""


@runtime_checkable
class Lasting(Way, Protocol):
    """A way that a citizen may leave and come back to, such as for reading a message."""

    def is_under_way(self, ticket: Ticket) -> bool:
        """Whether the device has begun it, so that its page is shown instead of the first one."""


MakeWay = Callable[[Face], Way]


def check(wanted: Collection[Method], configured: Mapping[Method, MakeWay]) -> None:
    """Raise BadInput when the city offers a way in whose settings are not complete."""
    for method in wanted:
        if method is not Method.CLICK_THROUGH and method not in configured:
            raise BadInput(f"[portal] ways offers {method}, but section [{method}] of the settings is not complete.")


def offered(face: Face, ticket: Ticket, method: Method) -> None:
    """Raise Forbidden where the ticket's place does not offer this way in: then nothing is to be tried there."""
    if method not in face.admission.offered(ticket):
        raise Forbidden("This way in is not offered at this place. Go back and choose another one.")
