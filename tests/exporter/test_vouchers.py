"""The stock of vouchers, as figures alone."""

import subprocess
from datetime import timedelta

from prometheus_client import CollectorRegistry, generate_latest

from tests.builders import A_CITY, A_MASTER_KEY, NOON
from tests.fakes.clock import FrozenClock
from wifi_manager import shipped
from wifi_manager.domain.vouchers import Allowance
from wifi_manager.exporter.fleet import page
from wifi_manager.exporter.vouchers import count_stock
from wifi_manager.services.vouchers import Vouchers
from wifi_manager.storage.vault import Vault


def test_the_stock_is_counted_by_state_and_names_no_code_and_no_batch(store):
    vouchers = Vouchers(store, Vault(A_MASTER_KEY, A_CITY.slug), FrozenClock(NOON), timedelta(days=90))
    codes = vouchers.issue("spring", Allowance(), 3, "somebody").codes
    vouchers.revoke("spring", "somebody", 1)
    text = page(store, NOON).decode()
    assert 'wifi_vouchers{city="haneul",status="unused"} 2.0' in text
    assert 'wifi_vouchers{city="haneul",status="revoked"} 1.0' in text
    assert 'wifi_vouchers{city="haneul",status="used"} 0.0' in text
    assert not [secret for secret in (*codes, "spring") if secret in text]


def test_states_without_codes_have_series_too():
    registry = CollectorRegistry()
    count_stock({}, "haneul", registry)
    assert generate_latest(registry).decode().count("} 0.0") == 4


def test_the_alarm_about_guessing_is_one_that_prometheus_takes():
    rules = shipped.configs() / "prometheus" / "guessing.rules.yml"
    checked = subprocess.run(["promtool", "check", "rules", rules], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
