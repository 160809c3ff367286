"""A change of an access point through database and worker: it ends committed or undone, and the row says which."""

import re
from contextlib import contextmanager

import pytest

from provisioning.config_files import ConfigFiles
from provisioning.push import PushOrder
from provisioning.rendering import render
from tests.lab.namespaces import wait_for
from tests.lab.whole_city import ACCESS_POINT, EXPORTER_PORT
from tests.provisioning.kit import files_of, has
from wifi_manager.domain.intent_documents import intent_from_text

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(400)]  # with the whole city

ELSEWHERE = "10.77.0.9"  # a network on which nobody is
PATIENT, HASTY = 90, 6  # seconds until the access point undoes what nobody confirmed


@pytest.fixture(scope="module")
def city(prepared_city):
    prepared_city.start_servers("exporter", "collect")
    prepared_city.start_access_point()
    prepared_city.enrol_access_point()
    return prepared_city


@contextmanager
def worker(city, *, undo_after=PATIENT):
    """A worker runs as long as the block lasts, or until it is killed in it."""
    city.start("worker", "--undo-after", str(undo_after), "--silence", "3")
    try:
        yield
    finally:
        if "worker" in city.processes:
            city.kill("worker")


def files(intent):
    return render(intent_from_text(intent))


def device_says(city):
    """State, push and reason: the one line of truth that the access point itself keeps."""
    try:
        state, push_id, *reason = city.access_point.read("/etc/prov/state").split()
    except (FileNotFoundError, ValueError):
        return "NONE", "", []
    return state, push_id, reason


def push_id(number):
    return PushOrder(ACCESS_POINT, str(number), ConfigFiles({})).push_id


def is_up(city):
    """`wifi_ap_up` of the exporter."""
    found = re.search(rf'^wifi_ap_up{{ap="{ACCESS_POINT}"}} (\S+)$', metrics(city), re.MULTILINE)
    return bool(found) and float(found[1]) == 1


def metrics(city):
    return city.fetch(f"http://127.0.0.1:{EXPORTER_PORT}/metrics") or ""


def test_a_good_change_is_committed_and_the_access_point_runs_it(city):
    intent = city.intent("시청 공공와이파이")
    with worker(city):
        number = city.push(intent)
        assert city.ended_push(number) == ("committed", "")

    assert device_says(city) == ("COMMITTED", push_id(number), [])
    assert has(city.access_point, files(intent))
    in_sync = f'wifi_ap_config_in_sync{{ap="{ACCESS_POINT}"}} 1'
    wait_for("the exporter", lambda: in_sync in metrics(city), 60)


def test_a_change_that_cuts_the_access_points_own_line_undoes_itself(city):
    before = files_of(city.access_point)
    with worker(city, undo_after=HASTY):
        number = city.push(city.intent("Nobody hears this", address=ELSEWHERE))
        state, reason = city.ended_push(number)
    assert (state, reason.partition(":")[0]) == ("undone", "timeout")

    assert device_says(city) == ("ROLLEDBACK", push_id(number), ["timeout"])
    assert has(city.access_point, before)
    wait_for("the access point", lambda: is_up(city), 60)


def test_a_worker_that_is_killed_in_mid_push_is_followed_by_one_that_commits_it(city):
    intent = city.intent("Killed and committed")
    with worker(city):
        number = city.push(intent)
        wait_for("PENDING", lambda: device_says(city)[:2] == ("PENDING", push_id(number)), 60)
        city.kill("worker")
    assert city.push_row(number)[0] == "running"

    with worker(city):
        assert city.ended_push(number) == ("committed", "")

    assert device_says(city) == ("COMMITTED", push_id(number), [])
    assert has(city.access_point, files(intent))


def test_a_worker_that_is_killed_in_mid_push_and_followed_too_late_finds_it_undone_and_says_so(city):
    before = files_of(city.access_point)
    with worker(city, undo_after=HASTY):
        number = city.push(city.intent("Killed and undone", address=ELSEWHERE))
        wait_for("PENDING", lambda: device_says(city)[:2] == ("PENDING", push_id(number)), 60)
        city.kill("worker")
    wait_for("the undoing", lambda: device_says(city)[0] == "ROLLEDBACK", 60)
    assert has(city.access_point, before)

    with worker(city, undo_after=HASTY):
        state, reason = city.ended_push(number)
    assert (state, reason.partition(":")[0]) == ("undone", "timeout")

    assert device_says(city) == ("ROLLEDBACK", push_id(number), ["timeout"])
    assert has(city.access_point, before)


def test_a_changed_host_key_is_refused_and_the_row_says_both_keys(city):
    point, before = city.access_point, files_of(city.access_point)
    pinned = point.host_key_fingerprint
    point.power_cut()
    point.change_host_key()
    point.power_on()
    try:
        with worker(city):
            state, reason = city.ended_push(city.push(city.intent("For a stranger")))
    finally:
        city.enrol_access_point()

    assert state == "refused"
    assert "Nothing was sent" in reason
    assert pinned in reason
    assert point.host_key_fingerprint in reason
    assert has(point, before)


def test_a_helper_of_another_version_leaves_the_push_in_the_queue_and_says_what_to_do(city):
    city.access_point.run("sed -i 's/V=1 UP/V=0 UP/' /etc/prov/prov")
    try:
        with worker(city):
            number = city.push(city.intent("For another helper"))
            wait_for("the reason", lambda: "enrol it again" in city.push_row(number)[1], 60)
            assert city.push_row(number)[0] == "approved"
            city.manage("provision", "cancel", str(number))
    finally:
        city.enrol_access_point()


@pytest.mark.soak
def test_an_access_point_without_power_is_seen_and_its_push_waits_until_it_is_back(city):
    wait_for("up", lambda: is_up(city), 60)
    city.access_point.power_cut()
    wait_for("down", lambda: f'wifi_ap_up{{ap="{ACCESS_POINT}"}} 0' in metrics(city), 60)
    intent = city.intent("Worth waiting for")
    with worker(city):
        number = city.push(intent)
        wait_for("the reason", lambda: "does not answer" in city.push_row(number)[1], 60)
        assert city.push_row(number)[0] == "approved"

        city.access_point.power_on()

        wait_for("up again", lambda: is_up(city), 60)
        assert city.ended_push(number) == ("committed", "")
    assert has(city.access_point, files(intent))
