"""Revision 0038 lets a map keep its hexagons, and loses no map that is there."""

import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE
from wifi_manager.storage import migrate

MAP = (
    "INSERT INTO coverage (city_id, at, sentences, shares, signals, legend)"
    " SELECT id, '2026-11-27 12:00:00+00:00', '[]', '[]', '{}', '[]' FROM city"
)


def test_0038_keeps_a_map_without_hexagons(bare_engine):
    migrate.upgrade_to(bare_engine, "0034")
    with bare_engine.begin() as connection:
        for statement in (*BEFORE, MAP):
            connection.execute(sa.text(statement))
        before = connection.execute(sa.text("SELECT * FROM coverage")).mappings().all()
    migrate.upgrade_to(bare_engine, "0038")
    with bare_engine.begin() as connection:
        after = connection.execute(sa.text("SELECT * FROM coverage")).mappings().all()
    assert [dict(each) for each in after] == [dict(each) | {"hexagons": None} for each in before] != []
