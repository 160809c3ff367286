"""What a gateway tells control: what it enforces, what passed, whom it let go, and who has come."""

from dataclasses import dataclass
from typing import Any

from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.grants import Arrival, Cause, Ended, Usage
from wifi_manager.wire.fields import VERSION, a_list, check_version, fields_of, integer, ip, mac, text


@dataclass(frozen=True, slots=True)
class Report:
    """What a gateway tells control: the revision its firewall enforces, and what happened since the last report."""

    revision: int
    usage: tuple[Usage, ...]
    ended: tuple[Ended, ...] = ()
    passes: int = 0  # short passes that the gateway gave by itself while control was away
    arrivals: tuple[Arrival, ...] = ()


def report_to_json(report: Report) -> dict[str, Any]:
    """The body of a gateway's report."""
    return {
        "version": VERSION,
        "revision": report.revision,
        "usage": [{"visit": u.visit, "up_bytes": u.up_bytes, "down_bytes": u.down_bytes} for u in report.usage],
        "ended": [{"visit": each.visit, "reason": each.reason.value} for each in report.ended],
        "passes": report.passes,
        "arrivals": [_arrival_to_json(each) for each in report.arrivals],
    }


def report_from_json(body: Any) -> Report:
    """Read a gateway's report. Raises BadInput naming the field that is missing, unknown or of the wrong type."""
    fields = fields_of(body, "report", {"version", "revision", "usage", "ended", "passes", "arrivals"})
    check_version(fields)
    return Report(
        revision=integer(fields, "revision"),
        usage=tuple(_usage_from_json(each) for each in a_list(fields, "usage")),
        ended=tuple(_ended_from_json(each) for each in a_list(fields, "ended")),
        passes=integer(fields, "passes"),
        arrivals=tuple(_arrival_from_json(each) for each in a_list(fields, "arrivals")),
    )


def _usage_from_json(body: Any) -> Usage:
    fields = fields_of(body, "usage", {"visit", "up_bytes", "down_bytes"})
    return Usage(text(fields, "visit"), integer(fields, "up_bytes"), integer(fields, "down_bytes"))


def _ended_from_json(body: Any) -> Ended:
    fields = fields_of(body, "ended", {"visit", "reason"})
    try:
        return Ended(text(fields, "visit"), Cause(fields["reason"]))
    except ValueError as unknown:
        raise BadInput(f"reason is one of {', '.join(Cause)}.") from unknown


def _arrival_to_json(arrival: Arrival) -> dict[str, Any]:
    return {"device": arrival.device.full(), "address": str(arrival.address), "network": arrival.network}


def _arrival_from_json(body: Any) -> Arrival:
    fields = fields_of(body, "arrival", {"device", "address", "network"})
    return Arrival(mac(fields, "device"), ip(fields, "address"), text(fields, "network"))
