"""How long the plan of a whole fleet takes, and how much memory: `python -m benchmarks.provisioning_plan N`.

Each of N access points has run what the fleet's layer and its own say; now the fleet's layer says one thing more. The
process does nothing but plan, and prints one JSON object: `seconds`, and `peak_mb` of its memory (millions of bytes).
"""

import ipaddress
import json
import resource
import subprocess
import sys
import time
from typing import Any

import tomli_w

from provisioning.planning import plan
from tests.builders import a_site, an_access_point
from wifi_manager.domain.intent_layers import Layer, Scope
from wifi_manager.services.intents import Wants

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
    """In a process of its own."""
    words = [sys.executable, "-m", "benchmarks.provisioning_plan", str(points)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _main(points: int) -> None:
    sites = [a_site(name=f"Park {number}") for number in range(-(-points // _A_SITE))]
    fleet = [an_access_point(f"AP-{n}", site=sites[n // _A_SITE], radios=()) for n in range(points)]
    running = {each.external_id: tomli_w.dumps({**_FLEET, **_own(n)}) for n, each in enumerate(fleet)}
    layers = [Layer(Scope.parse("fleet"), {**_FLEET, "ntp": ["time.example.net"]})]
    layers += [Layer(Scope.parse(f"ap:{each.external_id}"), _own(n)) for n, each in enumerate(fleet)]
    wants = Wants({each.scope: each for each in layers})
    begun = time.monotonic()
    found = plan(fleet, wants, running)
    seconds = time.monotonic() - begun
    if found.changed != points or found.wrong:
        raise SystemExit(f"The plan is not what it should be: {found.changed} change; {dict(found.wrong)}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(json.dumps({"seconds": round(seconds, 2), "peak_mb": round(peak), "access_points": points}))


def _own(number: int) -> dict[str, Any]:
    address = ipaddress.ip_address("10.0.0.10") + number
    return {"hostname": f"ap-{number}", "management": {"port": "eth0", "address": f"{address}/16"}}


if __name__ == "__main__":
    _main(int(sys.argv[1]))
