"""Which gateway asks: proven by its signature over the request, never by where it comes from."""

from flask import Request

from wifi_manager import wire
from wifi_manager.clock import Clock
from wifi_manager.control.problems import NotProven
from wifi_manager.domain.errors import Forbidden
from wifi_manager.services.enrolment import Enrolment


def asking_gateway(request: Request, enrolment: Enrolment, clock: Clock) -> str:
    """Name of the gateway that signed this request. Raises NotProven, which says what to do at the gateway.

    A request repeated within the two minutes that its signature lasts changes nothing: acknowledgements and usage
    only grow, and whoever could record a request inside TLS has seen its answer as well.
    """
    header = request.headers.get("Authorization", "")
    try:
        public_key = enrolment.public_key(wire.request_gateway(header))
        if public_key is None:
            raise NotProven("No such gateway is enrolled here. Enrol it with `wifi-manager gateway enrol TOKEN`.")
        return wire.verify_request(public_key, header, _signed(request), clock.now())
    except Forbidden as refusal:
        raise NotProven(str(refusal)) from refusal


def _signed(request: Request) -> wire.Request:
    """The request as it stood in the request line: RAW_URI is what the server read, before any decoding."""
    return wire.Request(request.method, request.environ["RAW_URI"], request.get_data())
