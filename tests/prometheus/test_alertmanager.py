"""The Alertmanager that we ship an example for: who is told of what, and what is muted by its cause."""

import json
import socket
import subprocess
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import yaml

from tests.prometheus import alarms
from tests.prometheus.alarms import FOLDER

CONFIG = FOLDER / "alertmanager.yml"
PATIENCE_SECONDS = 90
PARK = {"city": "haneul", "district": "River", "site": "Park"}
HALL = PARK | {"site": "Hall"}
TOLD = [  # alarm, its labels, and whether somebody is told
    ("SiteDown", PARK, True),
    ("AccessPointDown", PARK | {"ap": "AP-1"}, False),
    ("UplinkLosesPackets", PARK, False),
    ("AccessPointDown", HALL | {"ap": "AP-2"}, True),
    ("RadioSaturated", HALL | {"ap": "AP-3", "radio": "radio0"}, True),
    ("RadioInterference", HALL | {"ap": "AP-3", "radio": "radio0"}, False),
    ("RadioInterference", HALL | {"ap": "AP-3", "radio": "radio1"}, True),
    ("DistrictDown", {"city": "haneul", "district": "Hill"}, True),
    ("SiteDown", {"city": "haneul", "district": "Hill", "site": "Market"}, False),
    ("DatabaseAway", {"instance": "a:8003"}, True),
    ("SignInsFail", {"city": "haneul"}, False),
    ("GatewaysSilent", {"city": "haneul", "status": "silent"}, False),
    ("EmergencyOpen", {"city": "haneul", "district": "River"}, True),
]


def test_amtool_finds_nothing_wrong():
    done = subprocess.run(["amtool", "check-config", CONFIG], capture_output=True, text=True, check=False)
    assert (done.returncode, "SUCCESS" in done.stdout) == (0, True), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ("severity=warning district=Unknown", "city-it"),
        ("severity=warning district=Harbour", "hill-and-harbour"),
        ("severity=critical district=Harbour", "on-call,hill-and-harbour"),
        ("severity=critical", "on-call"),
    ],
)
def test_a_district_has_its_own_people_and_what_is_critical_is_told_on_call(labels, receivers):
    command = ["amtool", "config", "routes", "test", "--config.file", CONFIG, *labels.split()]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == receivers


def test_every_alarm_that_it_names_exists_and_it_holds_no_secret():
    config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    named = [
        each.partition('"')[2].rstrip('"')
        for rule in config["inhibit_rules"]
        for each in (*rule["source_matchers"], *rule["target_matchers"])
    ]
    assert {name for names in named for name in names.split("|") if "*" not in name} <= set(alarms.rules())
    assert {"password", "token", "key"} & set(json.dumps(config).replace('"', " ").split()) == set()


@pytest.fixture
def alertmanager(tmp_path):
    """A client of one that runs with our configuration and tells nobody within the time of a test."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [
        "prometheus-alertmanager", f"--config.file={CONFIG}", f"--storage.path={tmp_path}",
        f"--web.listen-address={address}", "--cluster.listen-address=", "--log.level=error",
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with httpx.Client(base_url=f"http://{address}/api/v2", timeout=30) as client:
        yield client
    process.terminate()
    process.wait(PATIENCE_SECONDS)


def states(client):
    """Whether somebody is told, by the labels of each alarm; once Alertmanager has looked at all."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            alerts = client.get("/alerts").json()
        except (httpx.TransportError, ValueError):
            alerts = []
        if len(alerts) == len(TOLD) and all(each["status"]["state"] != "unprocessed" for each in alerts):
            return {key(each["labels"]): each["status"]["state"] == "active" for each in alerts}
        time.sleep(0.2)
    raise AssertionError(alerts)


def key(labels):
    return tuple(sorted(labels.items()))


def send(client, alerts):
    """Hand them over as Prometheus does, once Alertmanager answers."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return client.post("/alerts", json=alerts).raise_for_status()
        except httpx.TransportError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.1)


@pytest.mark.lab
def test_what_follows_from_a_wider_cause_is_muted_and_nothing_else(alertmanager):
    ends = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    every = [
        {"alertname": name, "severity": alarms.rules()[name]["labels"]["severity"], **labels}
        for name, labels, _ in TOLD
    ]
    send(alertmanager, [{"labels": labels, "annotations": {}, "endsAt": ends} for labels in every])
    wanted = {key(labels): told for labels, (_, _, told) in zip(every, TOLD, strict=True)}
    assert states(alertmanager) == wanted
