import stat
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.gateway.conftest import NOW, grant
from wifi_manager.domain.errors import BadInput, NotFound, OutsideFailure
from wifi_manager.domain.grants import Usage
from wifi_manager.gateway.city_time import Moment, city_now
from wifi_manager.gateway.last_known import LastKnown
from wifi_manager.gateway.state import Identity, StateFolder
from wifi_manager.wire.grants import GrantChanges, GrantList

MOMENT = Moment("boot-a", 1000.0, NOW)
KNOWN = LastKnown(GrantList(7, (grant(1), grant(2)), NOW), MOMENT, (Usage("visit-1", 3, 4),))


def an_identity():
    key = Ed25519PrivateKey.generate()
    return Identity("park-1", "city", "https://portal.example", "https://control.example", key, bytes(range(32)))


def test_grants_and_usage_come_back_from_the_disk_as_they_were(tmp_path):
    state = StateFolder(tmp_path)

    state.save_last_known(KNOWN)

    found = state.last_known()
    assert (found.answer, found.received, found.usage) == (KNOWN.answer, KNOWN.received, KNOWN.usage)


LATER = Moment("boot-a", 1060.0, NOW + timedelta(minutes=1))
NEWS = (
    GrantChanges(7, 8, (grant(3),), (1,), LATER.wall),
    GrantChanges(8, 12, (grant(2, visit="visit-22"),), (2, 99), LATER.wall),
)


def test_news_are_kept_beside_the_list_and_come_back_with_it(tmp_path):
    state = StateFolder(tmp_path)
    state.save_last_known(KNOWN)
    written = (tmp_path / "last-known.json").stat()

    for each in NEWS:
        state.add_news([(each, LATER)])

    found = state.last_known()
    assert found.answer == KNOWN.answer.after(NEWS[0]).after(NEWS[1])
    assert (found.received, found.usage, found.revision) == (LATER, KNOWN.usage, 12)
    assert (tmp_path / "last-known.json").stat().st_mtime_ns == written.st_mtime_ns
    assert stat.S_IMODE((tmp_path / "news.jsonl").stat().st_mode) == 0o600


def test_news_that_a_power_cut_has_cut_short_leave_what_was_before_them(tmp_path):
    state = StateFolder(tmp_path)
    state.save_last_known(KNOWN)
    state.add_news([(each, LATER) for each in NEWS])
    file = tmp_path / "news.jsonl"

    for size in range(len(file.read_bytes()), 0, -7):
        file.write_bytes(file.read_bytes()[:size])
        assert state.last_known().revision in {12, 8, 7}

    assert state.last_known().revision == 7


def test_news_that_are_in_the_list_already_or_follow_another_one_are_passed_over(tmp_path):
    state = StateFolder(tmp_path)
    state.save_last_known(KNOWN)
    state.add_news([(each, LATER) for each in NEWS])
    kept = (tmp_path / "news.jsonl").read_bytes()

    for revision in (8, 12, 99):
        answer = GrantList(revision, (grant(4),), NOW)
        state.save_last_known(LastKnown(answer, MOMENT))
        assert not (tmp_path / "news.jsonl").exists()
        (tmp_path / "news.jsonl").write_bytes(kept)  # a crash before it was removed
        followed = answer.after(NEWS[1]) if revision == 8 else answer
        assert state.last_known().answer == followed


def test_a_disk_that_takes_no_news_says_so(tmp_path):
    (tmp_path / "news.jsonl").mkdir()

    with pytest.raises(OutsideFailure, match="cannot be written"):
        StateFolder(tmp_path).add_news([(NEWS[0], LATER)])


def test_keys_are_for_their_owner_alone_and_never_shown(tmp_path):
    state, identity = StateFolder(tmp_path / "new"), an_identity()

    state.save_identity(identity, b"pinned")

    found = state.identity()
    assert found.key.private_bytes_raw() == identity.key.private_bytes_raw()
    assert found.ticket_key == identity.ticket_key
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").iterdir()} == {0o600}
    assert repr(identity) == "Identity('park-1', 'city')"


def test_a_gateway_enrolled_elsewhere_forgets_the_grants_of_its_old_place(tmp_path):
    state = StateFolder(tmp_path)
    state.save_last_known(KNOWN)

    state.save_identity(an_identity(), None)

    assert state.last_known() is None
    assert state.control_ca is None


def test_before_the_enrolment_the_way_to_it_is_shown(tmp_path):
    with pytest.raises(NotFound, match="wifi-manager gateway enrol TOKEN"):
        StateFolder(tmp_path).identity()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"answer": 3}'])
def test_a_damaged_file_is_refused_by_name(tmp_path, text):
    for name in ("identity.json", "last-known.json"):
        (tmp_path / name).write_text(text)

    with pytest.raises(BadInput, match=r"identity\.json"):
        StateFolder(tmp_path).identity()
    with pytest.raises(BadInput):
        StateFolder(tmp_path).last_known()


def test_within_a_boot_only_the_uptime_moves_the_citys_time():
    now = Moment("boot-a", 1060.0, NOW + timedelta(days=400))

    assert city_now(NOW, MOMENT, now) == NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("passed", "counted"), [(timedelta(hours=2), timedelta(hours=2)), (timedelta(hours=-9), timedelta())]
)
def test_after_a_reboot_the_wall_clock_counts_and_never_backwards(passed, counted):
    now = Moment("boot-b", 12.0, NOW + passed)

    assert city_now(NOW, MOMENT, now) == NOW + counted
