"""Revision 0001 on an empty database: every table it makes takes a row, and the program's own tables equal them."""

import pytest
import sqlalchemy as sa

from tests.builders import A_CITY
from wifi_manager.domain.errors import Conflict
from wifi_manager.storage import migrate


def test_0001_makes_tables_that_take_a_city_and_its_inventory(bare_engine):
    migrate.upgrade_to(bare_engine, "0001")
    with bare_engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO city (slug, name) VALUES ('haneul', 'Haneul')"))
        connection.execute(sa.text("INSERT INTO district (city_id, name) SELECT id, 'River' FROM city"))
        count = connection.scalar(sa.text("SELECT count(*) FROM district WHERE name = 'River'"))
    assert count == 1


def test_an_upgraded_database_has_exactly_the_tables_this_program_expects(bare_engine):
    assert migrate.pending(bare_engine)
    assert migrate.upgrade(bare_engine, A_CITY)
    assert migrate.differences(bare_engine) == ""
    assert migrate.pending(bare_engine) == []
    assert migrate.upgrade(bare_engine, A_CITY) == []


def test_a_database_of_a_newer_program_is_refused_and_left_alone(bare_engine):
    migrate.upgrade(bare_engine, A_CITY)
    with bare_engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Conflict, match="Update the program"):
        migrate.upgrade(bare_engine, A_CITY)
