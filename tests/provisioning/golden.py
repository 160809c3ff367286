"""Golden files of OpenWrt access points. `PYTHONPATH=. python -m tests.provisioning.golden` writes them anew."""

import ipaddress
from pathlib import Path
from typing import Any

from provisioning.config_files import ConfigFiles
from provisioning.rendering import render
from tests.provisioning.kit import KEY, a_network, an_intent
from wifi_manager.domain.access_points import Band
from wifi_manager.domain.intent import Intent
from wifi_manager.domain.intent_documents import intent_from_document, parse_toml
from wifi_manager.domain.intent_networks import (
    ENTERPRISE,
    KEYLESS,
    KINDS,
    PERSONAL,
    FastRoaming,
    RadiusServer,
    Security,
    WirelessNetwork,
)
from wifi_manager.domain.intent_radios import RadioIntent
from wifi_manager.domain.intent_secrets import filled, secrets_in

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "configs/access_points/intent.example.toml"
GOLDEN = REPOSITORY / "tests/golden/openwrt"
BEFORE = GOLDEN / "before.toml"  # an intent of the first form, as cities have them approved
RADIUS = RadiusServer("main", ipaddress.ip_address("192.0.2.7"), "a-secret-for-the-test")


def example_document() -> dict[str, Any]:
    """The shipped example with secrets of the tests."""
    document = parse_toml(EXAMPLE.read_text("utf-8"))
    made: dict[str, Any] = filled(document, {name: f"kept-as-{name}" for name in secrets_in(document)})
    return made


def security_of(word: str) -> Security:
    """One of each kind."""
    for kinds, words in ((KEYLESS, ()), (PERSONAL, (KEY,)), (ENTERPRISE, (("main",), ("main",)))):
        for kind in kinds:
            if kind.word == word:
                made: Security = kind(*words)
                return made
    raise LookupError(word)


def network_of(word: str) -> WirelessNetwork:
    """A network of that kind with all that it may have."""
    security = security_of(word)
    return a_network(
        ssid="시청 Joe's",
        security=security,
        vlan=30,
        max_stations=64,
        fast_roaming=FastRoaming(over_ds=True, deadline_tu=1000) if security.may_roam_fast else None,
        neighbour_reports=True,
        bss_transition=True,
    )


def intent_of(word: str) -> Intent:
    """An access point with one radio and one network of that kind."""
    return an_intent("192.168.77.10/24", network_of(word), radios=(RadioIntent("radio0", Band.GHZ_5, "KR", 36, 80),), radius=(RADIUS,))  # fmt: skip


def made() -> dict[str, str]:
    """All golden files by name."""
    kinds = {f"{word}.wireless": render(intent_of(word)).text("etc/config/wireless") for word in KINDS}
    before = intent_from_document(parse_toml(BEFORE.read_text("utf-8")))
    return {
        **kinds,
        **_of("example", render(intent_from_document(example_document()))),
        **_of("before", render(before)),
    }


def _of(name: str, files: ConfigFiles) -> dict[str, str]:
    return {f"{name}.{path.rpartition('/')[2]}": files.text(path) for path in files.content}


if __name__ == "__main__":
    for name, text in made().items():
        (GOLDEN / name).write_text(text, "utf-8")
