"""Revision 0033 lets an observation keep what was measured, and loses none that is there."""

import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE
from tests.migrations.test_0003_pushes import INVENTORY
from wifi_manager.storage import migrate
from wifi_manager.storage.readings import unpacked

SEEN = (
    "INSERT INTO observation (access_point_id, city_id, at, is_up, reason, uptime_seconds)"
    " SELECT id, city_id, '2026-11-27 12:00:00+00:00', true, '', 60 FROM access_point"
)


def test_0033_keeps_observations_without_readings(bare_engine):
    migrate.upgrade_to(bare_engine, "0032")
    with bare_engine.begin() as connection:
        for statement in (*BEFORE, *INVENTORY, SEEN):
            connection.execute(sa.text(statement))
        before = connection.execute(sa.text("SELECT * FROM observation")).mappings().all()
    migrate.upgrade_to(bare_engine, "0033")
    with bare_engine.begin() as connection:
        after = connection.execute(sa.text("SELECT * FROM observation")).mappings().all()
    assert [dict(each) for each in after] == [dict(each) | {"readings": None} for each in before] != []
    assert unpacked(after[0]["readings"]).radios == ()
