"""Revision 0021 keeps what is wanted of access points and takes layers, one of each scope in force."""

import pytest
import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE
from tests.migrations.test_0003_pushes import INVENTORY
from wifi_manager.storage import migrate

LAYER = """INSERT INTO intent_layer (city_id, scope, version, text_sealed, state, reason, proposed_by, proposed_at,
    decided_by) SELECT id, 'fleet', :version, :text, 'approved', '', '', '2026-06-01 12:00:00', '' FROM city"""


def test_0021_keeps_access_points_and_lets_one_version_hold(bare_engine):
    migrate.upgrade_to(bare_engine, "0020")
    with bare_engine.begin() as connection:
        for statement in (*BEFORE, *INVENTORY):
            connection.execute(sa.text(statement))
    migrate.upgrade_to(bare_engine, "0021")
    with bare_engine.begin() as connection:
        assert connection.execute(sa.text("SELECT external_id FROM access_point")).all() == [("AP-1",)]
        connection.execute(sa.text(LAYER), {"version": 1, "text": b"t"})
    with pytest.raises(sa.exc.IntegrityError), bare_engine.begin() as connection:
        connection.execute(sa.text(LAYER), {"version": 2, "text": b"t"})
