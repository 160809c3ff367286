"""Revision 0023 keeps layers in force and takes secrets, each name once in a city."""

import pytest
import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE
from tests.migrations.test_0021_intent_layers import LAYER
from wifi_manager.storage import migrate

SECRET = """INSERT INTO intent_secret (city_id, name, value_sealed, set_by, set_at)
    SELECT id, 'staff', :value, 'a', '2026-06-01 12:00:00' FROM city"""


def test_0023_keeps_approved_layers_and_takes_a_secret_of_a_name_once(bare_engine):
    migrate.upgrade_to(bare_engine, "0022")
    with bare_engine.begin() as connection:
        for statement in BEFORE:
            connection.execute(sa.text(statement))
        connection.execute(sa.text(LAYER), {"version": 1, "text": b"sealed"})
    migrate.upgrade_to(bare_engine, "0023")
    with bare_engine.begin() as connection:
        found = connection.execute(sa.text("SELECT state, text_sealed FROM intent_layer")).all()
        assert [(state, bytes(text)) for state, text in found] == [("approved", b"sealed")]
        connection.execute(sa.text(SECRET), {"value": b"s"})
    with pytest.raises(sa.exc.IntegrityError), bare_engine.begin() as connection:
        connection.execute(sa.text(SECRET), {"value": b"s"})
