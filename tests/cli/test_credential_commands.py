"""`wifi-manager provision credentials rotate` as a person types it."""

import shutil
import socket

import pytest

from provisioning.credentials import new_private_key
from tests.builders import an_access_point
from wifi_manager.clock import SystemClock
from wifi_manager.domain.access_points import Management
from wifi_manager.services.change_control import ChangeControl, Reach

pytestmark = pytest.mark.slow


@pytest.fixture
def upgraded_url(upgraded_file, tmp_path):
    """SQLite alone: what differs between databases is proved in tests/storage."""
    return f"sqlite:///{shutil.copy(upgraded_file, tmp_path / 'city.db')}"


@pytest.fixture
def nobody():
    """A port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_it_is_said_whose_key_stays_as_it_was_and_why(wifi, store, nobody):
    point = an_access_point()
    with store.begin() as tx:
        tx.sites.save([point.site])
        tx.access_points.save([point], tx.sites.numbers())
    reach = Reach(Management("127.0.0.1", nobody, "root", "SHA256:x"), new_private_key())
    ChangeControl(store, SystemClock()).enrol("AP-0001", "openwrt", reach, by="dispatcher")

    for words in (("AP-0001",), ("--all",), ("--site", "/".join(point.site.key))):
        ran = wifi("provision", "credentials", "rotate", *words)
        assert ran.exit_code == 1
        assert f"AP-0001: The access point at 127.0.0.1 port {nobody} does not answer" in ran.output
        assert "0 of 1 have a new key." in ran.output


def test_whose_key_is_changed_has_to_be_said(wifi, store):
    for words, said in (
        ((), "Say which"),
        (("--all", "AP-1"), "Say which"),
        (("--all",), "No managed"),
        (("AP-1",), "not enrolled"),
    ):
        ran = wifi("provision", "credentials", "rotate", *words)
        assert (ran.exit_code, said in ran.output) == (1, True), ran.output
