"""Reports that wait, open places, guessed codes, text messages and certificates."""

from tests.prometheus.alarms import Case

CITY = {"city": "haneul"}
RIVER = {**CITY, "district": "River"}
REPORTS = 'wifi_reports_open{city="haneul",district="River"}'
OPEN = 'wifi_emergency_open{city="haneul",district="River",site=""}'
WRONG = 'wifi_sign_in_tries_total{city="haneul",method="voucher",outcome="wrong"}'
PROVIDER = 'wifi_sms_refused_total{city="haneul",reason="provider"}'
BUDGET = 'wifi_sms_budget_left_ratio{city="haneul"}'
DUE = 'wifi_certificate_due_timestamp_seconds{gateway="gw-1"}'
ENDS = 'wifi_certificate_expiry_timestamp_seconds{gateway="gw-1"}'
DAY = 86400


def breaker(instance: str) -> str:
    return f'wifi_sms_breaker_open{{city="haneul",reason="unverified",instance="{instance}"}}'


CASES = [
    Case(
        "ManyReportsOpen", {REPORTS: "9x25 10x60"}, "50m", "60m", RIVER,
        "10 problem reports of River wait for an answer.", {"nine do": {REPORTS: "9x90"}},
    ),
    Case(
        "EmergencyOpen", {OPEN: "_x25 1x20 stale"}, "20m", "35m", RIVER,
        "River is open to everybody.", {"it has ended": {OPEN: "1x20 stale"}},
    ),
    Case(
        "CodesAreGuessed", {WRONG: "0+100x60"}, "4m", "30m", {**CITY, "method": "voucher"},
        "1k wrong codes or passwords (voucher) within ten minutes in haneul.", {"people mistype": {WRONG: "0+10x60"}},
    ),
    Case(
        "SmsStopped", {breaker("a"): "0x10 1x60", breaker("b"): "0x70"}, "10m", "12m", {**CITY, "reason": "unverified"},
        "No codes are sent by text message in haneul: unverified.", {"it was opened no time": {breaker("a"): "0x60"}},
    ),
    Case(
        "SmsBudgetEnds", {BUDGET: "0.5x20 0.1x50"}, "22m", "27m", CITY,
        "10% of the day's text messages are left in haneul.", {"half of them are": {BUDGET: "0.5x60"}},
    ),
    Case(
        "SmsFails", {PROVIDER: "0x30 0+1x40"}, "33m", "50m", CITY,
        "The provider of text messages in haneul has failed 15 times in 15 minutes.",
        {"it failed once": {PROVIDER: "0x30 1x40"}},
    ),
    Case(
        "CertificateNotRenewed", {DUE: f"{DAY}x400"}, "30h", "31h", {"gateway": "gw-1"},
        "The certificate of gateway gw-1 has been due for 7h 0m 0s.", {"it is not due": {DUE: f"{9 * DAY}x400"}},
        "15m",
    ),
    Case(
        "CertificateEnds", {DUE: f"{DAY}x400", ENDS: f"{5 * DAY}x400"}, "71h", "73h", {"gateway": "gw-1"},
        "The certificate of gateway gw-1 ends in less than two days, and none has come.",
        {"it lives for days only and is not due": {DUE: f"{9 * DAY}x400"}},
        "15m",
    ),
]  # fmt: skip
