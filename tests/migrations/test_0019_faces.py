"""Revision 0019 keeps what is there and takes faces of a city, of a district and of a site."""

import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE
from tests.migrations.test_0003_pushes import INVENTORY
from wifi_manager.storage import migrate

FACE = """INSERT INTO face (city_id, district_id, site_id, document, set_by, set_at)
    SELECT city_id, district_id, {site}, '{{}}', 'somebody', '2026-06-01 12:00:00' FROM site"""


def test_0019_keeps_the_inventory_and_takes_faces(bare_engine):
    migrate.upgrade_to(bare_engine, "0018")
    with bare_engine.begin() as connection:
        for statement in (*BEFORE, *INVENTORY):
            connection.execute(sa.text(statement))
    migrate.upgrade_to(bare_engine, "0019")
    with bare_engine.begin() as connection:
        connection.execute(sa.text(FACE.format(site="id")))
        connection.execute(sa.text(FACE.format(site="NULL")))
        assert connection.execute(sa.text("SELECT name FROM site")).all() == [("Park",)]
        assert connection.scalar(sa.text("SELECT count(*) FROM face")) == 2
