"""Keys to real access points are changed: killed anywhere, the stored key still signs in, and nothing tells a key."""

import logging
import os
import shutil
import signal
from contextlib import closing
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from provisioning.credentials import Rotation, new_private_key, public_line
from provisioning.fleet_commands import make_link
from provisioning.link import Garbled, LoginRefused, Reply, Unreachable
from tests.builders import A_CITY, A_MASTER_KEY, an_access_point
from tests.processes import exit_code
from wifi_manager.clock import SystemClock
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.errors import BadInput, Conflict
from wifi_manager.services.change_control import ChangeControl, Reach
from wifi_manager.services.credentials import CredentialKeeping
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault

POINT = "AP-0001"
KEYS = "/etc/dropbear/authorized_keys"
STRANGER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIStranger technician"
STEPS = ("offer", "put", "prove", "remove", "forget_previous", "promote")  # each reached in its own place
COMMANDS = {"put": "grep -qxF", "prove": "echo DONE", "remove": "grep -vF"}  # what tells each from those before
lab = [pytest.mark.root, pytest.mark.lab]


def opened(path):
    store = Store(open_engine(f"sqlite:///{path}"), A_CITY.slug, Vault(A_MASTER_KEY, A_CITY.slug))
    store.close = store.dispose
    return closing(store)


@pytest.fixture
def database(upgraded_file, tmp_path):
    return shutil.copy(upgraded_file, tmp_path / "city.db")


@pytest.fixture
def store(database):
    with opened(database) as store:
        point = an_access_point(POINT)
        with store.begin() as tx:
            tx.sites.save([point.site])
            tx.access_points.save([point], tx.sites.numbers())
        yield store


def enrolled(store, place, private_key):
    ChangeControl(store, SystemClock()).enrol(POINT, "openwrt", Reach(place, private_key), by="dispatcher")
    return CredentialKeeping(store, SystemClock())


def stored(store):
    with store.read() as tx:
        return tx.credentials.get(POINT)


@dataclass
class Dying:
    """Keeping and links in one, that kill the process right after one step."""

    keeping: CredentialKeeping
    last: str

    def __getattr__(self, name):
        step = getattr(self.keeping, name)

        def stepped(*given, **named):
            done = step(*given, **named)
            self._die_after(name)
            return done

        return stepped

    def make_link(self, management, private_key):
        self.link = make_link(management, private_key)
        return self

    def run(self, command, stdin=b""):
        reply = self.link.run(command, stdin)
        self._die_after(
            max((name for name, words in COMMANDS.items() if words in command), key="prove put remove".find)
        )
        return reply

    def _die_after(self, step):
        if step == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


def rotate_and_be_killed(database, last):
    with opened(database) as store:
        dying = Dying(CredentialKeeping(store, SystemClock()), last)
        Rotation(dying, dying.make_link, "test").rotate(POINT)


class TestOnAnAccessPoint:
    pytestmark = lab

    def test_killed_after_any_step_the_stored_key_signs_in_and_the_next_run_leaves_no_other(
        self, ap, store, database
    ):
        first = ap.client_key.read_text()
        place = Management(ap.address, ap.port, ap.user, ap.host_key_fingerprint)
        ap.run(f"echo '{STRANGER}' >>{KEYS}")
        keeping = enrolled(store, place, first)
        for last in STEPS:
            assert exit_code(rotate_and_be_killed, database, last) == -signal.SIGKILL, last
            assert make_link(place, stored(store).current).run("echo in").stdout == b"in\n", last

        Rotation(keeping, make_link, "test").rotate(POINT)

        keys = stored(store)
        assert (keys.upcoming, keys.previous) == (None, None)
        assert ap.read(KEYS).splitlines() == [STRANGER, f"{public_line(keys.current)} wifi-manager"]
        with pytest.raises(LoginRefused):
            make_link(place, first).run("echo in")

    def test_no_key_is_told_in_commands_logs_or_to_the_device(self, ap, store, caplog):
        caplog.set_level(logging.DEBUG)
        place = Management(ap.address, ap.port, ap.user, ap.host_key_fingerprint)
        keeping, told, made = enrolled(store, place, ap.client_key.read_text()), [], []

        @dataclass
        class Recording:
            link: object

            def run(self, command, stdin=b""):
                told.append(command.encode() + stdin)
                reply = self.link.run(command, stdin)
                told.append(reply.stdout + reply.stderr)
                return reply

        def key():
            made.append(new_private_key())
            return made[-1]

        Rotation(keeping, lambda *given: Recording(make_link(*given)), "test", key).rotate(POINT)

        secrets = [line for text in (*made, ap.client_key.read_text()) for line in text.splitlines()[1:-1]]
        with store._engine.connect() as connection:
            rows = connection.execute(sa.text("SELECT * FROM credential")).all()
            trail = connection.execute(sa.text("SELECT * FROM audit")).all()
        everything = b"\n".join([*told, caplog.text.encode(), repr([rows, trail, keeping, stored(store)]).encode()])
        assert len(secrets) > 6
        assert [secret for secret in secrets if secret.encode() in everything] == []

    def test_a_full_flash_keeps_the_list_of_keys_as_it_was(self, ap, store):
        place = Management(ap.address, ap.port, ap.user, ap.host_key_fingerprint)
        keeping, before = enrolled(store, place, ap.client_key.read_text()), ap.read(KEYS)
        ap.run(f"mkdir {KEYS}.new")  # nothing can be written there
        with pytest.raises(Garbled, match="Nothing was lost"):
            Rotation(keeping, make_link, "test").rotate(POINT)
        assert ap.read(KEYS) == before
        assert make_link(place, stored(store).current).run("echo in").stdout == b"in\n"


@dataclass
class Device:
    """Takes every key; may be away for one command."""

    away_at: int = 0
    ran: list[str] = field(default_factory=list)

    def run(self, command, stdin=b""):
        self.ran.append(command)
        if len(self.ran) == self.away_at:
            raise Unreachable("It does not answer.")
        return Reply(0, b"DONE\n", b"")


PLACE = Management("10.4.0.2", 22, "root", "SHA256:abc")


@pytest.mark.parametrize("away_at", [1, 2, 3])
def test_a_device_that_goes_away_keeps_the_key_that_it_has_shown_to_take(store, away_at):
    first, device = new_private_key(), Device(away_at)
    rotation = Rotation(enrolled(store, PLACE, first), lambda *_: device, "test")
    with pytest.raises(Unreachable):
        rotation.rotate(POINT)
    assert (stored(store).current == first) is (away_at < 3)
    offered = stored(store).upcoming
    rotation.rotate(POINT)
    assert offered is None or stored(store).current == offered, "what may be on the device is not forgotten"
    assert (stored(store).upcoming, stored(store).previous) == (None, None)


def test_no_key_is_changed_while_a_push_is_under_way_and_enrolling_anew_forgets_the_others(store):
    keeping, device = enrolled(store, PLACE, new_private_key()), Device(away_at=3)
    with pytest.raises(Unreachable):
        Rotation(keeping, lambda *_: device, "test").rotate(POINT)
    changes = ChangeControl(store, SystemClock())
    changes.approve(changes.propose(POINT, "", "d", by="dispatcher").number, by="dispatcher")
    assert changes.claim("worker")
    ran = len(device.ran)
    with pytest.raises(Conflict, match="under way"):
        Rotation(keeping, lambda *_: device, "test").rotate(POINT)
    assert len(device.ran) == ran
    enrolled(store, PLACE, new_private_key())
    assert stored(store).previous is None


def test_a_stored_key_that_is_none_is_said_without_repeating_it():
    with pytest.raises(BadInput) as refused:
        public_line("not a key but secret")
    assert "secret" not in str(refused.value)
