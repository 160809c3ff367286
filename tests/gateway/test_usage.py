from wifi_manager.domain.grants import Usage
from wifi_manager.gateway.passing.usage import Ledger


def test_a_reading_that_missed_something_changes_nothing():
    ledger = Ledger([Usage("a", 10, 20)])

    ledger.count([Usage("a", 4, 25)])

    assert ledger.all() == (Usage("a", 10, 25),)


def test_only_what_control_has_not_confirmed_is_reported():
    ledger = Ledger()
    ledger.count([Usage("a", 1, 1), Usage("b", 2, 2)])

    ledger.confirm([Usage("a", 1, 1)], alive={"a", "b"})

    assert ledger.unreported() == (Usage("b", 2, 2),)


def test_what_waits_longest_is_reported_first_and_what_has_grown_since_again():
    ledger = Ledger([Usage("a", 1, 1)])
    ledger.count([Usage("b", 2, 2), Usage("a", 3, 3)])

    assert ledger.unreported(1) == (Usage("a", 3, 3),)
    ledger.confirm([Usage("a", 1, 1), Usage("b", 2, 2)], alive={"a", "b"})

    assert ledger.unreported() == (Usage("a", 3, 3),)


def test_a_visit_that_ends_without_another_byte_is_forgotten_too():
    ledger = Ledger()
    ledger.count([Usage("a", 1, 1), Usage("b", 2, 2), Usage("c", 3, 3)])
    ledger.confirm([Usage("a", 1, 1), Usage("b", 2, 2)], alive={"a", "b", "c"})

    ledger.forget(alive={"b"})

    assert set(ledger.by_visit) == {"b", "c"}, "of c control has not heard"


def test_an_ended_visit_is_forgotten_when_its_last_bytes_are_confirmed_and_not_before():
    ledger = Ledger()
    ledger.count([Usage("a", 1, 1)])
    ledger.confirm([], alive=())
    assert ledger.unreported() == (Usage("a", 1, 1),)

    ledger.confirm([Usage("a", 1, 1)], alive=())

    assert ledger.all() == ()
