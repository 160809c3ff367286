"""Series of the gateways' certificates, for alarms: the rows tell them, so they are there when no worker runs."""

from collections.abc import Callable, Iterable
from datetime import datetime

from wifi_manager.domain.certificates import CertificateStanding
from wifi_manager.metrics import Family

_FAMILIES: tuple[tuple[Family, Callable[[CertificateStanding], float | None]], ...] = (
    (
        Family(
            "wifi_certificate_expiry_timestamp_seconds",
            "gauge",
            "When the newest certificate that was issued to the gateway ends; none before the first one.",
            ("gateway",),
        ),
        lambda each: None if each.ends_at is None else each.ends_at.timestamp(),
    ),
    (
        Family(
            "wifi_certificate_due_timestamp_seconds",
            "gauge",
            "When the gateway's next certificate is to be ordered; in the past, how long that has not succeeded.",
            ("gateway",),
        ),
        lambda each: each.due_at.timestamp(),
    ),
    (
        Family(
            "wifi_certificate_failures",
            "counter",
            "Orders of a certificate for the gateway that came to nothing.",
            ("gateway",),
        ),
        lambda each: each.failures,
    ),
)


def page(standings: Iterable[CertificateStanding], now: datetime) -> str:
    """The series in the Prometheus text format 0.0.4; nothing of gateways that have not asked for two weeks."""
    present = [each for each in standings if not each.is_forgotten(now)]
    return "".join(_family(family, value, present) for family, value in _FAMILIES) if present else ""


def _family(
    family: Family, value: Callable[[CertificateStanding], float | None], standings: Iterable[CertificateStanding]
) -> str:
    name = f"{family.name}_total" if family.kind == "counter" else family.name
    found = ((each.gateway, value(each)) for each in standings)  # a gateway's name needs no escapes: check_name
    lines = (f'{name}{{gateway="{gateway}"}} {number}\n' for gateway, number in found if number is not None)
    return family.header() + "".join(lines)
