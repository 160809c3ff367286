"""Faces are versions: set, listed, restored, audited; the portal reads them seldom and goes on without a database."""

import pytest

from tests.builders import A_CITY, a_site
from wifi_manager.domain.errors import BadInput, NotFound, OutsideFailure
from wifi_manager.domain.faces import CITY, Scope
from wifi_manager.services.faces import FRESH_SECONDS, FaceControl, FacesShown
from wifi_manager.storage.store import Store

LANGUAGES = ("ko", "en")
PARK, RIVER = Scope(a_site().district, a_site().name), Scope(a_site().district)


class Seconds:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def control(store, clock):
    with store.begin() as tx:
        tx.sites.save([a_site(), a_site(name="Library")])
    return FaceControl(store, clock, LANGUAGES)


@pytest.fixture
def seconds():
    return Seconds()


def test_every_version_stays_and_an_older_one_can_be_restored(control):
    first, _ = control.set(PARK, {"name": "One"}, "field-team")
    second, face = control.set(PARK, {"name": "Two", "accent": "#ffcc00"}, "chief")
    assert second > first
    assert face.accent.remarks
    third = control.restore(first, "chief")
    found = control.history(PARK)
    assert [(each.number, each.document["name"], each.set_by) for each in found] == [
        (third, "One", "chief"), (second, "Two", "chief"), (first, "One", "field-team"),
    ]  # fmt: skip
    assert [(each.scope, each.document["name"]) for each in control.all()] == [(PARK, "One")]


def test_who_changed_what_is_in_the_trail(control, store):
    first, _ = control.set(PARK, {"name": "One"}, "field-team")
    second, _ = control.set(PARK, {"name": "Two"}, "chief")
    with store.read() as tx:
        newest = tx.audit.newest(1, noun="face")[0]
    assert (newest.actor, newest.subject, newest.before, newest.after) == (
        "chief", "Willow park, River district", {"version": first}, {"version": second},
    )  # fmt: skip


def test_a_document_with_a_mistake_changes_nothing(control):
    with pytest.raises(BadInput):
        control.set(CITY, {"accent": "red"}, "chief")
    assert control.history(CITY) == []


@pytest.mark.parametrize(
    "scope", [Scope("Nowhere"), Scope("River district", "Nowhere"), Scope("Nowhere", "Willow park")]
)
def test_a_place_that_is_not_there_is_named(control, scope):
    with pytest.raises(NotFound, match="Nowhere"):
        control.set(scope, {}, "chief")
    with pytest.raises(NotFound):
        control.version(999)


def test_s10_the_faces_of_one_city_are_not_shown_in_another(control, store, engine, clock):
    number, _ = control.set(CITY, {"name": "One"}, "chief")
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO city (slug, name) VALUES ('other', 'Other')")
    other = FaceControl(Store(engine, "other"), clock, LANGUAGES)
    assert other.all() == []
    with pytest.raises(NotFound):
        other.version(number)
    assert A_CITY.slug != "other"


def test_a_site_shows_its_own_its_districts_and_its_citys(control, store, seconds):
    control.set(CITY, {"name": "City", "greeting": {"en": "Hello"}}, "chief")
    control.set(RIVER, {"notice": [{"text": {"en": "Flood"}, "severity": "emergency"}]}, "chief")
    control.set(PARK, {"name": "Park"}, "chief")
    shown = FacesShown(store, LANGUAGES, seconds)
    park, library, elsewhere = (
        shown.at(site) for site in (a_site().key, (RIVER.district, "Library"), ("Hill", "Hall"))
    )
    assert (park.name, park.greetings, len(park.notices)) == ("Park", {"en": "Hello"}, 1)
    assert (library.name, len(library.notices)) == ("City", 1)
    assert (elsewhere.name, len(elsewhere.notices)) == ("City", 0)
    assert shown.at(None).name == "City"


def test_a_change_is_shown_within_five_seconds_and_the_database_is_asked_seldom(control, store, seconds):
    class Counting:
        asked = 0

        def read(self):
            Counting.asked += 1
            return store.read()

    assert FRESH_SECONDS <= 5
    shown = FacesShown(Counting(), LANGUAGES, seconds)
    control.set(CITY, {"name": "One"}, "chief")
    assert [shown.at(None).name for _ in range(100)] == ["One"] * 100
    assert Counting.asked == 1
    control.set(CITY, {"name": "Two"}, "chief")
    seconds.now += FRESH_SECONDS
    assert shown.at(None).name == "Two"
    assert Counting.asked == 2


def test_without_a_database_the_last_known_faces_go_on_being_shown(control, store, seconds):
    class Breaking:
        is_away = False

        def read(self):
            if Breaking.is_away:
                raise OutsideFailure("away")
            return store.read()

    control.set(CITY, {"name": "One"}, "chief")
    shown = FacesShown(Breaking(), LANGUAGES, seconds)
    assert shown.at(None).name == "One"
    Breaking.is_away = True
    seconds.now += FRESH_SECONDS
    assert shown.at(None).name == "One"


def test_a_face_in_a_language_that_the_city_has_given_up_breaks_no_page(control, store, seconds):
    control.set(CITY, {"greeting": {"ko": "안녕하세요"}}, "chief")
    control.set(PARK, {"name": "Park"}, "chief")
    shown = FacesShown(store, ("en",), seconds)
    assert shown.at(a_site().key).name == "Park"
