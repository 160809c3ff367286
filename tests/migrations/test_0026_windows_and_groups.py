"""Revisions 0026 and 0027 keep pushes and rollouts: they keep to windows, and nothing is shown of their plans."""

import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE
from tests.migrations.test_0003_pushes import INVENTORY, PUSH
from wifi_manager.storage import migrate

ROLLOUT = (
    "INSERT INTO rollout (id, city_id, reason, state, note, waves, wave, soak_seconds, proposed_by, proposed_at, approved_by)"
    " VALUES (4, 1, 'new name', 'running', '', 3, 1, 60, 'one', '2026-11-01 00:00:00', 'two')"
)


def test_0027_keeps_rollouts_and_their_pushes(bare_engine):
    migrate.upgrade_to(bare_engine, "0023")
    with bare_engine.begin() as connection:
        for statement in (*BEFORE, *INVENTORY, ROLLOUT):
            connection.execute(sa.text(statement))
        connection.execute(sa.text(PUSH), {"intent": b"sealed"})
        connection.execute(sa.text("UPDATE push SET rollout_id = 4, wave = 1"))
    migrate.upgrade_to(bare_engine, "0027")
    with bare_engine.begin() as connection:
        pushes = connection.execute(sa.text("SELECT state, rollout_id, any_hour, window_at, sort FROM push")).all()
        assert [tuple(each) for each in pushes] == [("running", 4, False, None, None)]
        rollouts = connection.execute(sa.text("SELECT reason, any_hour, score, undoes FROM rollout")).all()
        assert [tuple(each) for each in rollouts] == [("new name", "", 0, None)]
