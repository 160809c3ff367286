"""Revision 0039 keeps every used ticket and every change that gateways have to hear of."""

import pytest
import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE, DEVICE, VISIT
from wifi_manager.storage import migrate

TICKET = "INSERT INTO used_ticket (city_id, nonce, used_at) SELECT id, :nonce, '2026-06-01 12:00:00' FROM city"
CHANGE = (
    "INSERT INTO grant_change (city_id, gateway_id, revision, number) SELECT city_id, id, 7, :number FROM gateway"
)
KEPT = {
    name: sa.text(f"SELECT * FROM {name} ORDER BY {by}")
    for name, by in {"used_ticket": "nonce", "grant_change": "number", "visit": "id"}.items()
}


def rows(connection):
    return {name: connection.execute(query).mappings().all() for name, query in KEPT.items()}


def test_0039_keeps_tickets_changes_and_visits_and_what_is_unique_of_them(bare_engine):
    migrate.upgrade_to(bare_engine, "0038")
    with bare_engine.begin() as connection:
        for statement in BEFORE:
            connection.execute(sa.text(statement))
        connection.execute(sa.text(DEVICE), {"pseudonym": b"p"})
        connection.execute(sa.text(VISIT), {"public_id": "v-1"})
        connection.execute(sa.text(TICKET), [{"nonce": "b"}, {"nonce": "a"}])
        connection.execute(sa.text(CHANGE), [{"number": 2}, {"number": 1}])
        before = rows(connection)
    migrate.upgrade_to(bare_engine, "0039")
    with bare_engine.begin() as connection:
        assert rows(connection) == before
        assert [len(each) for each in before.values()] == [2, 2, 1]
    with pytest.raises(sa.exc.IntegrityError), bare_engine.begin() as connection:
        connection.execute(sa.text(TICKET), {"nonce": "a"})
    with pytest.raises(sa.exc.IntegrityError), bare_engine.begin() as connection:
        connection.execute(sa.text(CHANGE), {"number": 1})
