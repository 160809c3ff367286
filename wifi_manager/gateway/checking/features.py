"""What this kernel can do for a gateway, and whether it takes the rules: tried, never read off a version."""

import json
import os
import sys
from collections.abc import Iterator, Mapping

from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.checking import throwaway
from wifi_manager.gateway.checking.findings import Finding, good, unknown, warning, wrong
from wifi_manager.gateway.rules import nft

_ABOUT = "kernel"
_PROBE = (sys.executable, "-m", "wifi_manager.gateway.checking.probe")
_MODULES = "apt-get install linux-image-amd64 # a kernel with all modules, then reboot"
_AS_ROOT = "sudo wifi-manager gateway check"
_OLDER_WAYS = {  # what the agent does in another way where the kernel cannot
    "renew": "renew a timeout",
    "destroy": "remove what may be gone",
    "reset": "read and reset counters in one step",
    "end": "acknowledge a batch at its end",
    "select": "forget connections by address",
}
_WITHOUT = {  # what citizens or city IT miss where the kernel cannot
    "bridge": "no tables for bridges (nf_tables_bridge): forged DHCP and copied devices are not seen between ports.",
    "htb": "no HTB (sch_htb): rates are held by dropping, which is rougher for downloads.",
    "fq_codel": "no fq_codel (sch_fq_codel): a full uplink answers late.",
    "policy_routing": "no policy routing: `nft flush ruleset` by hand would open the network.",
}


def kernel() -> Iterator[Finding]:
    """Try everything in a network namespace that is thrown away."""
    try:
        done = throwaway.run(_PROBE)
    except throwaway.NoNamespace as problem:
        yield unknown(_ABOUT, str(problem), _AS_ROOT)
        return
    if done.returncode:
        yield wrong(_ABOUT, done.stderr.strip().splitlines()[-1], "modprobe nf_tables")
        return
    yield from judge(json.loads(done.stdout))


def judge(found: Mapping[str, bool]) -> Iterator[Finding]:
    """Findings from the probe's answers."""
    older = [words for name, words in _OLDER_WAYS.items() if not found[name]]
    if older:
        yield good(_ABOUT, f"It cannot {', '.join(older)}; the gateway does that in older ways.")
    else:
        yield good(_ABOUT, "It knows every newer way of changing rules.")
    for name, words in _WITHOUT.items():
        if not found[name]:
            yield warning(_ABOUT, f"It has {words}", _MODULES)


def rules(text: str) -> Finding:
    """Let the kernel read the rules without loading them: beside those that are loaded, where one may do that."""
    about, mend = "rules", "wifi-manager gateway rules"
    try:
        if os.geteuid() == 0:
            nft.check(text)
        elif (done := throwaway.run(["nft", "-c", "-f", "-"], text)).returncode:
            return wrong(about, f"nft refused: {done.stderr.strip()}", mend)
    except throwaway.NoNamespace as nowhere:
        return unknown(about, str(nowhere), _AS_ROOT)
    except OutsideFailure as refused:
        return wrong(about, str(refused), mend)
    return good(about, "The kernel takes them.")
