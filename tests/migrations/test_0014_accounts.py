"""Revision 0014 keeps vouchers and takes accounts, one of each login name."""

import pytest
import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE
from tests.migrations.test_0013_vouchers import BATCH, VOUCHER
from wifi_manager.storage import migrate

ACCOUNT = """INSERT INTO account (city_id, name_digest, name_sealed, is_active, added_at)
    SELECT id, :name, :name, :yes, '2026-06-01 12:00:00' FROM city"""


def test_0014_keeps_vouchers_and_takes_accounts(bare_engine):
    migrate.upgrade_to(bare_engine, "0013")
    with bare_engine.begin() as connection:
        for statement in (*BEFORE, BATCH):
            connection.execute(sa.text(statement))
        connection.execute(sa.text(VOUCHER), {"number": 1, "digest": b"d"})
    migrate.upgrade_to(bare_engine, "0014")
    with bare_engine.begin() as connection:
        assert connection.execute(sa.text("SELECT number, uses FROM voucher")).all() == [(1, 0)]
        connection.execute(sa.text(ACCOUNT), {"name": b"n", "yes": True})
    with pytest.raises(sa.exc.IntegrityError), bare_engine.begin() as connection:
        connection.execute(sa.text(ACCOUNT), {"name": b"n", "yes": True})
