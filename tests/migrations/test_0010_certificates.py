"""Revision 0010 keeps every gateway, takes one certificate of each, and one account at each authority."""

import pytest
import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE
from wifi_manager.storage import migrate

CERTIFICATE = """INSERT INTO certificate (gateway_id, city_id, request, key_digest, names, heard_at, changes,
    changes_since, chain, due_at, try_at, tries, failures, problem, claimed_by)
    SELECT id, city_id, :request, :request, '["wifi.city.example"]', '2026-06-01 12:00:00', 1, '2026-06-01 12:00:00',
    'CHAIN', '2026-06-01 12:00:00', '2026-06-01 12:00:00', 0, 0, '', '' FROM gateway"""
ACCOUNT = """INSERT INTO acme_account (city_id, directory_url, key_sealed, made_at)
    SELECT id, 'https://ca.example', :key, '2026-06-01 12:00:00' FROM city"""


def test_0010_keeps_gateways_and_takes_their_certificates(bare_engine):
    migrate.upgrade_to(bare_engine, "0001")
    with bare_engine.begin() as connection:
        for statement in BEFORE:
            connection.execute(sa.text(statement))
    migrate.upgrade_to(bare_engine, "0006")
    migrate.upgrade_to(bare_engine, "0010")
    with bare_engine.begin() as connection:
        connection.execute(sa.text(CERTIFICATE), {"request": b"r"})
        connection.execute(sa.text(ACCOUNT), {"key": b"k"})
        assert connection.execute(sa.text("SELECT name, revision FROM gateway")).all() == [("gw-1", 7)]
        assert connection.execute(sa.text("SELECT chain FROM certificate")).all() == [("CHAIN",)]
    for statement, values in ((CERTIFICATE, {"request": b"r"}), (ACCOUNT, {"key": b"k"})):
        with pytest.raises(sa.exc.IntegrityError), bare_engine.begin() as connection:
            connection.execute(sa.text(statement), values)
