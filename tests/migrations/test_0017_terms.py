"""Revision 0017 keeps visits, and keeps each version of the terms once in each language."""

import pytest
import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE, DEVICE, VISIT
from wifi_manager.storage import migrate

TERMS = """INSERT INTO terms_text (city_id, version, language, digest, text, since)
    SELECT city_id, '1', 'ko', pseudonym, 'terms', first_seen_at FROM device"""


def test_0017_keeps_visits_and_each_version_of_the_terms_once(bare_engine):
    migrate.upgrade_to(bare_engine, "0016")
    with bare_engine.begin() as connection:
        for statement in BEFORE:
            connection.execute(sa.text(statement))
        connection.execute(sa.text(DEVICE), {"pseudonym": b"p"})
        connection.execute(sa.text(VISIT), {"public_id": "v-1"})
    migrate.upgrade_to(bare_engine, "0017")
    with bare_engine.begin() as connection:
        connection.execute(sa.text(TERMS))
        assert connection.execute(sa.text("SELECT public_id FROM visit")).all() == [("v-1",)]
    with bare_engine.begin() as connection, pytest.raises(sa.exc.IntegrityError):
        connection.execute(sa.text(TERMS))
