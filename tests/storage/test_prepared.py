"""Statements that go past SQLAlchemy's own way: the same answers, the same errors."""

from datetime import timedelta

import psycopg
import pytest
import sqlalchemy as sa

from tests.builders import NOON
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.storage.prepared import Prepared, is_one_of
from wifi_manager.storage.rows.base import Moment
from wifi_manager.storage.rows.inventory import gateway
from wifi_manager.storage.rows.visits import used_ticket

ADD = Prepared(sa.insert(used_ticket), ("city_id", "nonce", "used_at"))
FIND = Prepared(
    sa.select(used_ticket.c.nonce.label("named"), used_ticket.c.used_at, sa.func.count().over().label("all"))
    .where(used_ticket.c.city_id == sa.bindparam("city"), used_ticket.c.nonce >= sa.bindparam("first"))
    .order_by(used_ticket.c.nonce)
    .limit(2)
)


USED_AT_ONCE = Prepared(
    sa.select(used_ticket.c.nonce)
    .where(
        used_ticket.c.nonce >= sa.bindparam("nonce"),
        used_ticket.c.used_at >= sa.bindparam("at", type_=Moment),
        used_ticket.c.city_id == sa.bindparam("city"),
        used_ticket.c.used_at <= sa.bindparam("at", type_=Moment),
        used_ticket.c.nonce <= sa.bindparam("nonce"),
    )
)  # fmt: skip


def add(tx, *nonces):
    return [
        ADD.change(tx.connection, {"city_id": tx.city_id, "nonce": nonce, "used_at": NOON + timedelta(seconds=0.5)})
        for nonce in nonces
    ]


def test_what_was_written_is_read_as_what_it_was(store):
    with store.begin() as tx:
        assert add(tx, "c", "a", "b") == [1, 1, 1]
    with store.read() as tx:
        asked = {"city": tx.city_id, "first": "a"}
        at = NOON + timedelta(seconds=0.5)
        assert FIND.first(tx.connection, asked) == {"named": "a", "used_at": at, "all": 3}
        assert [row["named"] for row in FIND.all(tx.connection, asked)] == ["a", "b"]
        assert FIND.first(tx.connection, {**asked, "first": "x"}) is None
        assert FIND.all(tx.connection, {**asked, "first": "x"}) == []


def test_a_parameter_that_stands_twice_has_the_same_value_at_both_places(store):
    with store.begin() as tx:
        add(tx, "a", "b", "c")
        asked = {"city": tx.city_id, "at": NOON + timedelta(seconds=0.5), "nonce": "b"}
        assert USED_AT_ONCE.all(tx.connection, asked) == [{"nonce": "b"}]
        assert USED_AT_ONCE.all(tx.connection, {**asked, "at": NOON}) == []
        assert USED_AT_ONCE.all(tx.connection, {**asked, "nonce": "x"}) == []


def know_the_city(store):
    """The first transaction asks for the city's number, by SQLAlchemy."""
    with store.read():
        pass


def in_transaction(connection):
    """What the driver itself says."""
    driver = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite":
        return driver.in_transaction
    return driver.info.transaction_status is not psycopg.pq.TransactionStatus.IDLE


def test_a_question_of_whoever_only_reads_opens_no_transaction_and_finds_what_was_committed_by_then(store):
    know_the_city(store)
    with store.read() as tx:
        asked = {"city": tx.city_id, "first": ""}
        assert FIND.first(tx.connection, asked) is None
        assert not in_transaction(tx.connection)
        with store.begin() as other:
            add(other, "a")
        assert FIND.first(tx.connection, asked)["named"] == "a"
        assert not in_transaction(tx.connection)


def test_on_sqlite_a_question_after_one_of_sqlalchemys_is_asked_in_its_view(store):
    with store.read() as tx:
        asked = {"city": tx.city_id, "first": ""}
        assert tx.connection.scalar(sa.select(sa.func.count()).select_from(used_ticket)) == 0
        with store.begin() as other:
            add(other, "a")
        holds_a_view = tx.connection.dialect.name == "sqlite"
        assert in_transaction(tx.connection) is holds_a_view
        assert (FIND.first(tx.connection, asked) is None) is holds_a_view
    with store.read() as tx:
        assert FIND.first(tx.connection, asked) is not None, "the view ended with its transaction"
        assert not in_transaction(tx.connection)


def test_what_is_asked_before_a_change_is_asked_in_its_transaction(store):
    know_the_city(store)
    with store.begin() as tx:
        assert FIND.first(tx.connection, {"city": tx.city_id, "first": ""}) is None
        assert in_transaction(tx.connection)
        add(tx, "a")
        with store.read() as other:
            assert FIND.first(other.connection, {"city": tx.city_id, "first": ""}) is None, "not committed yet"
    with store.read() as tx:
        assert FIND.first(tx.connection, {"city": tx.city_id, "first": ""}) is not None


def test_a_transaction_that_fails_leaves_nothing_of_it(store):
    def fail():
        with store.begin() as tx:
            add(tx, "a")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.read() as tx:
        assert FIND.first(tx.connection, {"city": tx.city_id, "first": ""}) is None


def test_what_the_database_refuses_is_refused_as_sqlalchemy_says_it(store):
    with pytest.raises(sa.exc.IntegrityError), store.begin() as tx:
        add(tx, "a", "a")


def test_a_list_is_one_value(store):
    which = Prepared(
        {
            dialect: sa.select(gateway.c.name).where(is_named).order_by(gateway.c.name)
            for dialect, is_named in is_one_of(gateway.c.name, "names").items()
        }
    )
    with store.begin() as tx:
        for name in ("one", 'two\'s "own"', "three"):
            tx.gateways.add(name, None, name.encode(), NOON)
        for wanted in ([], ["one"], ['two\'s "own"', "three", "nobody"]):
            assert {row["name"] for row in which.all(tx.connection, {"names": wanted})} == {*wanted} - {"nobody"}


def test_a_database_that_goes_away_in_the_middle_is_an_outside_failure_and_the_next_asks_a_new_connection(
    store, engine
):
    if engine.dialect.name == "sqlite":
        with pytest.raises(OutsideFailure, match="does not answer"), store.begin() as tx:
            tx.connection.exec_driver_sql("DROP TABLE used_ticket")
            add(tx, "a")
        with store.read() as tx:
            assert FIND.first(tx.connection, {"city": tx.city_id, "first": ""}) is None
        return
    with pytest.raises(OutsideFailure, match="does not answer"), store.begin() as tx:
        own = tx.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        with engine.connect() as other:
            other.execute(sa.text("SELECT pg_terminate_backend(:own)"), {"own": own})
        add(tx, "a")
    with store.begin() as tx:
        assert add(tx, "a") == [1]
