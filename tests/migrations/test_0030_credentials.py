"""Revision 0030 keeps the key to each access point; none of them is being changed."""

import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE
from tests.migrations.test_0003_pushes import INVENTORY
from wifi_manager.storage import migrate


def test_0030_keeps_keys(bare_engine):
    migrate.upgrade_to(bare_engine, "0029")
    with bare_engine.begin() as connection:
        for statement in (*BEFORE, *INVENTORY):
            connection.execute(sa.text(statement))
        key = "INSERT INTO credential (access_point_id, city_id, private_key_sealed) VALUES (1, 1, :key)"
        connection.execute(sa.text(key), {"key": b"sealed"})
    migrate.upgrade_to(bare_engine, "0030")
    with bare_engine.begin() as connection:
        found = connection.execute(sa.text("SELECT private_key_sealed, next_sealed, previous_sealed FROM credential"))
        assert found.all() == [(b"sealed", None, None)]
