"""Revision 0029 keeps access points and what is wanted on them; nothing has been read yet."""

import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE
from tests.migrations.test_0003_pushes import INVENTORY, PUSH
from wifi_manager.storage import migrate


def test_0029_keeps_pushes_and_has_read_nothing_yet(bare_engine):
    migrate.upgrade_to(bare_engine, "0027")
    with bare_engine.begin() as connection:
        for statement in (*BEFORE, *INVENTORY):
            connection.execute(sa.text(statement))
        connection.execute(sa.text(PUSH), {"intent": b"sealed"})
    migrate.upgrade_to(bare_engine, "0029")
    with bare_engine.begin() as connection:
        assert connection.scalar(sa.text("SELECT intent_sealed FROM push")) == b"sealed"
        for table in ("backup", "drift"):
            assert connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 0
