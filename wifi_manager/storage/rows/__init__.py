"""The tables: one module a noun, private to storage. Every table carries its city."""

from wifi_manager.storage.rows import (
    accounts,
    budgets,
    certificates,
    coverage,
    desk,
    drift,
    eid,
    faces,
    hardware,
    intents,
    inventory,
    law,
    look_tokens,
    provisioning,
    staff,
    visits,
    vouchers,
)
from wifi_manager.storage.rows.base import metadata

__all__ = [
    "accounts",
    "budgets",
    "certificates",
    "coverage",
    "desk",
    "drift",
    "eid",
    "faces",
    "hardware",
    "intents",
    "inventory",
    "law",
    "look_tokens",
    "metadata",
    "provisioning",
    "staff",
    "visits",
    "vouchers",
]
