"""Revision 0031 keeps access points; their list said nothing of models, and nothing was read of them."""

import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE
from tests.migrations.test_0003_pushes import INVENTORY
from wifi_manager.storage import migrate


def test_0031_keeps_access_points_without_a_model(bare_engine):
    migrate.upgrade_to(bare_engine, "0030")
    with bare_engine.begin() as connection:
        for statement in (*BEFORE, *INVENTORY):
            connection.execute(sa.text(statement))
        before = connection.scalars(sa.text("SELECT external_id FROM access_point")).all()
    migrate.upgrade_to(bare_engine, "0031")
    with bare_engine.begin() as connection:
        after = connection.execute(sa.text("SELECT external_id, model FROM access_point")).all()
        assert after == [(name, "") for name in before]
        assert before
        assert connection.scalar(sa.text("SELECT count(*) FROM hardware")) == 0
