"""A visit follows its device: to another address, another network, another gateway."""

from datetime import datetime

from wifi_manager.domain.visits import Asker, Visit
from wifi_manager.storage.store import Transaction


def move(tx: Transaction, visit: Visit, asker: Asker, now: datetime) -> int:
    """Let a running visit go on where its device is now; returns the revision that its gateway must acknowledge."""
    tx.visits.move(visit.public_id, asker)
    # In the order of their names: two phones that swap gateways must not wait for each other's rows.
    places = sorted({visit.gateway, asker.gateway})
    revisions = {name: tx.changes.note(name, [visit.number], now) for name in places}
    return revisions[asker.gateway]
