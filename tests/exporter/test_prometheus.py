"""A real Prometheus scrapes the exporter with the configuration that we ship, and finds the fleet."""

import re
import shutil
import socket
import subprocess
import threading
import time

import httpx
import pytest
from werkzeug.serving import make_server

from tests.builders import an_access_point
from wifi_manager import shipped
from wifi_manager.clock import SystemClock
from wifi_manager.domain.access_points import Management
from wifi_manager.exporter.app import create_app

pytestmark = pytest.mark.lab

PATIENCE_SECONDS = 90


@pytest.fixture
def upgraded_url(upgraded_file, tmp_path):
    """SQLite alone: Prometheus sees no difference."""
    path = tmp_path / "exporter.db"
    shutil.copy(upgraded_file, path)
    return f"sqlite:///{path}"


@pytest.fixture
def exporter(store):
    """host:port of an exporter over a city with two access points, one of which can be reached."""
    reach = Management("127.0.0.1", 22, "root", "SHA256:abc")
    points = [an_access_point("AP-1"), an_access_point("AP-2", management=reach, platform="openwrt")]
    with store.begin() as tx:
        tx.sites.save([points[0].site])
        tx.access_points.save(points, tx.sites.numbers())
    server = make_server("127.0.0.1", 0, create_app(store, SystemClock()), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def prometheus(exporter, tmp_path):
    """A client of a Prometheus that reads our configuration, with only addresses and patience changed."""
    shipped_text = (shipped.configs() / "prometheus" / "prometheus.yml").read_text()
    config = (
        shipped_text.replace("127.0.0.1:8003", exporter).replace("30s", "1s").replace("timeout: 10s", "timeout: 1s")
    )
    (tmp_path / "prometheus.yml").write_text(re.sub("refresh_interval: .*", "refresh_interval: 1s", config))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [
        "prometheus",
        f"--config.file={tmp_path / 'prometheus.yml'}",
        f"--storage.tsdb.path={tmp_path / 'data'}",
        f"--web.listen-address={address}",
        "--log.level=error",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with httpx.Client(base_url=f"http://{address}/api/v1", timeout=30) as client:
        yield client
    process.terminate()
    process.wait(PATIENCE_SECONDS)


def ask(client, path, wanted, **query):
    """The answer, once it is as wanted."""
    deadline, found = time.monotonic() + PATIENCE_SECONDS, None
    while time.monotonic() < deadline:
        try:
            found = client.get(path, params=query).json()["data"]
        except (httpx.TransportError, ValueError, KeyError):
            found = None
        if found is not None and wanted(found):
            return found
        time.sleep(0.2)
    raise AssertionError(found)


def test_prometheus_finds_the_fleet_and_the_access_points(prometheus):
    counted = ask(prometheus, "/query", lambda data: data["result"], query="sum by (city) (wifi_access_points)")
    assert counted["result"][0]["value"][1] == "2"
    targets = ask(
        prometheus,
        "/targets",
        lambda data: (
            {"wifi-fleet", "wifi-access-points"} <= {each["labels"]["job"] for each in data["activeTargets"]}
        ),
    )
    found = {each["labels"]["job"]: each["labels"] for each in targets["activeTargets"]}["wifi-access-points"]
    assert (found["ap"], found["instance"], found["site_kind"]) == ("AP-2", "127.0.0.1:9100", "park")
