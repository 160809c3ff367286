"""Revision 0018 keeps visits and plans, which nobody has extended yet, and remembers each device once, until it goes."""

import pytest
import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE, DEVICE, VISIT
from wifi_manager.storage import migrate

REMEMBERED = """INSERT INTO remembered_device (device_id, city_id, method, terms_version, terms_language, agreed_at, until)
    SELECT id, city_id, 'click_through', '2026-11', 'ko', '2026-06-01 12:00:00', '2026-07-01 12:00:00' FROM device"""
KEPT = {
    "visit": "SELECT public_id, method, ends_by, extensions FROM visit",
    "plan": "SELECT name, lifetime_seconds, extensions, extension_seconds FROM plan",
}


def test_0018_keeps_visits_and_plans_and_takes_remembered_devices(bare_engine):
    migrate.upgrade_to(bare_engine, "0017")
    with bare_engine.begin() as connection:
        for statement in BEFORE:
            connection.execute(sa.text(statement))
        connection.execute(sa.text(DEVICE), {"pseudonym": b"p"})
        connection.execute(sa.text(VISIT), {"public_id": "v-1"})
    migrate.upgrade_to(bare_engine, "0018")
    with bare_engine.begin() as connection:
        assert {name: connection.execute(sa.text(query)).all() for name, query in KEPT.items()} == {
            "visit": [("v-1", "click_through", None, 0)],
            "plan": [("day", 86400, 0, None)],
        }
        connection.execute(sa.text(REMEMBERED))
    with pytest.raises(sa.exc.IntegrityError), bare_engine.begin() as connection:
        connection.execute(sa.text(REMEMBERED))
    with bare_engine.begin() as connection:
        connection.execute(sa.text("UPDATE visit SET device_id = NULL"))
        connection.execute(sa.text("DELETE FROM device"))
        assert connection.scalar(sa.text("SELECT count(*) FROM remembered_device")) == 0
