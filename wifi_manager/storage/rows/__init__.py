"""The tables: one module a noun, private to storage. Every table carries its city."""

from wifi_manager.storage.rows import certificates, intents, inventory, law, provisioning, staff, visits
from wifi_manager.storage.rows.base import metadata

__all__ = ["certificates", "intents", "inventory", "law", "metadata", "provisioning", "staff", "visits"]
