"""The audit trail of one city: written beside each change, in its transaction; never changed afterwards."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from wifi_manager.domain.audit import AuditEntry
from wifi_manager.storage.rows.staff import audit


@dataclass(frozen=True)
class AuditTrail:
    """Adds to and reads from the trail."""

    connection: sa.Connection
    city_id: int

    def add(self, *entries: AuditEntry) -> None:
        """Record changes in this transaction."""
        self.add_all(entries)

    def add_all(self, entries: Iterable[AuditEntry]) -> None:
        """Record many changes with one statement."""
        rows = [
            {
                "city_id": self.city_id,
                "at": each.at,
                "actor": each.actor,
                "action": each.action,
                "noun": each.noun,
                "subject": each.subject,
                "before": sa.null() if each.before is None else dict(each.before),
                "after": sa.null() if each.after is None else dict(each.after),
            }
            for each in entries
        ]
        if rows:
            self.connection.execute(sa.insert(audit), rows)

    def newest(self, limit: int, *, before: int | None = None, noun: str = "", subject: str = "") -> list[AuditEntry]:
        """The newest entries first, of one noun or one subject if given, older than row number `before` if given."""
        return [entry for _number, entry in self.page(limit, before=before, noun=noun, subject=subject)]

    def page(
        self, limit: int, *, before: int | None = None, noun: str = "", subject: str = ""
    ) -> list[tuple[int, AuditEntry]]:
        """As `newest`, each with its row number, which is where the next page begins."""
        query = sa.select(audit).where(audit.c.city_id == self.city_id).order_by(audit.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.id < before)
        if noun:
            query = query.where(audit.c.noun == noun)
        if subject:
            query = query.where(audit.c.subject == subject)
        return [(row["id"], _to_entry(row)) for row in self.connection.execute(query).mappings()]


def _to_entry(row: sa.RowMapping) -> AuditEntry:
    names = ("at", "actor", "action", "noun", "subject", "before", "after")
    return AuditEntry(**{name: row[name] for name in names})
