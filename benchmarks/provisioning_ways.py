"""Ours and its peers, each doing one job on many targets: how many a second, at what cost for the client."""

import io
import os
import resource
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from netmiko import ConnectHandler

from benchmarks.provisioning_fleet import Target
from provisioning.config_files import ConfigFiles
from provisioning.drivers.openwrt import OpenWrtDriver
from provisioning.push import PushOrder, push
from provisioning.rendering import render
from provisioning.transport import SshLink, load_client_key
from tests.provisioning.kit import a_network, an_intent
from wifi_manager.clock import SystemClock
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.outcomes import OutcomeKind

ANSIBLE_HOME = Path("build/ansible")  # a virtual environment of its own, which git does not see
ANSIBLE_MISSING = (
    "Ansible is not measured: it is not installed. Make it an environment of its own: "
    f"python3 -m venv {ANSIBLE_HOME} && {ANSIBLE_HOME}/bin/pip install ansible-core"
)
FORKS = 10  # targets that a peer changes at once
_PLAYBOOK = """\
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.copy: {src: ARCHIVE, dest: "{{ folder }}/sent.tar.gz", mode: "0600"}
    - ansible.builtin.command: tar -xzf {{ folder }}/sent.tar.gz -C {{ folder }}
"""


@dataclass(frozen=True, slots=True)
class Result:
    """One way on `targets` of one kind, `times` on each; `cpu_ms` is of the client, for each time.

    `machine_cpu_ms` is of the whole machine: client, targets, kernel, and whatever else runs.
    """

    targets: int
    of: str
    at_once: int
    times: int
    per_second: float
    cpu_ms: float
    machine_cpu_ms: float

    @property
    def per_client_core(self) -> float:
        """Targets a second that the client could serve on one core of its own."""
        return round(1000 / self.cpu_ms, 1)

    def document(self) -> dict[str, Any]:
        return asdict(self)


def measured(targets: Sequence[Target], of: str, at_once: int, work: Callable[[], Any], times: int = 1) -> Result:
    """CPU time of this process and of the programs it ran, with all their threads and children that have ended."""
    begun, cpu, machine = time.monotonic(), _cpu_seconds(), _machine_cpu_seconds()
    work()
    seconds, spent, spent_by_all = time.monotonic() - begun, _cpu_seconds() - cpu, _machine_cpu_seconds() - machine
    count = len(targets) * times
    each, of_all = (round(total * 1000 / count, 2) for total in (spent, spent_by_all))
    return Result(len(targets), of, at_once, times, round(count / seconds, 2), each, of_all)


def _cpu_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _machine_cpu_seconds() -> float:
    """All that was not idle, since the machine started (proc_stat(5): user, nice, system, then irq and softirq)."""
    words = Path("/proc/stat").read_text().partition("\n")[0].split()[1:8]
    user, nice, system, _idle, _waiting, irq, softirq = map(int, words)
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def on_all(targets: Sequence[Target], at_once: int, work: Callable[[Target], Any]) -> None:
    """One after the other in each of so many threads. Raises what any of them raises."""
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(work, targets))


def files(target: Target, name: str) -> ConfigFiles:
    """What is pushed: five files, with another network name each time."""
    return render(an_intent(target.address, a_network(ssid=name)))


class Ours:
    """Drift checks, and pushes that are confirmed over a new connection. Keys are loaded once."""

    def __init__(self, routers: Sequence[Target]) -> None:
        self._keys = {each.key_file: load_client_key(each.key_file) for each in routers}

    def inspection(self, target: Target) -> None:
        """What runs and where the device stands with its last push: a drift check without radios and counters."""
        self._driver(target).standing()

    def drift_check(self, target: Target) -> None:
        """As `provision drift check` and `collect run` do it: one look, which tells radios and counters too."""
        if not self._driver(target).observe().up:
            raise RuntimeError(f"{target.name} did not answer a drift check.")

    def confirmed_push(self, target: Target, name: str) -> None:
        driver = self._driver(target)
        found = push(PushOrder(target.name, name, files(target, name)), driver, driver)
        if found.kind is not OutcomeKind.COMMITTED:
            raise RuntimeError(f"{target.name}: a push was not committed: {found}")

    def _driver(self, target: Target) -> OpenWrtDriver:
        where = Management(target.host, target.port, "root", target.host_key)
        return OpenWrtDriver(SshLink(where, self._keys[target.key_file]), SystemClock())


def netmiko_sftp(target: Target, name: str) -> None:
    """As its documentation shows: connect, upload over the same connection, look at what arrived."""
    with ConnectHandler(
        device_type="linux", host=target.host, port=target.port, username="root", use_keys=True,
        key_file=str(target.key_file),
    ) as shell:  # fmt: skip
        with shell.remote_conn_pre.open_sftp() as sftp:
            for path, data in files(target, name).content.items():
                sftp.putfo(io.BytesIO(data), f"{target.folder}/{Path(path).name}")
        shell.send_command(f"sha256sum {target.folder}/*")


def openssh(target: Target, command: str, stdin: bytes = b"") -> None:
    """One run of the OpenSSH client."""
    words = ["ssh", "-F", "none", "-i", str(target.key_file), "-p", str(target.port), *_SSH_OPTIONS]
    subprocess.run([*words, f"root@{target.host}", command], input=stdin, check=True, capture_output=True)


_SSH_OPTIONS = ("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR")


def archive(config: ConfigFiles) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        for path, content in config.content.items():
            entry = tarfile.TarInfo(Path(path).name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return data.getvalue()


class Ansible:
    """Ansible with ten forks and pipelining; the OpenSSH masters that it leaves behind are not in its CPU time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "ansible"
        self.folder.mkdir()
        self._bin = ANSIBLE_HOME.resolve() / "bin"

    @staticmethod
    def is_installed() -> bool:
        return (ANSIBLE_HOME / "bin" / "ansible-playbook").exists()

    def version(self) -> str:
        said = subprocess.run([self._bin / "ansible", "--version"], check=True, capture_output=True, text=True).stdout
        return said.partition("\n")[0]

    def raw(self, targets: Sequence[Target], command: str) -> None:
        self._run("ansible", "all", "-i", self._inventory(targets), "-m", "raw", "-a", command)

    def copy_and_command(self, targets: Sequence[Target], config: ConfigFiles) -> None:
        source, playbook = self.folder / "sent.tar.gz", self.folder / "playbook.yml"
        source.write_bytes(archive(config))
        playbook.write_text(_PLAYBOOK.replace("ARCHIVE", str(source)))
        self._run("ansible-playbook", "-i", self._inventory(targets), str(playbook))

    def _inventory(self, targets: Sequence[Target]) -> str:
        path = self.folder / "inventory"
        path.write_text(
            "".join(
                f"{each.name} ansible_host={each.host} ansible_port={each.port} ansible_user=root "
                f"folder={each.folder} ansible_ssh_private_key_file={each.key_file}\n"
                for each in targets
            )
        )
        return str(path)

    def _run(self, program: str, *words: str) -> None:
        given = {
            "ANSIBLE_HOST_KEY_CHECKING": "False", "ANSIBLE_PIPELINING": "True", "ANSIBLEFORKS": str(FORKS),
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "tmp"), "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.folder / "cp"),
            "ANSIBLE_HOME": str(self.folder / "home"), "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_SSH_ARGS": f"-F none -o ControlMaster=auto -o ControlPersist=60s {' '.join(_SSH_OPTIONS)}",
        }  # fmt: skip
        done = subprocess.run(
            [self._bin / program, *words], capture_output=True, text=True, check=False, env={**os.environ, **given}
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed ({done.returncode}): {done.stdout[-2000:]} {done.stderr[-2000:]}")
