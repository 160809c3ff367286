"""Revisions 0004 to 0006 keep every row that 0003 holds; visits of before are in their first stay."""

import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE, DEVICE, VISIT
from tests.migrations.test_0003_pushes import INVENTORY
from wifi_manager.storage import migrate

KEPT = {
    "visit": "SELECT public_id, up_bytes, network, stay, carried_up_bytes, carried_down_bytes FROM visit",
    "gateway": "SELECT name, revision, acknowledged, whole_revision FROM gateway",
    "plan": "SELECT name, lifetime_seconds, up_volume_bytes, down_volume_bytes, idle_seconds FROM plan",
    "site": "SELECT name FROM site",
}


def test_0004_to_0006_keep_visits_gateways_and_plans_and_take_what_is_new(bare_engine):
    migrate.upgrade_to(bare_engine, "0003")
    with bare_engine.begin() as connection:
        for statement in (*BEFORE, *INVENTORY):
            connection.execute(sa.text(statement))
        connection.execute(sa.text(DEVICE), {"pseudonym": b"p"})
        connection.execute(sa.text(VISIT), {"public_id": "v-1"})
        connection.execute(sa.text("UPDATE visit SET up_bytes = 5"))
    migrate.upgrade_to(bare_engine, "0006")
    with bare_engine.begin() as connection:
        assert {name: connection.execute(sa.text(query)).all() for name, query in KEPT.items()} == {
            "visit": [("v-1", 5, "", 1, 0, 0)],
            "gateway": [("gw-1", 7, 6, 0)],
            "plan": [("day", 86400, None, None, None)],
            "site": [("Park",)],
        }
        for table in ("grant_change", "stay", "block", "network"):
            assert connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 0
