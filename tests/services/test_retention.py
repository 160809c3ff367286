"""D3 on both databases: a year passes under each legal profile, and every table forgets when the profile says."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.builders import A_CITY, A_MASTER_KEY, NOON, a_legal_profile, a_plan
from tests.fakes.clock import FrozenClock
from tests.fakes.gateway import PHONE
from wifi_manager.domain.law import FIXED, Kind
from wifi_manager.services.stewardship import Stewardship
from wifi_manager.storage import records
from wifi_manager.storage.rows import metadata
from wifi_manager.storage.rows.base import Moment
from wifi_manager.storage.vault import Vault

pytestmark = pytest.mark.slow  # a year of rows

TABLES = dict(records.tables())
A_SEAL = Vault(A_MASTER_KEY, A_CITY.slug).seal("blocked device", PHONE.octets)
A_VALUE = {sa.Text: "x", sa.LargeBinary: b"x", sa.Boolean: True, sa.JSON: {}, Moment: NOON}


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def full(store, engine):
    """A row of this noon in every table that has an age, and what those rows need."""
    with store.begin() as tx:
        tx.plans.save(a_plan())
        tx.gateways.add("gw-1", None, b"digest", NOON)
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            if table.name in (*TABLES, "voucher_batch"):
                connection.execute(sa.insert(table).values(dict(a_row(connection, table))))
    return store


def a_row(connection, table):
    for column in table.columns:
        if column.foreign_keys:
            (points_to,) = column.foreign_keys
            yield column.name, connection.scalar(sa.select(points_to.column).limit(1))
        elif column.name == "until" and table.name == "remembered_device":
            yield column.name, NOON + timedelta(days=400)  # at its own end it is forgotten anyway
        elif column.name != "id" and (not column.nullable or isinstance(column.type, Moment)):
            yield column.name, A_SEAL if column.name == "device_sealed" else A_VALUE.get(type(column.type), 1)


def filled(engine):
    with engine.connect() as connection:
        return {
            name
            for name in TABLES
            if connection.scalar(sa.select(sa.func.count()).select_from(metadata.tables[name]))
        }


def kept(profile, table):
    """Whole days. A device stays as long as anything stands on it."""
    kinds = [TABLES[table], *([Kind.VISITS, Kind.CONSENTS] if table == "device" else [])]
    return max(FIXED[kind].days if kind in FIXED else profile.keep[kind].days for kind in kinds)


@pytest.mark.parametrize("law", ["eu-strict", "seoul", "manila"])
def test_d3_in_a_year_every_table_forgets_on_its_day(full, engine, clock, law):
    profile = a_legal_profile(law)
    stewardship = Stewardship(full, clock, profile)
    days = {table: kept(profile, table) for table in TABLES}
    stewardship.tidy()
    assert filled(engine) == set(TABLES), "on the first day all is kept"
    for day in sorted({day for known in days.values() for day in (known, known + 1) if day <= 366} | {366}):
        clock.moment = NOON + timedelta(days=day)
        assert {each.table for each in stewardship.holdings() if each.overdue and each.table != "device"} == {
            each for each in filled(engine) - {"device"} if days[each] < day
        }
        stewardship.tidy()
        # What the erasures of the other days have written into the trail is younger.
        assert filled(engine) - {"audit"} == {each for each, known in days.items() if known >= day} - {"audit"}
        assert [each for each in stewardship.holdings() if each.overdue] == []


def test_d3_the_trail_forgets_too(full, engine, clock):
    with engine.begin() as connection:
        connection.execute(sa.update(metadata.tables["audit"]).values(actor="the first"))
    stewardship = Stewardship(full, clock, a_legal_profile())
    for day, is_there in ((365, True), (366, False)):
        clock.moment = NOON + timedelta(days=day)
        stewardship.tidy()
        with engine.connect() as connection:
            actors = connection.scalars(sa.select(metadata.tables["audit"].c.actor)).all()
        assert ("the first" in actors) is is_there
