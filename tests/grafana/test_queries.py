"""Every query of every dashboard runs on a real Prometheus, and finds something there."""

import json
import os
import re
import signal
import time

import pytest

from tests.grafana.busy_city import ACCESS_POINTS, BUS, FAILS, PLACE, Counting, fill, served
from tests.grafana.queries import every_query
from tests.lab.monitored_city import monitored_city
from tests.lab.prometheus import PATIENCE_SECONDS
from tests.prometheus.alarms import FOLDER
from wifi_manager.clock import SystemClock

pytestmark = pytest.mark.lab


def hasty_rules(folder, every="2s"):
    """The shipped rules, looked at every other second (or so) and patient no longer."""
    folder.mkdir()
    for path in FOLDER.glob("*.rules.yml"):
        text = re.sub(r"\n( +)(interval|for): .*", "", path.read_text(encoding="utf-8"))
        (folder / path.name).write_text(
            text.replace("    rules:", f"    interval: {every}\n    rules:"), encoding="utf-8"
        )
    return sorted(folder.iterdir())


def tell(folder, prometheus, ports, gateways=1):
    """Let Prometheus read these processes as well, the gateway's as so many."""
    config = folder / "prometheus" / "prometheus.yml"
    text = config.read_text(encoding="utf-8")
    for name, shipped_port in (("portal", 8010), ("control", 8012), ("collector", 8014)):
        text = text.replace(f"127.0.0.1:{shipped_port}", f"127.0.0.1:{ports[name]}")
    targets = config.parent / "gateways" / "one.json"
    targets.parent.mkdir()
    address = [f"127.0.0.1:{ports['gateway']}"]
    all_of_them = [{"targets": address, "labels": {"instance": f"gateway-{n}:9464"}} for n in range(gateways)]
    targets.write_text(json.dumps(all_of_them), encoding="utf-8")
    config.write_text(text, encoding="utf-8")
    os.kill(prometheus.process, signal.SIGHUP)


def found(prometheus, asked):
    """Whether the query has samples, for an access point that stands or for one that drives."""
    return any(prometheus.query(asked.filled(**place)) for place in (PLACE, BUS))


def test_every_query_of_every_dashboard_finds_something(tmp_path, upgraded_file):
    rules, counting = hasty_rules(tmp_path / "rules"), Counting(PLACE["city"], tmp_path)
    with (
        served(counting) as ports,
        monitored_city(tmp_path, ACCESS_POINTS, rules=rules, looks=1, database=upgraded_file) as city,
    ):
        fill(city.store, SystemClock().now())
        tell(tmp_path, city.prometheus, ports)
        city.fleet.points[FAILS].is_down = True
        missing = every_query()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while missing and time.monotonic() < deadline:
            counting.go_on()
            city.look()
            time.sleep(0.5)
            missing = [each for each in missing if not found(city.prometheus, each)]
        assert [(each.where, each.expr) for each in missing] == []
