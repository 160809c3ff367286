"""What Prometheus reads about gateways' certificates."""

import shutil
import subprocess
from datetime import timedelta

import pytest

from tests.builders import NOON
from tests.exporter.test_exporter import series
from tests.fakes.clock import FrozenClock
from wifi_manager.exporter.app import create_app
from wifi_manager.storage.certificates import Asked, Issued

NAMES = ("wifi.city.example",)
HOLD = timedelta(minutes=10)


@pytest.fixture
def upgraded_url(upgraded_file, tmp_path):
    shutil.copy(upgraded_file, tmp_path / "city.db")
    return f"sqlite:///{tmp_path / 'city.db'}"


@pytest.fixture
def gateways(store):
    """One with a certificate whose renewal failed twice, one that waits for its first, one that is long gone."""
    with store.begin() as tx:
        for name, heard in (("gw-1", NOON), ("gw-2", NOON), ("gone", NOON - timedelta(days=30))):
            tx.gateways.add(name, None, name.encode(), NOON)
            asked = Asked(name.encode(), name.encode(), NAMES, heard, 1, heard)
            tx.certificates.ask(name, asked, NOON if name == "gw-1" else NOON + timedelta(hours=1))
        order = tx.certificates.claim("w", NOON, HOLD)
        tx.certificates.issue(order, "w", Issued("CHAIN", NOON, NOON + timedelta(days=90), NOON))
        for _ in range(2):
            order = tx.certificates.claim("w", NOON, HOLD)
            tx.certificates.fail(order, "w", "no answer", NOON)


def test_ends_due_times_and_failures_are_told_for_each_gateway_that_is_there(store, gateways):
    text = create_app(store, FrozenClock(NOON)).test_client().get("/metrics").text
    found = {name_labels: value for name_labels, value in series(text).items() if "certificate" in name_labels[0]}
    first, second = (("gateway", "gw-1"),), (("gateway", "gw-2"),)
    assert found == {
        ("wifi_certificate_expiry_timestamp_seconds", first): (NOON + timedelta(days=90)).timestamp(),
        ("wifi_certificate_due_timestamp_seconds", first): NOON.timestamp(),
        ("wifi_certificate_due_timestamp_seconds", second): (NOON + timedelta(hours=1)).timestamp(),
        ("wifi_certificate_failures_total", first): 2,
        ("wifi_certificate_failures_total", second): 0,
    }
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_a_city_that_issues_none_has_no_series_of_them(store):
    assert "wifi_certificate" not in create_app(store, FrozenClock(NOON)).test_client().get("/metrics").text
