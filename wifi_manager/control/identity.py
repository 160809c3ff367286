"""Which gateway asks: proven by its signature over the request, never by where it comes from."""

from flask import Request

from wifi_manager.clock import Clock
from wifi_manager.control.problems import NotProven
from wifi_manager.domain.errors import Forbidden
from wifi_manager.services.enrolment import Enrolment
from wifi_manager.wire import requests


def asking_gateway(request: Request, enrolment: Enrolment, clock: Clock) -> str:
    """Name of the gateway that signed this request. Raises NotProven, which says what to do at the gateway.

    A request repeated within the two minutes that its signature lasts changes nothing: acknowledgements and usage
    only grow, and whoever could record a request inside TLS has seen its answer as well.
    """
    header = request.headers.get("Authorization", "")
    try:
        public_key = enrolment.public_key(requests.request_gateway(header))
        if public_key is None:
            raise NotProven("No such gateway is enrolled here. Enrol it with `wifi-manager gateway enrol TOKEN`.")
        return requests.verify_request(public_key, header, _signed(request), clock.now())
    except Forbidden as refusal:
        raise NotProven(str(refusal)) from refusal


def _signed(request: Request) -> requests.Request:
    """The request as it stood in the request line: RAW_URI is what the server read, before any decoding."""
    return requests.Request(request.method, request.environ["RAW_URI"], request.get_data())
