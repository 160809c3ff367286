"""How fast a gateway answers a phone that looks for the internet: wrk, from one phone that is not signed in."""

import re
from typing import Any

from benchmarks.measuring import cpu_seconds
from tests.lab.citizen import PROBE
from tests.lab.city import INTERNET_ADDRESS
from tests.lab.phone import Phone

CONNECTIONS = (1, 16, 64)
_HOST, _, _PATH = PROBE.removeprefix("http://").partition("/")
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


def measure(phone: Phone, server: int, seconds: int) -> list[dict[str, Any]]:
    """Redirects a second at each number of connections; `server` is the process that answers."""
    # A connection a redirect: without it one address would run out of ports.
    phone.namespace.check(["sysctl", "-qw", "net.ipv4.tcp_tw_reuse=1"])
    return [_measure(phone, server, seconds, each) for each in CONNECTIONS]


def _measure(phone: Phone, server: int, seconds: int, connections: int) -> dict[str, Any]:
    before = cpu_seconds(server)
    words = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-H", f"Host: {_HOST}"]
    said = phone.namespace.check([*words, f"http://{INTERNET_ADDRESS}/{_PATH}"])
    spent, figures = cpu_seconds(server) - before, read(said)
    answered = figures.pop("answered")
    return {
        "connections": connections,
        **figures,
        "cpu_ms_a_redirect": round(spent * 1000 / answered, 3) if answered else None,
    }


def read(said: str) -> dict[str, Any]:
    """The figures in what wrk says. Answers of another status than 2xx and 3xx count as failed."""
    refused = _number(r"Non-2xx or 3xx responses: (\d+)", said)
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    return {
        "per_second": round(_number(r"Requests/sec: +([\d.]+)", said)),
        "p50_ms": _milliseconds("50%", said),
        "p99_ms": _milliseconds("99%", said),
        "failed": int(refused) + sum(map(int, errors.groups() if errors else ())),
        "answered": int(_number(r"(\d+) requests in", said)),
    }


def _number(pattern: str, said: str) -> float:
    found = re.search(pattern, said)
    return float(found[1]) if found else 0.0


def _milliseconds(share: str, said: str) -> float | None:
    found = re.search(rf"{share} +([\d.]+)(us|ms|s|m)\b", said)
    return None if found is None else round(float(found[1]) * _SECONDS[found[2]] * 1000, 2)
