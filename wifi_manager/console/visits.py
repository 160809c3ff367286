"""Who is online, as figures alone: visits by site, how they began and ended, and the gateways that enforce them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from wifi_manager.console.bars import Bar, Counted, bars
from wifi_manager.console.parts import parts
from wifi_manager.console.texts import word
from wifi_manager.domain.certificates import CertificateStanding, CertificateState
from wifi_manager.domain.gateways import Gateway, Standing
from wifi_manager.storage.reports import ActiveNetwork, ActiveVisits, VisitCount

pages = Blueprint("visits", __name__, template_folder="templates")
_MOST_SITES = 40
_WORST_FIRST = (Standing.SILENT, Standing.BEHIND, Standing.NOT_ENROLLED, Standing.ENFORCING)


@dataclass(frozen=True, slots=True)
class _Standing:
    gateway: Gateway
    standing: Standing
    certificate: CertificateStanding | None
    certificate_state: CertificateState | None


@pages.get("/visits")
def page() -> ResponseReturnValue:
    """Figures of all visits that are kept, and every gateway, those that need somebody first."""
    now = parts().clock.now()
    with parts().store.read() as tx:
        active, counts, gateways = tx.reports.active_visits(now), tx.reports.visit_counts(), tx.gateways.all()
        networks = tx.reports.active_networks(now)
        certificates = {each.gateway: each for each in tx.certificates.standings()}
    standing = [_standing(each, certificates.get(each.name), now) for each in gateways]
    return render_template(
        "console/visits.html",
        active=sum(each.count for each in active),
        active_sites=len(active),
        sites=_sites(active)[:_MOST_SITES],
        networks=_networks(networks)[:_MOST_SITES],
        recorded=sum(each.count for each in counts),
        methods=_methods(counts),
        ends=_ends(counts),
        gateways=sorted(standing, key=lambda each: _WORST_FIRST.index(each.standing)),
        enforcing=sum(each.standing is Standing.ENFORCING for each in standing),
    )


def _standing(gateway: Gateway, certificate: CertificateStanding | None, now: datetime) -> _Standing:
    state = None if certificate is None else certificate.state(now)
    return _Standing(gateway, gateway.standing(now), certificate, state)


def _sites(active: Sequence[ActiveVisits]) -> list[Bar]:
    return bars(
        Counted(f"{each.site}, {each.district}", each.count, _fleet_url(each))
        if each.site
        else Counted("Gateways without a site", each.count)
        for each in active
    )


def _networks(active: Sequence[ActiveNetwork]) -> list[Bar]:
    """Nothing while gateways have one network each: the sites say it all then."""
    if len({each.gateway for each in active}) == len(active):
        return []
    return bars(Counted(f"{each.network or 'no name'}, {each.gateway}", each.count) for each in active)


def _fleet_url(each: ActiveVisits) -> str:
    return url_for("fleet.fleet", q=each.site, district=each.district)


def _methods(counts: Sequence[VisitCount]) -> list[Bar]:
    sums: Counter[str] = Counter()
    for each in counts:
        sums[each.method] += each.count
    return bars(Counted(word(method, "methods"), count) for method, count in sums.items())


def _ends(counts: Sequence[VisitCount]) -> list[Bar]:
    sums: Counter[str] = Counter()
    for each in counts:
        sums[each.end_reason] += each.count
    return bars(Counted(word(reason, "end_reasons"), count) for reason, count in sums.items())
