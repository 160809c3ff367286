"""Drift on a real access point: found by its digest, kept with its exact difference, adopted, restored or ignored."""

import base64
import shutil
import sqlite3
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from click.testing import CliRunner

from provisioning.collector import Collector
from provisioning.drift_watch import DriftWatch
from provisioning.planning import plan
from provisioning.rendering import render
from provisioning.transport import SshLink
from provisioning.worker import Worker
from tests.builders import A_CITY, A_MASTER_KEY, an_access_point
from tests.lab.access_point import LabAccessPoint
from tests.provisioning.kit import an_intent_text
from tests.provisioning.test_rollout_lab import quick_driver
from wifi_manager.cli import main
from wifi_manager.clock import SystemClock
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.drift import DriftState
from wifi_manager.domain.errors import BadInput, Conflict, NotFound
from wifi_manager.domain.intent_documents import intent_from_text
from wifi_manager.domain.pushes import PushState
from wifi_manager.services.change_control import ChangeControl, Reach
from wifi_manager.services.collection import Collection
from wifi_manager.services.drift import Drifting
from wifi_manager.services.intents import Intents
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.pushes import Wanted
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault

pytestmark = [pytest.mark.root, pytest.mark.lab]

POINT, KEY, HAND_KEY = "AP-0001", "a-secret-passphrase", "typed-in-by-hand-99"
INTENT = an_intent_text("{address}", name="staff", ssid="Staff", encryption="psk2", key=KEY)
WIRELESS = "/etc/config/wireless"


@dataclass
class Desk:
    """The city's side of one access point, in one process."""

    store: Store
    ap: object
    commands: int = 0

    def __post_init__(self):
        clock = SystemClock()
        self.changes, self.intents = ChangeControl(self.store, clock), Intents(self.store, clock)
        self.drifting = Drifting(self.store, clock)
        self.collector = Collector(Collection(self.store), self._counted, clock, watch=DriftWatch(self.drifting))
        ap = self.ap
        place = Management(ap.address, ap.port, ap.user, ap.host_key_fingerprint)
        self.changes.enrol(POINT, "openwrt", Reach(place, ap.client_key.read_text()), by="dispatcher")

    def _counted(self, reach):
        driver = quick_driver(reach.management, reach.private_key)
        return replace(driver, link=Counted(driver.link, self))

    def push(self, number):
        """Carry a push out to its end."""
        self.changes.approve(number, by="dispatcher")
        Worker(self.changes, quick_driver, "worker", timedelta(seconds=20)).step()
        with self.store.read() as tx:
            return tx.pushes.get(number).state

    def poll(self):
        with self.store.read() as tx:
            place = tx.observations.managed()[POINT]
        assert self.collector.poll(POINT, place).up

    def by_hand(self, old, new):
        text = self.ap.read(WIRELESS)
        assert old in text
        self.ap.path(WIRELESS).write_text(text.replace(old, new))


@dataclass
class Counted:
    link: SshLink
    desk: Desk

    def run(self, command, stdin=b""):
        self.desk.commands += 1
        return self.link.run(command, stdin)

    def converse(self, command, until, then):
        self.desk.commands += 1
        return self.link.converse(command, until, then)


@pytest.fixture
def database(upgraded_file, tmp_path):
    return shutil.copy(upgraded_file, tmp_path / "city.db")


def _files(ap):
    return render(intent_from_text(INTENT.format(address=ap.interface)))


@pytest.fixture
def ap(net):
    """With all files as after a push, which would take seconds."""
    ap = LabAccessPoint(net)
    for path, data in _files(ap).content.items():
        ap.path(path).write_bytes(data)
    with ap:
        yield ap


@pytest.fixture
def desk(database, ap):
    store = Store(open_engine(f"sqlite:///{database}"), A_CITY.slug, Vault(A_MASTER_KEY, A_CITY.slug))
    point = an_access_point(POINT)
    with store.begin() as tx:
        tx.sites.save([point.site])
        tx.access_points.save([point], tx.sites.numbers())
    desk, text = Desk(store, ap), INTENT.format(address=ap.interface)
    with store.begin() as tx:
        tx.pushes.set_wanted(POINT, Wanted(text, _files(ap).digest(), SystemClock().now()))
    yield desk
    store.dispose()


def test_drift_is_read_once_kept_exactly_and_restored_by_an_ordinary_push(desk, database):
    desk.poll()
    assert desk.drifting.all() == []
    desk.by_hand("'Staff'", "'Free WiFi'")
    desk.by_hand(KEY, HAND_KEY)
    desk.poll()

    (found,) = desk.drifting.all()
    assert "-\toption ssid 'Staff'\n+\toption ssid 'Free WiFi'" in found.diff
    assert "(secret 1)" in found.diff
    asked = desk.commands
    desk.poll()
    assert desk.commands == asked + 1, "what was read once is not read again"
    everything = _everything(database)
    for secret in (KEY, HAND_KEY, "Free WiFi", desk.ap.client_key.read_text().splitlines()[1]):
        assert secret.encode() not in everything

    restoring = desk.drifting.restore(POINT, by="dispatcher")
    with pytest.raises(Conflict, match="approve or cancel it first"):
        desk.drifting.restore(POINT, by="dispatcher")
    assert desk.push(restoring.number) is PushState.COMMITTED
    desk.poll()
    assert desk.drifting.all() == []
    assert "'Staff'" in desk.ap.read(WIRELESS)
    assert [each.version for each in desk.drifting.backups(POINT)] == [1, 2], "each once; the first was seen last"


def test_drift_is_adopted_by_a_layer_that_is_approved_like_any_other(desk):
    desk.by_hand("'Staff'", "'Staff of the park'")
    desk.by_hand(KEY, HAND_KEY)
    desk.poll()

    version = desk.drifting.adopt(POINT, "the park asked for it", by="dispatcher")
    assert desk.drifting.get(POINT).adopted_version == version.version
    desk.intents.approve(version.scope, version.version, by="second person")
    found = plan(desk.intents.fleet(), desk.intents.wants(), desk.intents.running())
    wanted = found.wanted[POINT]
    push = desk.changes.propose(POINT, wanted.intent, wanted.digest, by="dispatcher")
    assert desk.push(push.number) is PushState.UNCHANGED, "it runs there already"
    desk.poll()
    assert desk.drifting.all() == []


def test_drift_that_no_intent_can_say_is_refused_by_name_and_ignored_until_something_else_runs(desk):
    desk.by_hand("\toption isolate '1'\n", "\toption isolate '1'\n\toption hidden '1'\n")
    desk.poll()
    with pytest.raises(BadInput, match="staff_radio0: hidden '1', which no intent says"):
        desk.drifting.adopt(POINT, "", by="dispatcher")
    now = SystemClock().now()
    with pytest.raises(BadInput, match="Say why"):
        desk.drifting.ignore(POINT, now + timedelta(days=3), " ", by="dispatcher")
    desk.drifting.ignore(POINT, now + timedelta(days=3), "until the fair is over", by="dispatcher")

    desk.poll()
    found = desk.drifting.get(POINT)
    assert found.state(now) is DriftState.IGNORED
    assert found.state(now + timedelta(days=3)) is DriftState.FOUND
    desk.by_hand("hidden '1'", "hidden '0'")
    desk.poll()
    assert desk.drifting.get(POINT).state(now) is DriftState.FOUND
    desk.by_hand("\toption hidden '0'\n", "")
    desk.poll()
    with pytest.raises(NotFound):
        desk.drifting.get(POINT)


def test_an_access_point_whose_list_of_managed_files_is_gone_has_drifted(desk):
    desk.ap.run("rm /etc/prov/managed")
    desk.poll()
    asked = desk.commands
    desk.poll()
    assert desk.commands == asked + 1
    assert desk.drifting.get(POINT).obstacles == ("Its list of managed files is gone.",)
    assert desk.drifting.restore(POINT, by="dispatcher").state is PushState.PROPOSED


def test_the_command_asks_now_says_how_it_differs_and_shows_no_key(desk, database, tmp_path):
    key = tmp_path / "master.key"
    key.touch(mode=0o600)
    key.write_bytes(base64.b64encode(A_MASTER_KEY))
    given = {"CITY_SLUG": A_CITY.slug, "DATABASE_URL": f"sqlite:///{database}", "KEYS_MASTER_KEY_FILE": str(key)}
    wifi = CliRunner(env={f"WIFI_MANAGER_{name}": value for name, value in given.items()})

    same = wifi.invoke(main, ["provision", "drift", "check"])
    assert (same.exit_code, same.output) == (0, "1 asked, 0 differ, 0 did not answer.\n")
    desk.by_hand(KEY, HAND_KEY)
    other = wifi.invoke(main, ["provision", "drift", "check", POINT])
    assert other.exit_code == 1
    assert "+\toption key '(secret 2)'" in other.output
    assert HAND_KEY not in other.output


def _everything(database):
    """All that the database holds, as bytes."""
    with sqlite3.connect(database) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [row for name in names for row in connection.execute(f"SELECT * FROM {name}")]
    connection.close()
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)
