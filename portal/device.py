"""Who is asking: from the gateway's sealed ticket alone, never from an address, a header or a cookie."""

from portal import asked
from wifi_manager.services.admission import Admission
from wifi_manager.wire.tickets import Ticket

FIELD = "s"  # in the query of pages, in the body of forms


def ticket_text() -> str:
    """The sealed ticket that came with this request, or nothing."""
    now = asked.now()
    return (now.form if now.method == "POST" else now.query).get(FIELD, "")


def asking(admission: Admission) -> Ticket:
    """The ticket, opened once a request. Raises BadInput when missing or damaged, Forbidden when forged or old."""
    kept = asked.now().kept
    ticket: Ticket | None = kept.get("ticket")
    if ticket is None:
        ticket = kept["ticket"] = admission.asking(ticket_text())
    return ticket
