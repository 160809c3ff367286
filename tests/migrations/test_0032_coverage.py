"""Revision 0032 adds tables for measured signals and maps, and touches no other row."""

import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE
from tests.migrations.test_0003_pushes import INVENTORY
from wifi_manager.storage import migrate


def test_0032_keeps_the_inventory(bare_engine):
    migrate.upgrade_to(bare_engine, "0031")
    with bare_engine.begin() as connection:
        for statement in (*BEFORE, *INVENTORY):
            connection.execute(sa.text(statement))
        before = connection.execute(sa.text("SELECT * FROM access_point")).all()
    migrate.upgrade_to(bare_engine, "0032")
    with bare_engine.begin() as connection:
        assert connection.execute(sa.text("SELECT * FROM access_point")).all() == before != []
        for table in ("survey", "survey_sample", "coverage", "coverage_picture"):
            assert connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 0
