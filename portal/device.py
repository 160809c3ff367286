"""Who is asking: from the gateway's sealed ticket alone, never from an address, a header or a cookie."""

from flask import g, request

from wifi_manager.services.admission import Admission
from wifi_manager.wire.tickets import Ticket

FIELD = "s"  # in the query of pages, in the body of forms


def ticket_text() -> str:
    """The sealed ticket that came with this request, or nothing."""
    return (request.form if request.method == "POST" else request.args).get(FIELD, "")


def asking(admission: Admission) -> Ticket:
    """The ticket, opened once a request. Raises BadInput when missing or damaged, Forbidden when forged or old."""
    ticket: Ticket | None = g.get("asking")
    if ticket is None:
        ticket = g.asking = admission.asking(ticket_text())
    return ticket
