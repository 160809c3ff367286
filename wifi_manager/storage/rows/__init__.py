"""The tables: one module a noun, private to storage. Every table carries its city."""

from wifi_manager.storage.rows import budgets, certificates, inventory, provisioning, staff, visits
from wifi_manager.storage.rows.base import metadata

__all__ = ["budgets", "certificates", "inventory", "metadata", "provisioning", "staff", "visits"]
