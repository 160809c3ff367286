"""Revision 0017 keeps visits, and a device takes its consents along when it goes."""

import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE, DEVICE, VISIT
from wifi_manager.storage import migrate

AGREEMENT = """INSERT INTO agreement (city_id, device_id, what, terms_version, terms_language, gateway_id, network, method,
    given_at) SELECT city_id, id, 'remember_device', '1', 'ko', 1, '', 'click_through', first_seen_at FROM device"""


def test_0017_keeps_visits_and_takes_consents(bare_engine):
    migrate.upgrade_to(bare_engine, "0016")
    with bare_engine.begin() as connection:
        for statement in BEFORE:
            connection.execute(sa.text(statement))
        connection.execute(sa.text(DEVICE), {"pseudonym": b"p"})
        connection.execute(sa.text(VISIT), {"public_id": "v-1"})
    migrate.upgrade_to(bare_engine, "0017")
    with bare_engine.begin() as connection:
        connection.execute(sa.text(AGREEMENT))
        assert connection.execute(sa.text("SELECT public_id FROM visit")).all() == [("v-1",)]
        connection.execute(sa.text("UPDATE visit SET device_id = NULL"))
        connection.execute(sa.text("DELETE FROM device"))
        assert connection.scalar(sa.text("SELECT count(*) FROM agreement")) == 0
