"""Revision 0015 keeps every device and visit, and a sign-in with an eID goes with the device that is erased."""

import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE, DEVICE, VISIT
from tests.migrations.test_0003_pushes import INVENTORY
from wifi_manager.storage import migrate

SIGN_IN = """INSERT INTO eid_sign_in (device_id, city_id, gateway_id, device_sealed, key_digest, secrets_sealed,
    terms_version, terms_language, revision, begun_at, until, opened_until)
    SELECT device.id, device.city_id, gateway.id, :sealed, :sealed, :sealed, '2026-11', 'ko', 1,
    '2026-06-01 12:00:00', '2026-06-01 12:10:00', '2026-06-01 12:10:00' FROM device, gateway"""


def test_0015_keeps_devices_and_visits_and_takes_sign_ins_that_go_with_their_device(bare_engine):
    migrate.upgrade_to(bare_engine, "0014")
    with bare_engine.begin() as connection:
        for statement in (*BEFORE, *INVENTORY):
            connection.execute(sa.text(statement))
        connection.execute(sa.text(DEVICE), {"pseudonym": b"p"})
        connection.execute(sa.text(VISIT), {"public_id": "v-1"})
    migrate.upgrade_to(bare_engine, "0015")
    with bare_engine.begin() as connection:
        assert connection.execute(sa.text("SELECT public_id FROM visit")).all() == [("v-1",)]
        assert connection.execute(sa.text(SIGN_IN), {"sealed": b"s"}).rowcount == 1
        connection.execute(sa.text("UPDATE visit SET device_id = NULL"))
        connection.execute(sa.text("DELETE FROM device"))
        assert connection.execute(sa.text("SELECT count(*) FROM eid_sign_in")).scalar_one() == 0
