"""Synchronous code shares an event loop: whoever waits lets all others go on, in a thread as well."""

import asyncio
import threading

import pytest

from tests.loops import in_one_loop
from wifi_manager import waits

LONG, SHORT = 20.0, 0.01


def test_a_guest_answers_and_fails_as_if_it_were_called():
    def fails():
        raise LookupError("nothing here")

    answered, failed = in_one_loop(lambda: 5, fails)
    assert answered == 5
    assert isinstance(failed, LookupError)


def test_only_a_guest_shares_a_loop():
    assert in_one_loop(waits.is_guest) == [True]
    assert not waits.is_guest()
    assert in_one_loop(lambda: threading_says(waits.is_guest)) == [False]


def threading_says(call):
    found = []
    thread = threading.Thread(target=lambda: found.append(call()))
    thread.start()
    thread.join()
    return found[0]


def test_who_pauses_lets_the_others_go_on():
    steps = []

    def walk(name):
        for step in range(3):
            steps.append((step, name))
            waits.pause(SHORT)

    in_one_loop(lambda: walk("a"), lambda: walk("b"))
    assert sorted(steps[:2]) == [(0, "a"), (0, "b")]
    assert len(steps) == 6


def test_in_a_thread_a_pause_is_a_pause():
    steps = []
    waits.beside(lambda: (waits.pause(SHORT), steps.append("beside")), "beside").join(LONG)
    assert steps == ["beside"]


@pytest.mark.parametrize(
    "call", [lambda given: in_one_loop(given)[0], lambda given: given()], ids=["guest", "thread"]
)
def test_an_event_that_another_thread_sets_is_seen_and_one_that_nobody_sets_is_given_up(call):
    def wait_for_a_thread():
        event = waits.event()
        assert not event.is_set()
        setter = threading.Timer(SHORT, event.set)
        setter.start()
        came = event.wait(LONG)
        setter.join()
        return came, event.is_set(), waits.event().wait(SHORT)

    assert call(wait_for_a_thread) == (True, True, False)


@pytest.mark.parametrize(
    "call", [lambda given: in_one_loop(given)[0], lambda given: given()], ids=["guest", "thread"]
)
def test_patience_lasts_until_it_succeeds_or_its_time_is_over(call):
    tries = iter([False, False, False, True])
    assert call(lambda: waits.patiently(lambda: next(tries), LONG))
    assert list(tries) == []
    assert not call(lambda: waits.patiently(lambda: False, SHORT))


def test_what_a_guest_begins_beside_itself_goes_on_in_its_loop():
    seen = []

    def guest():
        told = waits.event()
        kept = waits.beside(lambda: (seen.append(waits.is_guest()), told.set()), "beside")
        return told.wait(LONG), kept is not None

    assert in_one_loop(guest) == [(True, True)]
    assert seen == [True]


def test_a_guest_whose_caller_has_gone_is_told_where_it_waits():
    ends = []

    def guest():
        try:
            waits.pause(LONG)
        finally:
            ends.append("told")

    async def run():
        task = asyncio.ensure_future(waits.as_guest(guest))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(run())
    assert ends == ["told"]


def test_what_a_thread_does_for_a_guest_stops_nobody_and_a_thread_does_it_itself():
    told = threading.Event()
    answers = in_one_loop(lambda: waits.in_a_thread(lambda: told.wait(LONG)), told.set)
    assert answers[0] is True
    assert waits.in_a_thread(threading.get_ident) == threading.get_ident()


def test_a_failure_in_the_thread_is_the_guests():
    def fails():
        raise LookupError("nothing here")

    (failed,) = in_one_loop(lambda: waits.in_a_thread(fails))
    assert isinstance(failed, LookupError)


def test_places_are_for_so_many_guests_and_given_in_the_order_they_come():
    places, inside, order = waits.Places(2), set(), []

    def come(name):
        with places.one(), places.one():  # who has one needs no other
            inside.add(name)
            order.append(name)
            assert len(inside) <= 2
            waits.pause(SHORT)
            inside.remove(name)

    names = list("abcdef")
    assert in_one_loop(*(lambda name=name: come(name) for name in names)) == [None] * len(names)
    assert order == names


def test_a_place_is_free_again_after_a_failure_also_in_another_loop():
    places = waits.Places(1)

    def fails():
        with places.one():
            waits.pause(SHORT)
            raise LookupError("nothing here")

    for _ in range(2):
        assert all(isinstance(each, LookupError) for each in in_one_loop(fails, fails))


def test_threads_need_no_place():
    places = waits.Places(1)
    with places.one():
        assert threading_says(lambda: enters(places)) == "in"


def enters(places):
    with places.one():
        return "in"
