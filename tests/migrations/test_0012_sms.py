"""Revision 0012 keeps every visit, and counts each thing once a span and each code once a device."""

import pytest
import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE, DEVICE, VISIT
from tests.migrations.test_0003_pushes import INVENTORY
from wifi_manager.storage import migrate

BUDGET = """INSERT INTO budget (city_id, what, whom, since, used)
    SELECT id, 'relief', :whom, '2026-06-01 00:00:00', 1 FROM city"""
CODE = """INSERT INTO sms_code (city_id, device, holder, code, number_sealed, sent_at, tries)
    SELECT id, :whom, :whom, :whom, :whom, '2026-06-01 12:00:00', 0 FROM city"""
PROVIDER = "INSERT INTO sms_provider (city_id, failures, failed_at) SELECT id, 1, '2026-06-01 12:00:00' FROM city"


def test_0012_keeps_visits_and_takes_budgets_and_codes(bare_engine):
    migrate.upgrade_to(bare_engine, "0011")
    with bare_engine.begin() as connection:
        for statement in (*BEFORE, *INVENTORY):
            connection.execute(sa.text(statement))
        connection.execute(sa.text(DEVICE), {"pseudonym": b"p"})
        connection.execute(sa.text(VISIT), {"public_id": "v-1"})
    migrate.upgrade_to(bare_engine, "0012")
    with bare_engine.begin() as connection:
        for statement in (BUDGET, CODE, PROVIDER):
            connection.execute(sa.text(statement), {"whom": b"w"})
        assert connection.execute(sa.text("SELECT public_id FROM visit")).all() == [("v-1",)]
        assert connection.execute(sa.text("SELECT used FROM budget")).all() == [(1,)]
    for statement in (BUDGET, CODE, PROVIDER):
        with pytest.raises(sa.exc.IntegrityError), bare_engine.begin() as connection:
            connection.execute(sa.text(statement), {"whom": b"w"})
