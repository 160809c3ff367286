"""Revision 0020 keeps visits and places, takes one report of a ticket, and lets a report outlive its device."""

import pytest
import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE, DEVICE, VISIT
from tests.migrations.test_0003_pushes import INVENTORY
from wifi_manager.storage import migrate

REPORT = """INSERT INTO problem_report (city_id, nonce, device_id, network, at, trouble, incident, access, state,
    assigned_to, handled_by) SELECT city_id, 'n-1', id, '', '2026-06-01 12:00:00', 'slow', '', 'never', 'open', '', ''
    FROM device"""
EMERGENCY = """INSERT INTO emergency (city_id, district_id, site_id, since, until, reason, opened_by)
    SELECT city_id, district_id, id, '2026-06-01 12:00:00', '2026-06-01 18:00:00', 'flood', 'chief' FROM site"""


def test_0020_keeps_visits_and_places_and_a_report_outlives_its_device(bare_engine):
    migrate.upgrade_to(bare_engine, "0019")
    with bare_engine.begin() as connection:
        for statement in (*BEFORE, *INVENTORY):
            connection.execute(sa.text(statement))
        connection.execute(sa.text(DEVICE), {"pseudonym": b"p"})
        connection.execute(sa.text(VISIT), {"public_id": "v-1"})
    migrate.upgrade_to(bare_engine, "0020")
    with bare_engine.begin() as connection:
        assert connection.execute(sa.text("SELECT public_id FROM visit")).all() == [("v-1",)]
        assert connection.execute(sa.text("SELECT name FROM site")).all() == [("Park",)]
        connection.execute(sa.text(REPORT))
        connection.execute(sa.text(EMERGENCY))
    with pytest.raises(sa.exc.IntegrityError), bare_engine.begin() as connection:
        connection.execute(sa.text(REPORT))
    with bare_engine.begin() as connection:
        connection.execute(sa.text("UPDATE visit SET device_id = NULL"))
        connection.execute(sa.text("DELETE FROM device"))
        assert connection.execute(sa.text("SELECT nonce, device_id FROM problem_report")).all() == [("n-1", None)]
        assert connection.execute(sa.text("SELECT reason FROM emergency")).all() == [("flood",)]
