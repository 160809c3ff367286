"""What Prometheus reads about gateways' certificates, and that the shipped alarms go off when they should."""

import shutil
import subprocess
from datetime import timedelta

import pytest

from tests.builders import NOON
from tests.exporter.test_exporter import series
from tests.fakes.clock import FrozenClock
from wifi_manager import shipped
from wifi_manager.exporter.app import create_app
from wifi_manager.storage.certificates import Asked, Issued

NAMES = ("wifi.city.example",)
HOLD = timedelta(minutes=10)
RULES = """
rule_files: [certificates.rules.yml]
evaluation_interval: 5m
tests:
  - interval: 5m
    input_series:
      - {{series: 'wifi_certificate_due_timestamp_seconds{{gateway="gw-1"}}', values: '{due}x2000'}}
      - {{series: 'wifi_certificate_expiry_timestamp_seconds{{gateway="gw-1"}}', values: '{expiry}x2000'}}
    alert_rule_test:
{checks}
"""


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


def alarms(tmp_path, due, expiry, **expected):
    """Run promtool: seconds since its start at which a certificate is due and ends; hours, and the alarms then."""
    shutil.copy(shipped.configs() / "prometheus" / "certificates.rules.yml", tmp_path)
    checks = "".join(
        f"      - {{eval_time: {hours.strip('h')}h, alertname: {name}, exp_alerts: [{_alert(name, said)}]}}\n"
        for name, when in expected.items()
        for hours, said in when.items()
    )
    (tmp_path / "tests.yml").write_text(RULES.format(due=due, expiry=expiry, checks=checks))
    done = subprocess.run(
        ["promtool", "test", "rules", "tests.yml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _alert(name, said):
    if not said:
        return ""
    severity = "warning" if name == "CertificateNotRenewed" else "critical"
    return f"{{exp_labels: {{severity: {severity}, gateway: gw-1}}, exp_annotations: {ANNOTATIONS[name].format(said=said)}}}"


ANNOTATIONS = {
    "CertificateNotRenewed": (
        '{{summary: "The certificate of gateway gw-1 has been due for {said}.", description: '
        '"`wifi-manager certificates list` says why. Until it ends, the gateway serves the one it has."}}'
    ),
    "CertificateEnds": (
        '{{summary: "The certificate of gateway gw-1 ends in less than two days, and none has come.", description: '
        '"Then phones refuse the gateway\'s RFC 8908 API and find the portal by redirect alone."}}'
    ),
}


def test_an_overdue_renewal_alarms_after_six_hours_and_the_end_two_days_before(tmp_path):
    day = 86400
    alarms(
        tmp_path,
        due=day,
        expiry=5 * day,
        CertificateNotRenewed={"24h": "", "30h": "", "31h": "7h 0m 0s", "72h": "2d 0h 0m 0s"},
        CertificateEnds={"71h": "", "73h": "yes"},
    )


def test_a_certificate_of_a_few_days_that_is_not_due_yet_is_no_alarm(tmp_path):
    alarms(
        tmp_path,
        due=10**9,
        expiry=36 * 3600,
        CertificateNotRenewed={"1h": ""},
        CertificateEnds={"1h": "", "30h": ""},
    )
