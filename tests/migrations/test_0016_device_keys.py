"""Revision 0016 keeps devices and blocks with their pseudonyms and numbers, made by the master key's own key."""

import sqlalchemy as sa

from tests.builders import A_CITY, A_MASTER_KEY, NOON
from tests.fakes.gateway import OTHER_PHONE, PHONE
from tests.migrations.test_0002_visits import BEFORE, DEVICE
from wifi_manager.storage import migrate
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault

BLOCK = """INSERT INTO block (city_id, number, pseudonym, device_sealed, since, set_by)
    SELECT id, 2, :pseudonym, :sealed, '2026-06-01 12:00:00', 'somebody' FROM city"""


def test_0016_keeps_devices_and_blocks_and_finds_them(bare_engine):
    vault = Vault(A_MASTER_KEY, A_CITY.slug)
    migrate.upgrade_to(bare_engine, "0015")
    with bare_engine.begin() as connection:
        for statement in BEFORE:
            connection.execute(sa.text(statement))
        for device in (OTHER_PHONE, PHONE):
            connection.execute(sa.text(DEVICE), {"pseudonym": vault.digest("device", device.octets)})
        connection.execute(sa.text("DELETE FROM device WHERE id = 1"))
        sealed = vault.seal("blocked device", PHONE.octets)
        given = {"pseudonym": vault.digest("device", PHONE.octets), "sealed": sealed}
        connection.execute(sa.text(BLOCK), given)
    migrate.upgrade(bare_engine, A_CITY)
    with Store(bare_engine, A_CITY.slug, vault).begin() as tx:
        assert tx.visits.device(PHONE).number == 2
        assert tx.blocks.in_force_on(PHONE, NOON).set_by == "somebody"
        assert tx.visits.device_number(OTHER_PHONE, NOON) == 3, "a number is never another's, for it is a packet mark"
