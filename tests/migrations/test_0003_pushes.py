"""Revision 0003 keeps every row that 0002 holds, and one access point has one push running."""

import pytest
import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE, DEVICE, VISIT
from wifi_manager.storage import migrate

INVENTORY = (
    "INSERT INTO district (city_id, name) SELECT id, 'River' FROM city",
    "INSERT INTO site (city_id, district_id, name, kind, address) SELECT city_id, id, 'Park', 'park', '' FROM district",
    """INSERT INTO access_point (city_id, site_id, external_id, place, floor, installer, service, platform, life_cycle)
    SELECT city_id, id, 'AP-1', '', '', '', '', 'openwrt', 'managed' FROM site""",
)
PUSH = """INSERT INTO push (city_id, access_point_id, intent_sealed, digest, state, reason, proposed_by, proposed_at,
    approved_by, attempts, due_at, claimed_by) SELECT city_id, id, :intent, 'd', 'running', '', 'a', '2026-06-01 12:00:00',
    'b', 1, '2026-06-01 12:00:00', 'worker-1' FROM access_point"""


def test_0003_keeps_visits_and_access_points_and_takes_pushes(bare_engine):
    migrate.upgrade_to(bare_engine, "0002")
    with bare_engine.begin() as connection:
        for statement in (*BEFORE, *INVENTORY):
            connection.execute(sa.text(statement))
        connection.execute(sa.text(DEVICE), {"pseudonym": b"p"})
        connection.execute(sa.text(VISIT), {"public_id": "v-1"})
    migrate.upgrade_to(bare_engine, "0003")
    with bare_engine.begin() as connection:
        connection.execute(sa.text(PUSH), {"intent": b"sealed"})
        assert connection.execute(sa.text("SELECT public_id FROM visit")).all() == [("v-1",)]
        assert connection.execute(sa.text("SELECT external_id, platform FROM access_point")).all() == [
            ("AP-1", "openwrt")
        ]
    with pytest.raises(sa.exc.IntegrityError), bare_engine.begin() as connection:
        connection.execute(sa.text(PUSH), {"intent": b"sealed"})
