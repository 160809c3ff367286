"""Revision 0034 gives no access point a token, and takes nothing away."""

import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE
from tests.migrations.test_0003_pushes import INVENTORY
from tests.migrations.test_0033_readings import SEEN
from wifi_manager.storage import migrate


def test_0034_keeps_access_points_and_what_was_seen_of_them(bare_engine):
    migrate.upgrade_to(bare_engine, "0033")
    with bare_engine.begin() as connection:
        for statement in (*BEFORE, *INVENTORY, SEEN):
            connection.execute(sa.text(statement))
        before = connection.execute(sa.text("SELECT * FROM observation")).mappings().all()
    migrate.upgrade_to(bare_engine, "0034")
    with bare_engine.begin() as connection:
        assert connection.execute(sa.text("SELECT * FROM observation")).mappings().all() == before != []
        assert connection.scalar(sa.text("SELECT count(*) FROM look_token")) == 0
