"""Revision 0041 lets a map keep its raster, and loses no map that is there."""

import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE
from tests.migrations.test_0038_hexagons import MAP
from wifi_manager.storage import migrate


def test_0041_keeps_a_map_without_a_raster(bare_engine):
    migrate.upgrade_to(bare_engine, "0040")
    with bare_engine.begin() as connection:
        for statement in (*BEFORE, MAP):
            connection.execute(sa.text(statement))
        before = connection.execute(sa.text("SELECT * FROM coverage")).mappings().all()
    migrate.upgrade_to(bare_engine, "0041")
    with bare_engine.begin() as connection:
        after = connection.execute(sa.text("SELECT * FROM coverage")).mappings().all()
    assert [dict(each) for each in after] == [dict(each) | {"frame": None, "raster": None} for each in before] != []
