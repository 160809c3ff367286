"""Visits that end because what they were opened with is no longer good."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from wifi_manager.domain.visits import EndReason
from wifi_manager.storage.held import RunningVisit
from wifi_manager.storage.store import Transaction


def end_visits(tx: Transaction, visits: Sequence[RunningVisit], reason: EndReason, now: datetime) -> int:
    """End these visits and let their gateways know, in the order of their names; returns how many ran still."""
    tx.visits.lock([each.public_id for each in visits])
    devices: defaultdict[str, list[int]] = defaultdict(list)
    for each in visits:
        if tx.visits.end(each.public_id, now, reason):
            devices[each.gateway].append(each.number)
    for name in sorted(devices):
        tx.changes.note(name, devices[name], now)
    return sum(map(len, devices.values()))
