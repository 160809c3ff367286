"""Maintenance windows of one city."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wifi_manager.domain.intent_layers import Scope
from wifi_manager.domain.maintenance import Windows
from wifi_manager.storage.rows.provisioning import maintenance_window


@dataclass(frozen=True, slots=True)
class KeptWindows:
    """The windows of one scope, and who has set them."""

    scope: Scope
    windows: Windows
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True)
class Maintenance:
    """Questions about and changes of a city's maintenance windows."""

    connection: sa.Connection
    city_id: int

    def all(self) -> list[KeptWindows]:
        """Those of the city first, then of kinds, then of sites."""
        query = sa.select(maintenance_window).where(maintenance_window.c.city_id == self.city_id)
        rows = self.connection.execute(query.order_by(maintenance_window.c.scope)).mappings()
        return [
            KeptWindows(Scope.parse(row["scope"]), Windows.parse(row["text"]), row["changed_by"], row["changed_at"])
            for row in rows
        ]

    def windows(self) -> dict[Scope, Windows]:
        """The windows of each scope that has some."""
        return {each.scope: each.windows for each in self.all()}

    def put(self, scope: Scope, windows: Windows, by: str, at: datetime) -> str | None:
        """Set those of a scope; returns the text of those before."""
        before = self.take_away(scope)
        values = {"city_id": self.city_id, "scope": str(scope), "text": windows.text}
        row = {**values, "changed_by": by, "changed_at": at}
        self.connection.execute(sa.insert(maintenance_window).values(row))
        return before

    def take_away(self, scope: Scope) -> str | None:
        """Remove those of a scope; returns their text, None where there were none."""
        mine = sa.and_(maintenance_window.c.city_id == self.city_id, maintenance_window.c.scope == str(scope))
        gone = sa.delete(maintenance_window).where(mine).returning(maintenance_window.c.text)
        text: str | None = self.connection.scalar(gone)
        return text
