"""Revision 0022 keeps pushes, which belong to no rollout."""

import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE
from tests.migrations.test_0003_pushes import INVENTORY, PUSH
from wifi_manager.storage import migrate


def test_0022_keeps_pushes(bare_engine):
    migrate.upgrade_to(bare_engine, "0021")
    with bare_engine.begin() as connection:
        for statement in (*BEFORE, *INVENTORY):
            connection.execute(sa.text(statement))
        connection.execute(sa.text(PUSH), {"intent": b"sealed"})
    migrate.upgrade_to(bare_engine, "0022")
    with bare_engine.begin() as connection:
        found = connection.execute(sa.text("SELECT state, rollout_id, wave, before_sealed FROM push")).all()
        assert found == [("running", None, None, None)]
        assert connection.scalar(sa.text("SELECT count(*) FROM rollout")) == 0
