"""When Prometheus alarms about codes by text message, as promtool computes it from series of a portal."""

import shutil
import subprocess

from wifi_manager import shipped

RULES = """\
rule_files: [sms.rules.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - series: 'wifi_sms_breaker_open{{city="haneul", reason="unverified", instance="a"}}'
        values: '0x10 1x60'
      - series: 'wifi_sms_breaker_open{{city="haneul", reason="unverified", instance="b"}}'
        values: '0x10 1x60'
      - series: 'wifi_sms_breaker_open{{city="haneul", reason="provider", instance="a"}}'
        values: '0x70'
      - series: 'wifi_sms_budget_left_ratio{{city="haneul", instance="a"}}'
        values: '0.5x20 0.1x50'
      - series: 'wifi_sms_refused_total{{city="haneul", reason="provider", instance="a"}}'
        values: '0x30 0+1x40'
    alert_rule_test:
{checks}"""
CHECKS = [
    ("SmsStopped", "10m", 0),
    ("SmsStopped", "12m", 1),
    ("SmsBudgetEnds", "22m", 0),
    ("SmsBudgetEnds", "27m", 1),
    ("SmsFails", "33m", 0),
    ("SmsFails", "50m", 1),
]


def test_s2_an_open_breaker_a_budget_that_ends_and_a_failing_provider_alarm(tmp_path):
    shutil.copy(shipped.configs() / "prometheus" / "sms.rules.yml", tmp_path)
    checks = "".join(
        f"      - {{eval_time: {when}, alertname: {name}, exp_alerts: [{EXPECTED[name] if fires else ''}]}}\n"
        for name, when, fires in CHECKS
    )
    (tmp_path / "tests.yml").write_text(RULES.format(checks=checks))
    done = subprocess.run(
        ["promtool", "test", "rules", "tests.yml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


EXPECTED = {
    "SmsStopped": (
        "{exp_labels: {severity: critical, city: haneul, reason: unverified}, exp_annotations: {"
        'summary: "No codes are sent by text message in haneul: unverified.", '
        "description: \"budget: the day's messages are used up. provider: it failed three times in a row. unverified: "
        "too few codes come back, so somebody may make the city pay for numbers that are nobody's. See docs/sms.md.\"}}"
    ),
    "SmsBudgetEnds": (
        "{exp_labels: {severity: warning, city: haneul}, exp_annotations: {"
        'summary: "10% of the day\'s text messages are left in haneul.", '
        'description: "Look at wifi_sms_sent_total and wifi_sms_verified_total: is it a busy day, or does nobody type '
        'the codes?"}}'
    ),
    "SmsFails": (
        "{exp_labels: {severity: warning, city: haneul}, exp_annotations: {"
        'summary: "The provider of text messages in haneul has failed 15 times in 15 minutes.", '
        'description: "Citizens are offered another way in. The portal\'s log says how it failed."}}'
    ),
}
