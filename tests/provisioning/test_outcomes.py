"""Whatever is wrong with an access point, its push ends or waits with an Outcome that says what to do next.

Real dropbear, real OpenSSH, real lines that are slow or break; what is read is what city IT reads: the row that
`provision status` shows, and the audit trail.
"""

import base64
import shutil
from datetime import timedelta

import paramiko
import pytest
from click.testing import CliRunner

from provisioning.config_files import ConfigFiles
from provisioning.driver import WrongPlatform
from provisioning.drivers.openwrt import OpenWrtDriver
from provisioning.push import PushOrder, push
from provisioning.transport import SshLink, TimeLimits, client_key_from_text
from provisioning.worker import Worker
from tests.builders import A_CITY, A_MASTER_KEY, an_access_point
from tests.lab.access_point import LabAccessPoint
from tests.lab.poor_line import PoorLine
from tests.lab.ssh_server import OpenSshServer
from tests.provisioning.kit import QUICK, an_intent_text, driver_of, files_of, has
from wifi_manager.cli import main
from wifi_manager.clock import SystemClock
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.outcomes import Outcome, OutcomeKind
from wifi_manager.services.change_control import ChangeControl, Reach
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault

pytestmark = [pytest.mark.lab, pytest.mark.root, pytest.mark.slow]

INTENT = an_intent_text("{address}/24", name="visitors", ssid="City", encryption="open")
HASTY = TimeLimits(connect=0.5, handshake=1.0, answer=1.0)
QUEUED = "approved"
NOBODY = "192.168.77.250"  # is at this address


class City:
    """A city with one access point, and what its IT sees of a push."""

    def __init__(self, url, store, folder):
        self.url, self.store, self.folder = url, store, folder
        self.changes = ChangeControl(store, SystemClock())

    def pushes(self, ap, *, at=None, intent=None, host_key=None, limits=QUICK):
        """State and reason after one step of a worker, as `provision status` says them; `at` is the line's address."""
        host, port = at or (ap.address, ap.port)
        management = Management(host, port, "root", host_key or ap.host_key_fingerprint)
        self.changes.enrol("AP-1", "openwrt", Reach(management, ap.client_key.read_text()), by="dispatcher")
        proposed = self.changes.propose(
            "AP-1", intent or INTENT.format(address=NOBODY if at else host), "d", by="dispatcher"
        )
        self.changes.approve(proposed.number, by="second person")
        Worker(
            self.changes, lambda where, key: quick_driver(where, key, limits), "worker-1", timedelta(seconds=30)
        ).step()
        return self.state_and_reason()

    def state_and_reason(self):
        said = self.run("provision", "status", "AP-1", "--limit", "1").output
        with self.store.read() as tx:
            (row,) = tx.pushes.newest(1)
            (entry,) = tx.audit.newest(1, noun="push")
        assert row.reason in said
        assert entry.after["reason"] == row.reason  # the audit trail says the same
        return row.state.value, row.reason

    def run(self, *words):
        key = self.folder / "master.key"
        key.touch(mode=0o600)
        key.write_bytes(base64.b64encode(A_MASTER_KEY))
        given = {"CITY_SLUG": A_CITY.slug, "DATABASE_URL": self.url, "KEYS_MASTER_KEY_FILE": str(key)}
        return CliRunner(env={f"WIFI_MANAGER_{name}": value for name, value in given.items()}).invoke(main, words)


@pytest.fixture
def city(upgraded_file, tmp_path):
    shutil.copy(upgraded_file, tmp_path / "city.db")
    url = f"sqlite:///{tmp_path / 'city.db'}"
    store = Store(open_engine(url), A_CITY.slug, Vault(A_MASTER_KEY, A_CITY.slug))
    point = an_access_point("AP-1")
    with store.begin() as tx:
        tx.sites.save([point.site])
        tx.access_points.save([point], tx.sites.numbers())
    yield City(url, store, tmp_path)
    store.dispose()


def quick_driver(management, private_key, limits):
    return OpenWrtDriver(
        SshLink(management, client_key_from_text(private_key), limits), SystemClock(), settle_seconds=1
    )


def test_bad_credentials_end_it_as_login_refused_and_say_to_enrol_again(city, ap):
    ap.run("echo >/etc/dropbear/authorized_keys")

    state, reason = city.pushes(ap)

    assert state == "refused"
    assert reason.startswith("login refused: ")
    assert "enrol it again" in reason


def test_a_changed_host_key_ends_it_before_anything_is_sent(city, ap):
    state, reason = city.pushes(ap, host_key="SHA256:" + "A" * 43)

    assert state == "refused"
    assert reason.startswith("host key changed: ")
    assert "Nothing was sent" in reason


def test_a_device_of_another_platform_is_named_and_nothing_is_written_on_it(city, ap):
    ap.run("rm /etc/openwrt_release; mkdir -p /etc; echo 'PRETTY_NAME=\"Another Linux 9\"' >/etc/os-release")
    before = files_of(ap)

    state, reason = city.pushes(ap)
    with pytest.raises(WrongPlatform, match="Another Linux 9"):
        driver_of(ap).enrol({"prov": b"never written", "S11prov": b"never written"})

    assert state == "refused"
    assert reason.startswith("wrong platform: ")
    assert "enrol it as what it is" in reason
    assert has(ap, before)
    assert "never written" not in ap.read("/etc/prov/prov")


def test_a_command_line_of_a_network_vendor_is_another_platform(city, ap, tmp_path):
    public = ap.run("cat /etc/dropbear/authorized_keys").encode()
    says = 'echo "% Invalid input detected at marker."'
    with OpenSshServer(tmp_path / "switch", "127.0.0.1", 2022, public, only=says) as switch:
        state, reason = city.pushes(ap, at=(switch.address, switch.port), host_key=switch.host_key_fingerprint)

    assert state == "refused"
    assert reason.startswith("wrong platform: ")
    assert "Invalid input detected" in reason


def test_a_device_without_the_helper_is_not_enrolled(city, ap):
    ap.run("rm /etc/prov/prov")

    state, reason = city.pushes(ap)

    assert state == "refused"
    assert reason.startswith("not enrolled: ")
    assert "wifi-manager provision enrol" in reason


def test_a_device_that_does_not_say_its_model_gets_no_configuration(city, ap):
    ap.run("echo -n >/tmp/sysinfo/model")
    before = files_of(ap)

    state, reason = city.pushes(ap)

    assert state == "refused"
    assert reason.startswith("unknown model: ")
    assert "an image that is made for its board" in reason
    assert has(ap, before)


def test_an_intent_that_makes_no_configuration_is_a_template_error_with_the_place(city, ap):
    state, reason = city.pushes(ap, intent=INTENT.format(address="192.168.77.10").replace('"2.4"', '"7"'))

    assert state == "refused"
    assert reason.startswith("template error: ")
    assert "radios[0].band" in reason


def test_a_file_that_the_device_cannot_read_is_a_template_error_and_changes_nothing(ap, driver):
    before = files_of(ap)
    broken = ConfigFiles({"etc/config/wireless": b"config a 'b'\n\toption c 'Joe's'\n"})

    outcome = push(PushOrder("park-01", "1", broken), driver, driver)

    assert outcome == Outcome(OutcomeKind.TEMPLATE_ERROR, "UCI etc/config/wireless")
    assert "wifi-manager provision render" in outcome.sentence
    assert has(ap, before)


def test_an_access_point_that_is_off_is_unreachable_and_its_push_waits(city, ap):
    ap.power_cut()

    state, reason = city.pushes(ap)

    assert state == QUEUED
    assert reason.startswith("unreachable: ")
    assert "look at its power" in reason


def test_a_helper_that_speaks_nonsense_is_garbled_and_its_push_waits(city, ap):
    ap.run("sed -i 's/V=1 UP/V=0 UP/' /etc/prov/prov")

    state, reason = city.pushes(ap)

    assert state == QUEUED
    assert reason.startswith("garbled: ")
    assert "enrol it again" in reason


def test_a_device_on_a_slow_line_is_changed_all_the_same(ap):
    with PoorLine((ap.address, ap.port), delay_seconds=0.05) as line:
        driver = through(line, ap)
        assert push(order_of(ap), driver, driver) == Outcome(OutcomeKind.COMMITTED)


@pytest.mark.parametrize("passed", [0, 700], ids=["before a word", "in the handshake"])
def test_a_device_that_hangs_is_too_slow_and_its_push_waits(city, ap, passed):
    with PoorLine((ap.address, ap.port), breaks_after=lambda _: passed, hangs=True) as line:
        state, reason = city.pushes(ap, at=line.address, limits=HASTY)

    assert state == QUEUED
    assert reason.startswith("too slow: ")
    assert "look at its load" in reason


@pytest.mark.parametrize("passed", [0, 700], ids=["before a word", "in the handshake"])
def test_a_device_that_takes_connections_and_drops_them_is_said_to_and_its_push_waits(city, ap, passed):
    with PoorLine((ap.address, ap.port), breaks_after=lambda _: passed) as line:
        state, reason = city.pushes(ap, at=line.address)

    assert state == QUEUED
    assert reason.startswith("connection dropped: ")
    assert "look at its line" in reason


def test_a_device_that_drops_every_second_connection_once_it_is_armed_is_committed_all_the_same(ap):
    with PoorLine((ap.address, ap.port), breaks_after=lambda n: 900 if n % 2 == 1 else None) as line:
        driver = through(line, ap)
        assert push(order_of(ap), driver, driver) == Outcome(OutcomeKind.COMMITTED)


def through(line: PoorLine, ap: LabAccessPoint) -> OpenWrtDriver:
    management = Management(*line.address, ap.user, ap.host_key_fingerprint)
    link = SshLink(management, paramiko.Ed25519Key.from_private_key_file(str(ap.client_key)), QUICK)
    return OpenWrtDriver(link, SystemClock(), settle_seconds=1)


def order_of(ap: LabAccessPoint) -> PushOrder:
    banner = ConfigFiles({"etc/banner": b"Welcome\n"})
    return PushOrder("park-01", "1", banner, timedelta(seconds=30))
