"""Revision 0040 keeps every account and its one-time code, and has room for an address."""

import sqlalchemy as sa

from tests.migrations.test_0002_visits import BEFORE
from tests.migrations.test_0014_accounts import ACCOUNT
from wifi_manager.storage import migrate

CODE = "UPDATE account SET code_digest = :digest, code_ends_at = '2026-06-15 12:00:00'"
OLD = "SELECT id, name_digest, code_digest, is_active FROM account ORDER BY id"


def test_0040_keeps_accounts_and_their_codes_and_never_gives_a_number_twice(bare_engine):
    migrate.upgrade_to(bare_engine, "0039")
    with bare_engine.begin() as connection:
        connection.execute(sa.text(BEFORE[0]))
        for name in (b"a", b"b"):
            connection.execute(sa.text(ACCOUNT), {"name": name, "yes": True})
        connection.execute(sa.text(CODE), {"digest": b"d"})
        before = connection.execute(sa.text(OLD)).all()
    migrate.upgrade_to(bare_engine, "0040")
    with bare_engine.begin() as connection:
        assert connection.execute(sa.text(OLD)).all() == before
        assert len(before) == 2
        fresh = "SELECT DISTINCT address_sealed, mailed_digest, mailed_ends_at FROM account"
        assert connection.execute(sa.text(fresh)).all() == [(None, None, None)]
        connection.execute(sa.text("DELETE FROM account"))
        connection.execute(sa.text(ACCOUNT), {"name": b"c", "yes": True})
        assert connection.scalar(sa.text("SELECT id FROM account")) == before[-1][0] + 1
