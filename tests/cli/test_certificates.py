"""The commands about certificates, on a city of its own."""

import base64
import json
import shutil

import pytest
from click.testing import CliRunner

from tests.builders import A_CITY, A_MASTER_KEY
from tests.test_settings import CERTIFICATES
from wifi_manager.cli import main
from wifi_manager.clock import SystemClock
from wifi_manager.storage.certificates import Asked


@pytest.fixture
def upgraded_url(upgraded_file, tmp_path):
    """SQLite alone: what differs between databases is proved in tests/storage."""
    shutil.copy(upgraded_file, tmp_path / "city.db")
    return f"sqlite:///{tmp_path / 'city.db'}"


@pytest.fixture
def wifi(upgraded_url, tmp_path):
    """Runs a command on the example city, with further settings."""
    key = tmp_path / "master.key"
    key.touch(mode=0o600)
    key.write_bytes(base64.b64encode(A_MASTER_KEY))
    given = {"CITY_SLUG": A_CITY.slug, "DATABASE_URL": upgraded_url, "KEYS_MASTER_KEY_FILE": str(key)}

    def run(*words, **more):
        environ = {f"WIFI_MANAGER_{name}": str(value) for name, value in {**given, **more}.items()}
        return CliRunner(env=environ).invoke(main, words)

    return run


@pytest.fixture
def asked(store):
    now = SystemClock().now()
    with store.begin() as tx:
        tx.gateways.add("gw-1", None, b"d", now)
        tx.certificates.ask("gw-1", Asked(b"r", b"k", ("wifi.city.example",), now, 1, now), now)


def test_certificates_are_listed_for_people_and_for_programs(wifi, asked):
    assert wifi("certificates", "list").output.splitlines()[1].split()[:2] == ["gw-1", "waiting"]
    (found,) = json.loads(wifi("certificates", "list", "--json").output)
    assert (found["gateway"], found["state"], found["names"]) == ("gw-1", "waiting", ["wifi.city.example"])


def test_a_new_one_is_ordered_by_hand_and_the_trail_says_so(wifi, asked, store):
    assert wifi("certificates", "renew", "gw-1").exit_code == 0
    with store.read() as tx:
        assert [each.action for each in tx.audit.newest(5)] == ["ordered a certificate for"]
    refused = wifi("certificates", "renew", "gw-9")
    assert (refused.exit_code, "gateway list" in refused.output) == (1, True)


def test_without_an_authority_there_is_nothing_to_run(wifi):
    refused = wifi("certificates", "run")
    assert (refused.exit_code, "directory_url" in refused.output) == (1, True), refused.output


def test_the_secret_of_the_zones_key_must_be_there_and_be_nobody_elses(wifi, tmp_path):
    given = {f"CERTIFICATES_{name}": value for name, value in CERTIFICATES.items()}
    secret = tmp_path / "tsig.key"
    missing = wifi("certificates", "run", **given, CERTIFICATES_TSIG_SECRET_FILE=secret)
    assert (missing.exit_code, str(secret) in missing.output) == (1, True), missing.output
    secret.write_bytes(base64.b64encode(bytes(32)))
    secret.chmod(0o644)
    opened = wifi("certificates", "run", **given, CERTIFICATES_TSIG_SECRET_FILE=secret)
    assert (opened.exit_code, "chmod 600" in opened.output) == (1, True), opened.output
    secret.chmod(0o600)
    lost = wifi("certificates", "run", **given, CERTIFICATES_TSIG_SECRET_FILE=secret, CERTIFICATES_CA_FILE="/nowhere")
    assert (lost.exit_code, "ca_file /nowhere" in lost.output) == (1, True), lost.output
