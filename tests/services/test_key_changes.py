"""Another master key: every sealed value of every column, killed at every step, beside a process that goes on."""

import base64
import functools
import itertools
import os
import shutil
import signal
import sys
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.builders import A_CITY, A_MASTER_KEY, NOON, a_plan
from tests.fakes.clock import FrozenClock
from tests.fakes.gateway import OTHER_PHONE, PHONE, SimulatedGateway
from tests.processes import exit_code
from wifi_manager.clock import SystemClock
from wifi_manager.domain.errors import BadInput, Conflict
from wifi_manager.domain.visits import Consent
from wifi_manager.services.admission import Admission
from wifi_manager.services.blocking import Blocking
from wifi_manager.services.key_changes import KeyChanges
from wifi_manager.settings import SettingsError
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.master_keys import KeyFile, MasterKeys
from wifi_manager.storage.rows import metadata
from wifi_manager.storage.sealed import SEALED
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault

pytestmark = pytest.mark.slow

AT_ONCE = timedelta(0)
CONSENT = Consent("2026-11", "ko")
CLEAR = b"what nobody may see"
OLD = Vault(A_MASTER_KEY, A_CITY.slug)
TABLES = {column.table for column in SEALED}


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "master.key"
    path.touch(mode=0o600)
    path.write_bytes(base64.b64encode(A_MASTER_KEY) + b"\n")
    return path


@pytest.fixture
def changes_of(key_file):
    return functools.partial(_changes, key_file)


def _changes(key_file, store_of, pause=lambda _seconds: None):
    file = KeyFile(key_file)
    vault = Vault(file, A_CITY.slug)
    return KeyChanges(store_of(vault), vault, file, SystemClock(), pause)


@pytest.fixture
def full(tmp_path, upgraded_file):
    """A database where every sealed column of the city, and of another city with another key, has a value."""
    path = tmp_path / "full.db"
    shutil.copy(upgraded_file, path)
    engine = sa.create_engine(f"sqlite:///{path}")  # without foreign keys: each row stands alone
    with engine.begin() as connection:
        for table, (city, vault) in itertools.product(TABLES, ((1, OLD), (2, Vault(bytes(32), "other")))):
            connection.execute(sa.insert(table).values(_row(table, city, vault)))
    engine.dispose()
    return path


def _row(table, city, vault):
    """A row with what must be there."""
    values = {column.name: _value(column, city) for column in table.columns if not column.nullable}
    sealed = {each.name: vault.seal(SEALED[each], CLEAR) for each in table.columns if each in SEALED}
    return {**values, "city_id": city, **sealed}


def _value(column, city):
    kind = column.type.python_type
    if kind in {str, int, bytes}:
        return kind(f"{city}".encode()) if kind is bytes else kind(city)
    return {bool: True, dict: {}}.get(kind, NOON)


def _store_on(path):
    return lambda vault: Store(open_engine(f"sqlite:///{path}"), A_CITY.slug, vault)


def _held(path, city):
    engine = open_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        found = {
            column: connection.scalar(sa.select(column).where(column.table.c.city_id == city)) for column in SEALED
        }
    engine.dispose()
    return found


def _opens(vault, path):
    return all(vault.unseal(SEALED[column], sealed) == CLEAR for column, sealed in _held(path, 1).items())


def test_every_column_that_is_named_sealed_has_its_purpose_in_one_list():
    named = {column for table in metadata.tables.values() for column in table.columns if "sealed" in column.name}
    assert named == set(SEALED)


def test_a_new_key_opens_every_sealed_value_and_the_old_one_none(full, key_file, changes_of):
    theirs = _held(full, 2)
    found = changes_of(_store_on(full)).rotate(AT_ONCE)
    keys = KeyFile(key_file).read()
    assert _opens(Vault(keys.seals, A_CITY.slug), full)
    for column, sealed in _held(full, 1).items():
        with pytest.raises(BadInput):
            OLD.unseal(SEALED[column], sealed)
    assert {each.column: each.done for each in found} == {str(column): 1 for column in SEALED}
    assert (keys.next, keys.before, keys.seals == A_MASTER_KEY) == (None, None, False)
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert _held(full, 2) == theirs  # another city's rows have another key


def test_pseudonyms_and_codes_stay_what_they_were_after_two_changes(full, key_file, changes_of):
    for _ in range(2):
        changes_of(_store_on(full)).rotate(AT_ONCE)
    now = Vault(KeyFile(key_file), A_CITY.slug)
    assert now.digest("voucher", b"4711") == OLD.digest("voucher", b"4711")
    assert _opens(now, full)


BEFORE_THE_LAST_FILE = 1 + 2 + len(SEALED)  # an audit entry, two files, a commit a column
AT_EACH_KIND_OF_STEP = (0, 1, 2, 3, 9, BEFORE_THE_LAST_FILE, BEFORE_THE_LAST_FILE + 1, BEFORE_THE_LAST_FILE + 2)


@pytest.mark.parametrize(
    "steps", [AT_EACH_KIND_OF_STEP, pytest.param(range(1000), marks=pytest.mark.soak)], ids=["each kind", "all"]
)
def test_a_change_that_is_killed_at_a_step_loses_nothing_and_goes_on(steps, full, key_file, changes_of, tmp_path):
    key = key_file.read_bytes()
    for deaths in steps:
        path = tmp_path / f"{deaths}.db"
        shutil.copy(full, path)
        key_file.write_bytes(key)
        is_dead = exit_code(_change_and_be_killed, deaths, path, key_file) == -signal.SIGKILL
        assert _opens(Vault(KeyFile(key_file), A_CITY.slug), path), deaths
        if not is_dead:
            break
        changes_of(_store_on(path)).rotate(AT_ONCE)
        keys = KeyFile(key_file).read()
        assert _opens(Vault(keys.seals, A_CITY.slug), path), deaths
        assert keys.before is None
    assert deaths == BEFORE_THE_LAST_FILE + 2  # there is no more to be killed at


def _change_and_be_killed(count, path, key_file):
    """Change the key; this process is killed just before so many commits and renamed files."""
    left = itertools.count(count, -1)

    def step(*_args):
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(lambda event, _args: step() if event == "os.rename" else None)
    sa.event.listen(sa.Engine, "commit", lambda of: None if of.get_execution_options().get("reading") else step())
    _changes(key_file, _store_on(path)).rotate(AT_ONCE)


def test_another_process_seals_opens_and_recognises_at_every_step(store, engine, key_file, changes_of):
    running = Vault(KeyFile(key_file), A_CITY.slug)  # of a process that was started before
    with store.begin() as tx:
        tx.plans.save(a_plan())
    SimulatedGateway(store, "gw-1").enrol(running)
    there = Store(engine, A_CITY.slug, running)
    admission, blocking = Admission(there, running, FrozenClock(NOON)), Blocking(there, FrozenClock(NOON))

    def goes_on():
        again = admission.accept(admission.asking(SimulatedGateway(there, "gw-1").ticket(NOON, PHONE)), CONSENT)
        with there.begin() as tx:
            tx.intent_secrets.put("guests", "correct horse", by="somebody", at=NOON)
            assert tx.intent_secrets.values() == {"guests": "correct horse"}
            assert tx.visits.get(again.visit.public_id).asker.device == PHONE
        return again.visit.public_id

    first = goes_on()
    blocking.add(OTHER_PHONE, None, "somebody")
    changes = changes_of(lambda vault: Store(engine, A_CITY.slug, vault), pause=lambda _seconds: goes_on())
    for step in (changes.add, changes.use, lambda: changes.finish(AT_ONCE)):
        step()
        assert goes_on() == first  # it is the same device
    assert [each.number for each in blocking.all()]


def test_what_was_sealed_with_the_old_key_at_the_last_moment_is_sealed_anew(full, key_file, changes_of):
    late = OLD.seal("intent secret", b"late")

    def write_late(_seconds):
        engine = open_engine(f"sqlite:///{full}")
        with engine.begin() as connection:
            connection.execute(
                sa.text("UPDATE intent_secret SET value_sealed = :late WHERE city_id = 1"), {"late": late}
            )
        engine.dispose()

    changes_of(_store_on(full), write_late).rotate(AT_ONCE)
    found = next(sealed for column, sealed in _held(full, 1).items() if column.table.name == "intent_secret")
    assert Vault(KeyFile(key_file).read().seals, A_CITY.slug).unseal("intent secret", found) == b"late"


def test_a_value_that_opens_with_no_key_keeps_the_old_one_until_it_is_given_up(full, key_file, changes_of):
    engine = open_engine(f"sqlite:///{full}")
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE backup SET files_sealed = x'00112233' WHERE city_id = 1"))
    engine.dispose()
    with pytest.raises(Conflict, match=r"1 of backup\.files_sealed"):
        changes_of(_store_on(full)).rotate(AT_ONCE)
    assert KeyFile(key_file).read().before == A_MASTER_KEY
    changes_of(_store_on(full)).rotate(AT_ONCE, leave_unopened=True)
    assert KeyFile(key_file).read().before is None


def test_steps_out_of_their_order_are_refused(full, changes_of):
    changes = changes_of(_store_on(full))
    for step in (changes.use, changes.finish):
        with pytest.raises(Conflict):
            step()
    changes.add()
    with changes.file.locked(), pytest.raises(Conflict, match="Somebody else"):
        changes_of(_store_on(full)).use()
    changes.use()
    with pytest.raises(Conflict, match="finish"):
        changes.add()


def test_a_new_key_file_that_cannot_be_read_stops_sealing_and_one_that_is_gone_does_not(key_file):
    running = Vault(KeyFile(key_file), A_CITY.slug)
    sealed = running.seal("asker", CLEAR)
    key_file.unlink()
    assert running.unseal("asker", running.seal("asker", CLEAR)) == running.unseal("asker", sealed) == CLEAR
    key_file.touch(mode=0o600)
    for content in (
        "nonsense",
        f"{base64.b64encode(bytes(32)).decode()}\nolder {base64.b64encode(bytes(32)).decode()}",
    ):
        key_file.write_text(content)
        with pytest.raises(SettingsError):
            running.seal("asker", CLEAR)


def test_keys_are_not_shown_by_chance():
    assert "key" not in repr(MasterKeys(b"the key of all the seals" * 2))
