"""The store on both databases: what is written together is there together, and what it holds comes back equal."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import A_CITY, NOON, a_plan, a_site, an_access_point, an_audit_entry
from wifi_manager.domain.errors import BadInput, Conflict, NotFound, OutsideFailure
from wifi_manager.domain.operators import Operator, Role
from wifi_manager.domain.sites import City, SiteKind
from wifi_manager.storage import migrate
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.gateways import StoredKeys
from wifi_manager.storage.operators import Credentials
from wifi_manager.storage.reports import FleetFilter
from wifi_manager.storage.store import Store


def add_points(store, *points):
    with store.begin() as tx:
        tx.sites.save({point.site.key: point.site for point in points}.values())
        tx.access_points.save(points, tx.sites.numbers())


def test_an_access_point_comes_back_as_it_was_saved(store):
    point = an_access_point()
    add_points(store, point)
    with store.read() as tx:
        assert tx.access_points.get("AP-0001") == point
        assert tx.sites.get(point.site.key) == point.site


def test_saving_again_changes_what_differs_and_keeps_the_row_number(store):
    add_points(store, an_access_point())
    with store.read() as tx:
        before = tx.access_points.numbers()
    moved = an_access_point(place="south gate", radios=(), site=a_site(address="2 Willow road"))
    add_points(store, moved)
    with store.read() as tx:
        assert tx.access_points.numbers() == before
        assert tx.access_points.all() == {"AP-0001": moved}


def test_a_transaction_that_fails_leaves_nothing(store):
    with pytest.raises(RuntimeError), store.begin() as tx:
        tx.sites.save([a_site()])
        raise RuntimeError
    with store.read() as tx:
        assert tx.sites.all() == {}


def test_one_city_never_sees_another(store, engine):
    migrate.upgrade(engine, City("neighbour", "Neighbour"))
    neighbour = Store(engine, "neighbour")
    add_points(store, an_access_point())
    add_points(neighbour, an_access_point(place="elsewhere"))
    with store.begin() as tx:
        tx.plans.save(a_plan())
        tx.audit.add(an_audit_entry())
    with neighbour.read() as tx:
        assert tx.access_points.all()["AP-0001"].place == "elsewhere"
        assert tx.plans.all() == {}
        assert tx.audit.newest(10) == []
        assert tx.reports.fleet(FleetFilter(), limit=10).total == 1


def test_a_city_that_is_not_there_says_which_command_adds_it(engine):
    with pytest.raises(NotFound, match="db upgrade"), Store(engine, "atlantis").read():
        pass


def test_two_writers_wait_for_one_another(store):
    """Each adds one to a revision fifty times; no step is lost and nobody is refused."""
    with store.begin() as tx:
        tx.gateways.add("gw-1", None, b"digest", NOON)

    def change():
        for _ in range(50):
            with store.begin() as tx:
                tx.changes.note("gw-1", [1], NOON)

    writers = [threading.Thread(target=change) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with store.read() as tx:
        assert tx.gateways.revisions() == {"gw-1": int(NOON.timestamp() * 1000) + 199}


def test_a_gateway_enrols_once_with_its_token(store):
    keys = StoredKeys(b"p" * 32, b"sealed")
    with store.begin() as tx:
        tx.gateways.add("gw-1", None, b"digest", NOON + timedelta(hours=1))
        assert tx.gateways.enrol(b"digest", keys, NOON + timedelta(hours=2)) is None
        assert tx.gateways.enrol(b"other", keys, NOON) is None
        assert tx.gateways.enrol(b"digest", keys, NOON) == "gw-1"
        assert tx.gateways.enrol(b"digest", keys, NOON) is None
        assert tx.gateways.keys("gw-1") == keys


def test_an_acknowledgement_that_comes_late_takes_nothing_back(store):
    with store.begin() as tx:
        tx.gateways.add("gw-1", None, b"digest", NOON)
        tx.gateways.acknowledge("gw-1", 7, NOON)
        tx.gateways.acknowledge("gw-1", 5, NOON)
        assert tx.gateways.acknowledged(["gw-1", "gw-9"]) == {"gw-1": 7}


def test_operators_have_names_of_their_own(store):
    someone = Operator("dispatcher", Role.OPERATOR)
    with store.begin() as tx:
        tx.operators.add(someone, Credentials("hash", "stamp"))
        with pytest.raises(Conflict, match="another name"):
            tx.operators.add(someone, Credentials("hash", "stamp"))
        tx.operators.change(replace(someone, is_active=False))
        tx.operators.set_credentials("dispatcher", Credentials("hash2", "stamp2"))
        assert tx.operators.all() == [replace(someone, is_active=False)]
        assert tx.operators.credentials("dispatcher") == Credentials("hash2", "stamp2")


def test_failed_sign_ins_are_counted_since_a_moment_and_forgotten(store):
    with store.begin() as tx:
        for minute in range(5):
            tx.operators.note_failure("someone", NOON + timedelta(minutes=minute))
        assert tx.operators.failures("someone", NOON + timedelta(minutes=2)) == 3
        assert tx.operators.failures("somebody else", NOON) == 0
        tx.operators.forget_failures(NOON + timedelta(minutes=4))
        assert tx.operators.failures("someone", NOON) == 1


def test_plans_come_back_and_a_wrong_name_finds_its_neighbour(store):
    plan = a_plan(down_bps=10_000_000, volume_bytes=5_000_000_000)
    with store.begin() as tx:
        tx.plans.save(a_plan())
        tx.plans.save(plan)
        assert tx.plans.get("day") == plan
        with pytest.raises(NotFound, match="Did you mean 'day'"):
            tx.plans.get("dya")


def test_the_audit_trail_tells_the_newest_first_and_pages_backwards(store):
    entries = [an_audit_entry(subject=f"AP-{number}") for number in range(5)]
    with store.begin() as tx:
        tx.audit.add_all(entries)
    with store.read() as tx:
        first = tx.audit.page(2)
        assert [entry.subject for _, entry in first] == ["AP-4", "AP-3"]
        assert [entry.subject for entry in tx.audit.newest(2, before=first[-1][0])] == ["AP-2", "AP-1"]
        assert tx.audit.newest(9, noun="access point", subject="AP-0") == [entries[0]]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (FleetFilter(), ["AP-1", "AP-2", "AP-3"]),
        (FleetFilter(text="willow NORTH"), ["AP-1"]),
        (FleetFilter(text="100%"), ["AP-2"]),
        (FleetFilter(text="%"), ["AP-2"]),
        (FleetFilter(district="Hill district"), ["AP-2"]),
        (FleetFilter(kind="park", life_cycle="registered"), ["AP-1", "AP-3"]),
        (FleetFilter(kind="bus"), []),
    ],
)
def test_the_fleet_list_finds_by_words_and_filters(store, wanted, found):
    hall = a_site(district="Hill district", name="Town hall", kind=SiteKind.HALL)
    add_points(
        store,
        an_access_point("AP-1"),
        an_access_point("AP-2", site=hall, place="100% wood"),
        an_access_point("AP-3", place="pond"),
    )
    with store.read() as tx:
        page = tx.reports.fleet(wanted, limit=10)
    assert [line.external_id for line in page.lines] == found
    assert page.total == len(found)


def test_counts_and_districts_cover_the_whole_inventory(store):
    add_points(store, an_access_point("AP-1"), an_access_point("AP-2"))
    with store.read() as tx:
        assert tx.reports.districts() == ["River district"]
        assert [(c.district, c.kind, c.life_cycle, c.count) for c in tx.reports.inventory_counts()] == [
            ("River district", "park", "registered", 2)
        ]
        assert tx.reports.site_count() == 1


@pytest.mark.parametrize("url", ["mysql://localhost/wifi", "not a url", "sqlite://", "sqlite:///:memory:"])
def test_a_url_that_cannot_be_used_says_which_can(url):
    with pytest.raises(BadInput, match="sqlite:///"):
        open_engine(url)


def test_a_database_that_does_not_answer_is_an_outside_failure():
    engine = open_engine("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(OutsideFailure, match="does not answer"), Store(engine, A_CITY.slug).read():
        pass


def test_the_mark_of_an_sqlite_file_tells_that_somebody_has_written(store, engine):
    mark = store.written_mark()
    if engine.dialect.name != "sqlite":
        assert mark is None
        return
    assert store.written_mark() == mark
    with store.read() as tx:
        tx.plans.all()
    assert store.written_mark() == mark
    with store.begin() as tx:
        tx.plans.save(a_plan())
    own = store.written_mark()
    other = open_engine(engine.url.render_as_string())
    with Store(other, A_CITY.slug).begin() as tx:
        tx.plans.save(a_plan(name="week"))
    other.dispose()
    assert len({mark, own, store.written_mark()}) == 3
    store.dispose()
    assert store.written_mark() is not None, "a store that was disposed of may be used again"
    store.dispose()
