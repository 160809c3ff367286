"""How long the plan of a whole fleet takes, from the database to the groups, and how much memory.

As a program (`python -m benchmarks.provisioning_plan DATABASE`) it does nothing but plan, and prints one JSON object:
`seconds`, and `peak_mb` of its own memory (millions of bytes).
"""

import ipaddress
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import tomli_w

from provisioning.planning import plan
from tests.builders import A_CITY, A_MASTER_KEY, a_site, an_access_point
from wifi_manager.clock import SystemClock
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.intent_layers import Scope
from wifi_manager.services.intents import Intents
from wifi_manager.storage import migrate
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.pushes import Wanted
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault

_A_SITE = 20  # access points of each
_FLEET: dict[str, Any] = {
    "management": {"port": "eth0"},
    "radios": [{"name": "radio0", "band": "2.4", "country": "KR"}, {"name": "radio1", "band": "5", "country": "KR"}],
    "networks": [
        {"name": "visitors", "ssid": "City", "encryption": "owe", "radios": ["radio0", "radio1"], "vlan": 30},
        {"name": "staff", "ssid": "Staff", "encryption": "sae", "key": "a-secret-passphrase", "radios": ["radio1"]},
    ],
}


def measure(points: int) -> dict[str, float]:
    """In a process of its own, against a database with so many access points of which each has been pushed to."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder, 'city.db')}"
        _make(url, points)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.provisioning_plan", url], capture_output=True, text=True, check=True
        )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _make(url: str, points: int) -> None:
    engine = open_engine(url)
    migrate.upgrade(engine, A_CITY)
    store = Store(engine, A_CITY.slug, Vault(A_MASTER_KEY, A_CITY.slug))
    clock = SystemClock()
    intents = Intents(store, clock)
    sites = [a_site(name=f"Park {number}") for number in range(-(-points // _A_SITE))]
    fleet = [an_access_point(f"AP-{n}", site=sites[n // _A_SITE], radios=()) for n in range(points)]
    with store.begin() as tx:
        tx.sites.save(sites)
        tx.access_points.save(fleet, tx.sites.numbers())
        for number, each in enumerate(fleet):
            document = {"hostname": f"ap-{number}", **_FLEET, "management": _line(number)}
            tx.access_points.manage(
                each.external_id, "openwrt", Management(_address(number), 22, "root", "SHA256:abc")
            )
            tx.pushes.set_wanted(each.external_id, Wanted(tomli_w.dumps(document), "", clock.now()))
    layers = {Scope.parse("fleet"): {**_FLEET, "ntp": ["time.example.net"]}}
    layers |= {Scope.parse(f"ap:AP-{n}"): {"hostname": f"ap-{n}", "management": _line(n)} for n in range(points)}
    for scope, document in layers.items():
        version = intents.propose(scope, tomli_w.dumps(document), "benchmark", by="benchmark")
        intents.approve(scope, version.version, by="benchmark")
    store.dispose()


def _address(number: int) -> str:
    return str(ipaddress.ip_address("10.0.0.10") + number)


def _line(number: int) -> dict[str, str]:
    return {"port": "eth0", "address": f"{_address(number)}/16"}


def _plan(url: str) -> None:
    store = Store(open_engine(url), A_CITY.slug, Vault(A_MASTER_KEY, A_CITY.slug))
    intents = Intents(store, SystemClock())
    begun = time.monotonic()
    found = plan(intents.fleet(), intents.wants(None), intents.running())
    seconds = time.monotonic() - begun
    if not found.changed or found.wrong:
        raise SystemExit(f"The plan is not what it should be: {found.changed} change; {dict(found.wrong)}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(json.dumps({"seconds": round(seconds, 2), "peak_mb": round(peak), "access_points": found.changed}))


if __name__ == "__main__":
    _plan(sys.argv[1])
