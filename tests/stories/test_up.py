"""Without root, on SQLite: one command and a city has its console and its metrics."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from http.cookiejar import CookieJar

import httpx
import pytest

pytestmark = pytest.mark.slow
PATIENCE_SECONDS = 90


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def up(tmp_path):
    """The command in an empty folder, on ports of its own; gives its process and the addresses."""
    console, exporter = free_port(), free_port()
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("WIFI_MANAGER_")},
        "WIFI_MANAGER_CONSOLE_PORT": str(console),
        "WIFI_MANAGER_CONSOLE_PUBLIC_URL": f"http://127.0.0.1:{console}",
        "WIFI_MANAGER_EXPORTER_PORT": str(exporter),
        "WIFI_MANAGER_PORTAL_PORT": str(free_port()),
        "WIFI_MANAGER_CONTROL_PORT": str(free_port()),
        "PYTHONUNBUFFERED": "1",
    }
    output = (tmp_path / "output").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "wifi_manager", "up"], cwd=tmp_path, env=environ, stdout=output, stderr=output
    )
    yield process, f"http://127.0.0.1:{console}", f"http://127.0.0.1:{exporter}"
    if process.poll() is None:
        process.terminate()
        process.wait(PATIENCE_SECONDS)
    output.close()


def answer(url, client):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return client.get(url)
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_up_makes_everything_serves_until_ctrl_c_and_leaves_nothing_running(up, tmp_path):
    process, console, exporter = up
    with httpx.Client(cookies=CookieJar(), timeout=60) as client:
        page = answer(f"{console}/sign-in", client)
        metrics = answer(f"{exporter}/metrics", client)
        said = (tmp_path / "output").read_text()
        password = re.search(r"called admin, with the password (\S+)", said)[1]
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
        fields = {"csrf_token": token, "name": "admin", "password": password}
        entered = client.post(f"{console}/sign-in", data=fields, follow_redirects=True)
    assert "wifi_database_up 1.0" in metrics.text
    assert "wifi-manager fleet import" in entered.text
    for secret in ("console.key", "master.key"):
        assert (tmp_path / "var" / secret).stat().st_mode & 0o777 == 0o600
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_SECONDS) == 0
    with httpx.Client() as client, pytest.raises(httpx.ConnectError):
        client.get(console)
