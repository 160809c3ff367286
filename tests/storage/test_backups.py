"""Backups and drift on both databases: each configuration once, sealed, and forgotten by number and age."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.builders import an_access_point
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.backups import BackupKeeping
from wifi_manager.domain.drift import Reading
from wifi_manager.domain.errors import NotFound
from wifi_manager.domain.pushes import PushState
from wifi_manager.storage.pushes import Wanted

PLACE = Management("10.0.0.1", 22, "root", "SHA256:x")


@pytest.fixture
def number(store):
    point = an_access_point()
    with store.begin() as tx:
        tx.sites.save([point.site])
        tx.access_points.save([point], tx.sites.numbers())
        return tx.access_points.number("AP-0001")


def kept(store, number, moments):
    with store.begin() as tx:
        for digest, at in moments:
            tx.backups.keep(number, digest, f"files of {digest}".encode(), at)


def digests(store):
    with store.read() as tx:
        return [each.digest for each in tx.backups.of("AP-0001")]


def test_what_comes_back_is_kept_once_and_is_the_newest_again(store, number, clock, engine):
    now = clock.now()
    kept(store, number, [("a", now), ("b", now + timedelta(hours=1)), ("a", now + timedelta(hours=2))])
    with store.read() as tx:
        found = tx.backups.of("AP-0001")
        assert [(each.digest, each.version) for each in found] == [("a", 1), ("b", 2)]
        assert (found[0].found_at, found[0].last_at) == (now, now + timedelta(hours=2))
        assert tx.backups.get("AP-0001", 2).files == b"files of b"
        with pytest.raises(NotFound, match="has no backup 3"):
            tx.backups.get("AP-0001", 3)
    with engine.connect() as connection:
        assert b"files" not in b"".join(connection.scalars(sa.text("SELECT files_sealed FROM backup")))


def test_backups_are_forgotten_by_number_and_age_but_never_the_newest_nor_what_is_wanted(store, number, clock):
    now = clock.now()
    kept(store, number, [(str(day), now + timedelta(days=day)) for day in range(10)])
    with store.begin() as tx:
        tx.pushes.set_wanted("AP-0001", Wanted("", "0", now))
        assert tx.backups.prune(BackupKeeping(count=4), now, limit=3) == 3
        assert tx.backups.prune(BackupKeeping(count=4), now, limit=100) == 2
    assert digests(store) == ["9", "8", "7", "6", "0"]
    with store.begin() as tx:
        assert tx.backups.prune(BackupKeeping(days=1), now + timedelta(days=99), limit=100) == 3
    assert digests(store) == ["9", "0"]


def test_an_access_point_is_due_when_it_tells_another_digest_or_something_else_is_wanted(store, number, clock):
    now = clock.now()
    with store.begin() as tx:
        assert tx.drifts.is_due("AP-0001", "a")
        assert not tx.drifts.is_due("AP-0002", "a")
        assert not tx.drifts.record(number, Reading("a", "a", b""), now)
        assert not tx.drifts.is_due("AP-0001", "a")
        assert tx.drifts.is_due("AP-0001", "b")
        tx.pushes.set_wanted("AP-0001", Wanted("", "w", now))
        assert tx.drifts.is_due("AP-0001", "a")
        push = tx.pushes.propose("AP-0001", "", "w", by="dispatcher", at=now)
        tx.pushes.approve(push.number, "dispatcher")
        assert tx.pushes.claim("worker", now, timedelta(seconds=30)).state is PushState.RUNNING
        assert not tx.drifts.is_due("AP-0001", "a"), "not while it is being changed"


def test_a_drift_is_news_once_and_keeps_the_moment_when_it_was_first_seen(store, number, clock):
    now, later = clock.now(), clock.now() + timedelta(hours=1)
    found = Reading("a", "a", b"", "w", "+ a\n", "", ("an obstacle",))
    with store.begin() as tx:
        tx.access_points.manage("AP-0001", "openwrt", PLACE)
        assert tx.drifts.record(number, found, now)
        assert not tx.drifts.record(number, found, later)
        (drift,) = tx.drifts.all()
        assert (drift.since, drift.diff, drift.obstacles) == (now, "+ a\n", ("an obstacle",))
        assert not tx.drifts.record(number, Reading("w", "w", b"", "w"), later)
        assert tx.drifts.all() == []
