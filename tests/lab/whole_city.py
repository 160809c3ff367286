"""A small city with every process of ours running on real parts: for the stories and for `make demo`.

    with WholeCity(folder) as city:
        city.start_all()
        phone = city.lab.add_phone("anna")

The city's servers (database, portal, control, console, exporter, workers, Prometheus) stand in the namespace `city`,
the gateway in its own, an access point on the city's management network.
"""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Self

from tests.lab.access_point import LabAccessPoint, ManagementNet
from tests.lab.citizen import Citizen
from tests.lab.city import (
    CITY_ADDRESS,
    CONTROL_NAME,
    LAN_ADDRESS,
    LAN_PREFIX,
    METRICS_PORT,
    PORTAL_NAME,
    WAN_ADDRESS,
    LabCity,
    program_options,
)
from tests.lab.namespaces import wait_for

GATEWAY = "park-gw"
ACCESS_POINT = "LAB-0001"
CONTROL_URL = f"https://{CONTROL_NAME}:8443"
CONSOLE_PORT, EXPORTER_PORT, PROMETHEUS_PORT = 8001, 8003, 9090
PROCESSES = ("portal", "control", "console", "exporter", "worker", "collect", "tidy")
UNDO_SECONDS = 12
_HEALTH = {
    "portal": f"https://{PORTAL_NAME}/healthz",
    "control": f"{CONTROL_URL}/healthz",
    "exporter": f"http://127.0.0.1:{EXPORTER_PORT}/healthz",
    "console": f"http://127.0.0.1:{CONSOLE_PORT}/healthz",
}
LIST = f"""\
external_id,district,site,kind,address,place,latitude,longitude,indoor
{ACCESS_POINT},River district,Willow park,park,1 Willow road,north gate,37.5601,126.9701,no
LAB-0002,River district,Willow park,park,1 Willow road,pond,37.5604,126.9706,no
LAB-0003,Hill district,Town hall,hall,2 Hill road,first floor,37.5702,126.9811,yes
"""

_INTENT = """\
hostname = "park-north-gate"
[management]
address = "{address}/24"
[[radios]]
name = "radio0"
band = "2.4"
country = "KR"
channel = 6
[[networks]]
name = "visitors"
ssid = "{ssid}"
{protection}
radios = ["radio0"]
vlan = 10
"""
_SEEDED = ("console.key", "master.key", "access-points.csv", "wifi-manager.db", "admin-password")
_SETTINGS = """\
[city]
slug = "haneul"
name = "Haneul"

[database]
url = "{database_url}"

[portal]
host = "{city}"
port = 443
public_url = "https://{portal_name}"
fresh_ticket_url = "http://wifi.city.example"
certificate_file = "{portal_chain}"
key_file = "{portal_key}"
metrics_host = "{city}"

[control]
host = "{city}"
port = 8443
public_url = "{control_url}"
certificate_file = "{control_chain}"
key_file = "{control_key}"
metrics_host = "{city}"

[console]
public_url = "http://127.0.0.1:{console_port}"
secret_key_file = "{folder}/console.key"

[log]
level = "{log_level}"

[keys]
master_key_file = "{folder}/master.key"
"""

_PROMETHEUS = """\
global: {{scrape_interval: 2s, scrape_timeout: 2s}}
scrape_configs:
  - job_name: fleet
    static_configs: [{{targets: ["127.0.0.1:{exporter}"]}}]
  - job_name: portal
    static_configs: [{{targets: ["{city}:8010"]}}]
  - job_name: control
    static_configs: [{{targets: ["{city}:8012"]}}]
  - job_name: gateway
    static_configs: [{{targets: ["{gateway}:{gateway_metrics}"]}}]
"""


class WholeCity:
    """The city. `processes` are its running processes by name; `lab` is its network, `access_point` its device."""

    def __init__(self, folder: Path, database_url: str = "", *, log_level: str = "INFO") -> None:
        self.folder = folder
        self.log_level = log_level
        self.settings_file = folder / "wifi-manager.toml"
        self.database_url = database_url or f"sqlite:///{folder}/wifi-manager.db"
        self.processes: dict[str, subprocess.Popen[Any]] = {}
        self.admin_password = self.gateway_token = ""
        self._joined = 0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        try:
            self.lab = self._stack.enter_context(LabCity(self.folder))
            self._build_management_net()
            self._write_settings()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def prepare(self, seed: Path | None = None) -> None:
        """Secrets, database, inventory, the first admin: those that another city has left in the folder `seed`, or new."""
        if seed is not None and (seed / _SEEDED[-1]).exists():
            _copy_seed(seed, self.folder)
        else:
            self._make_all()
            if seed is not None:
                _copy_seed(self.folder, seed)
        self.admin_password = (self.folder / _SEEDED[-1]).read_text(encoding="ascii")

    def _make_all(self) -> None:
        for name in ("console.key", "master.key"):
            _make_secret(self.folder / name)
        self.manage("db", "upgrade")
        (self.folder / "access-points.csv").write_text(LIST, encoding="utf-8")
        self.manage("fleet", "import", str(self.folder / "access-points.csv"))
        said = self.manage("operator", "add", "admin", "--role", "admin")
        (self.folder / _SEEDED[-1]).write_text(re.findall(r"Password: (\S+)", said)[0], encoding="ascii")

    def start_servers(self, *names: str) -> None:
        """Processes of the city's own machines, all if none is named; returns when they answer."""
        for name in names or PROCESSES:
            self.start(name)
        for name in names or PROCESSES:
            if (url := _HEALTH.get(name)) is not None:
                wait_for(url, lambda url=url: self.fetch(url) is not None, 60)

    def start_gateway(self) -> None:
        """Enrol the gateway once, and run its agent."""
        if not self.lab.gateway_state.exists():
            place = ["--district", "River district", "--site", "Willow park"]
            self.gateway_token = self.manage("gateway", "add", GATEWAY, *place).split()[-1]
            self.lab.enrol_gateway(self.gateway_token, CONTROL_URL)
        self.processes["gateway"] = self.lab.run_gateway("--log-level", self.log_level)

    def join(self, languages: str = "") -> Citizen:
        """A citizen whose phone has just joined, with an address below those that DHCP gives."""
        self._joined += 1
        phone = self.lab.add_phone(f"phone{self._joined}")
        phone.static(f"10.99.0.{self._joined + 1}/{LAN_PREFIX}", LAN_ADDRESS)
        return Citizen(phone, languages)

    def start_access_point(self) -> LabAccessPoint:
        """Switch the access point on, without our helper on it: it is new."""
        self.access_point = self._stack.enter_context(LabAccessPoint(self.management_net, enrolled=False))
        return self.access_point

    def enrol_access_point(self) -> None:
        """Take the access point under management, with its host key pinned."""
        point = self.access_point
        where = ["--host", point.address, "--key", str(point.client_key), "--host-key", point.host_key_fingerprint]
        self.manage("provision", "enrol", ACCESS_POINT, *where)

    def start_prometheus(self) -> None:
        """A real Prometheus on the city's loopback."""
        config = self.folder / "prometheus.yml"
        config.write_text(
            _PROMETHEUS.format(
                exporter=EXPORTER_PORT, city=CITY_ADDRESS, gateway=WAN_ADDRESS, gateway_metrics=METRICS_PORT
            )
        )
        command = ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={self.folder / 'prometheus'}"]
        with self._log("prometheus") as log:
            listen = f"--web.listen-address=127.0.0.1:{PROMETHEUS_PORT}"
            self.processes["prometheus"] = self.lab.city.start([*command, listen], stdout=log, stderr=log)

    def start(self, name: str, *options: str) -> None:
        """Start one process of ours in the city; a later option wins over the lab's own."""
        words = {
            "worker": ["provision", "worker", "--undo-after", str(UNDO_SECONDS), "--parallel", "1"],
            "collect": ["collect", "run", "--interval", "2"],
            "tidy": ["tidy", "--every", "5"],
        }.get(name, [name, "run"])
        with self._log(name) as log:
            self.processes[name] = self.lab.city.start(
                self.command(*words, *options), stdout=log, stderr=log, **program_options()
            )

    def kill(self, *names: str) -> None:
        """`kill -9` processes, and wait until what they started has ended with them."""
        children = [each for name in names for each in _children(self.processes[name].pid)]
        for name in names:
            os.kill(self.processes[name].pid, signal.SIGKILL)
        for name in names:
            self.processes.pop(name).wait(20)
        wait_for("the end of their children", lambda: not any(map(_runs, children)))

    def command(self, *words: str) -> list[str]:
        """The command line of `wifi-manager WORDS` in this city."""
        return self.lab.manager("--config", str(self.settings_file), *words)

    def manage(self, *words: str) -> str:
        """Run a command in the city to its end; what it said. Raises with its error when it fails."""
        return self.lab.city.check(self.command(*words), **program_options())

    def fetch(self, url: str, *options: str) -> str | None:
        """What a server answers to the city's own machines, or None when it does not answer with success."""
        words = [
            "curl",
            "-sS",
            "--fail",
            "--noproxy",
            "*",
            "--max-time",
            "10",
            "--cacert",
            str(self.lab.authority.root),
        ]
        done = self.lab.city.run([*words, *options, url])
        return done.stdout if done.returncode == 0 else None

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database answers to a question in SQL."""
        with closing(
            sqlite3.connect(f"file:{self.folder}/wifi-manager.db?mode=ro", uri=True, timeout=20)
        ) as database:
            return database.execute(query).fetchall()

    def intent(self, ssid: str, *, address: str = "", key: str = "") -> str:
        """What the access point shall be: at its own address if none is given, its network with WPA3 if there is a key."""
        protection = f'encryption = "sae"\nkey = "{key}"' if key else 'encryption = "owe"'
        return _INTENT.format(address=address or self.access_point.address, ssid=ssid, protection=protection)

    def push(self, intent: str) -> int:
        """Propose and approve a change of the access point; its number."""
        path = self.folder / "intent.toml"
        path.write_text(intent, encoding="utf-8")
        said = self.manage("provision", "push", ACCESS_POINT, str(path), "--approve")
        return int(re.findall(r"Push (\d+)", said)[0])

    def push_row(self, number: int) -> tuple[str, str]:
        """State and reason of a push, as the database has them."""
        ((state, reason),) = self.rows(f"SELECT state, reason FROM push WHERE id = {number}")
        return state, reason

    def ended_push(self, number: int) -> tuple[str, str]:
        """The same, as soon as it has ended."""
        ended = f"SELECT 1 FROM push WHERE id = {number} AND ended_at IS NOT NULL"
        wait_for(f"the end of push {number}", lambda: self.rows(ended), 120)
        return self.push_row(number)

    def logs(self) -> str:
        """All that any process has written so far."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def _log(self, name: str) -> Any:
        return (self.folder / f"{name}.log").open("ab")

    def _build_management_net(self) -> None:
        city = self.lab.city
        address = "172.20.0.1/24"
        city.ip("link", "add", "br-mgmt", "type", "bridge", "forward_delay", "0")
        city.ip("addr", "add", address, "dev", "br-mgmt")
        city.ip("link", "set", "br-mgmt", "up")
        self.management_net = ManagementNet(address, namespace=city.name, bridge="br-mgmt")

    def _write_settings(self) -> None:
        portal, control = (self.lab.authority.certificate(name) for name in (PORTAL_NAME, CONTROL_NAME))
        self.settings_file.write_text(
            _SETTINGS.format(
                database_url=self.database_url,
                city=CITY_ADDRESS,
                portal_name=PORTAL_NAME,
                portal_chain=portal.chain,
                portal_key=portal.key,
                control_url=CONTROL_URL,
                control_chain=control.chain,
                control_key=control.key,
                console_port=CONSOLE_PORT,
                log_level=self.log_level,
                folder=self.folder,
            )
        )


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


def _copy_seed(source: Path, target: Path) -> None:
    for name in _SEEDED:
        shutil.copy2(source / name, target / name)


def _make_secret(path: Path) -> None:
    from wifi_manager.settings import make_secret_file

    make_secret_file(path)
