"""Other vendors' access points on the command line: enrolled, looked at, told to Prometheus, through a real sshd."""

import pytest

from provisioning.credentials import new_private_key, public_line
from tests.builders import A_CITY, A_MASTER_KEY, NOON, an_access_point
from tests.fakes.clock import FrozenClock
from tests.lab.vendor_access_points import RouterOsSimulator
from tests.provisioning.test_vendors import ON_FIRST, PHONES, RADIOS, SIMULATORS
from wifi_manager.exporter.catalogue import CATALOGUE
from wifi_manager.exporter.shards import Source, page_of
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault

pytestmark = [pytest.mark.root, pytest.mark.lab]

POINT = "AP-0001"
MODELS = {"unifi": "Ubiquiti U6-Pro, 6.6.77.15402", "routeros": "MikroTik hAP ax^2, RouterOS 7.16.1 (stable)"}


@pytest.fixture
def store(upgraded_url):
    store = Store(open_engine(upgraded_url), A_CITY.slug, Vault(A_MASTER_KEY, A_CITY.slug))
    point = an_access_point(POINT)
    with store.begin() as tx:
        tx.sites.save([point.site])
        tx.access_points.save([point], tx.sites.numbers())
    yield store
    store.dispose()


@pytest.fixture
def key(tmp_path):
    (tmp_path / "key").write_text(new_private_key())
    return tmp_path / "key"


def public(key):
    return public_line(key.read_text()).encode()


def enrol(wifi, server, key, platform):
    where = ["--host", server.address, "--port", str(server.port), "--host-key", server.host_key_fingerprint]
    return wifi("provision", "enrol", POINT, *where, "--key", str(key), "--platform", platform)


@pytest.mark.parametrize("platform", SIMULATORS)
def test_it_is_enrolled_looked_at_and_told_to_prometheus_and_nothing_is_put_on_it(
    wifi, store, key, platform, tmp_path
):
    device = SIMULATORS[platform](tmp_path)
    device.hears(**{ON_FIRST[platform]: PHONES})
    with device.server(public(key)) as server:
        enrolled, looked = enrol(wifi, server, key, platform), wifi("collect", "now", POINT)
        rotated = wifi("provision", "credentials", "rotate", POINT)

    assert enrolled.output == f"Enrolled {POINT}: {MODELS[platform]}.\n"
    assert looked.output == f"{POINT} is up.\n"
    assert "watched and not configured" in rotated.output
    page = page_of(Source(store, FrozenClock(NOON), CATALOGUE, NOON.tzinfo), POINT).decode()
    for signal in ("good", "fair", "poor"):
        assert f'wifi_radio_clients{{ap="{POINT}",radio="{RADIOS[platform][0]}",signal="{signal}"}} 1' in page
    assert not any(mac in page.lower() for mac in PHONES)


def test_a_version_without_the_menu_is_not_enrolled_and_the_sentence_says_what_is_needed(wifi, store, key, tmp_path):
    device = RouterOsSimulator(tmp_path, missing="/interface/wifi")
    with device.server(public(key)) as server:
        enrolled = enrol(wifi, server, key, "routeros")

    assert enrolled.exit_code == 1
    assert "bad command name wifi" in enrolled.output
    assert "RouterOS 7.13 or newer" in enrolled.output
    with store.read() as tx:
        assert tx.observations.managed() == {}
