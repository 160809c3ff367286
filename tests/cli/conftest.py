"""The command line on the example city."""

import base64

import pytest
from click.testing import CliRunner

from tests.builders import A_CITY, A_MASTER_KEY
from wifi_manager.cli import main


@pytest.fixture
def wifi(upgraded_url, tmp_path, monkeypatch):
    """Runs a command on the example city."""
    key = tmp_path / "master.key"
    key.touch(mode=0o600)
    key.write_bytes(base64.b64encode(A_MASTER_KEY))
    given = {"CITY_SLUG": A_CITY.slug, "DATABASE_URL": upgraded_url, "KEYS_MASTER_KEY_FILE": str(key)}

    def run(*words, typed=""):
        environ = {f"WIFI_MANAGER_{name}": value for name, value in given.items()}
        return CliRunner(env=environ).invoke(main, words, input=typed)

    return run
