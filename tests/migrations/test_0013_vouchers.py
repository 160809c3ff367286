"""Revision 0013 keeps visits and plans, and takes vouchers, of each code one, and tallies."""

import pytest
import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE, DEVICE, VISIT
from wifi_manager.storage import migrate

BATCH = """INSERT INTO voucher_batch (city_id, name, plan_id, uses, issued_at, issued_by)
    SELECT city_id, 'spring', id, 1, '2026-06-01 12:00:00', 'somebody' FROM plan"""
VOUCHER = """INSERT INTO voucher (city_id, batch_id, number, digest, uses)
    SELECT city_id, id, :number, :digest, 0 FROM voucher_batch"""
TALLY = """INSERT INTO tally (city_id, who, tries, doublings, ends_at)
    SELECT id, :who, 1, 0, '2026-06-01 12:00:00' FROM city"""


def test_0013_keeps_visits_and_takes_vouchers(bare_engine):
    migrate.upgrade_to(bare_engine, "0012")
    with bare_engine.begin() as connection:
        for statement in BEFORE:
            connection.execute(sa.text(statement))
        connection.execute(sa.text(DEVICE), {"pseudonym": b"p"})
        connection.execute(sa.text(VISIT), {"public_id": "v-1"})
    migrate.upgrade_to(bare_engine, "0013")
    with bare_engine.begin() as connection:
        assert connection.execute(sa.text("SELECT public_id, holder FROM visit")).all() == [("v-1", None)]
        connection.execute(sa.text(BATCH))
        connection.execute(sa.text(VOUCHER), {"number": 1, "digest": b"d"})
        connection.execute(sa.text(TALLY), {"who": b"w"})
    for statement, values in (
        (BATCH, {}),
        (VOUCHER, {"number": 2, "digest": b"d"}),
        (VOUCHER, {"number": 1, "digest": b"e"}),
        (TALLY, {"who": b"w"}),
    ):
        with pytest.raises(sa.exc.IntegrityError), bare_engine.begin() as connection:
            connection.execute(sa.text(statement), values)
