"""Revision 0002 keeps every row that 0001 holds, and one device has one running visit."""

import pytest
import sqlalchemy as sa

from wifi_manager.storage import migrate

BEFORE = (
    "INSERT INTO city (slug, name) VALUES ('haneul', 'Haneul')",
    "INSERT INTO gateway (city_id, name, revision, acknowledged) SELECT id, 'gw-1', 7, 6 FROM city",
    "INSERT INTO plan (city_id, name, lifetime_seconds) SELECT id, 'day', 86400 FROM city",
)
DEVICE = (
    "INSERT INTO device (city_id, pseudonym, first_seen_at) SELECT id, :pseudonym, '2026-06-01 12:00:00' FROM city"
)
VISIT = """INSERT INTO visit (city_id, public_id, device_id, gateway_id, plan_id, method, terms_version, terms_language,
    opened_at, expires_at, up_bytes, down_bytes)
    SELECT city.id, :public_id, device.id, gateway.id, plan.id, 'click_through', '1', 'ko', '2026-06-01 12:00:00',
    '2026-06-02 12:00:00', 0, 0 FROM city, device, gateway, plan"""


def test_0002_keeps_gateways_and_plans_and_takes_visits(bare_engine):
    migrate.upgrade_to(bare_engine, "0001")
    with bare_engine.begin() as connection:
        for statement in BEFORE:
            connection.execute(sa.text(statement))
    migrate.upgrade_to(bare_engine, "0002")
    with bare_engine.begin() as connection:
        connection.execute(sa.text(DEVICE), {"pseudonym": b"p"})
        connection.execute(sa.text(VISIT), {"public_id": "v-1"})
        assert connection.execute(sa.text("SELECT name, revision FROM gateway")).all() == [("gw-1", 7)]
        assert connection.execute(sa.text("SELECT name, lifetime_seconds FROM plan")).all() == [("day", 86400)]
    with pytest.raises(sa.exc.IntegrityError), bare_engine.begin() as connection:
        connection.execute(sa.text(VISIT), {"public_id": "v-2"})
