"""Golden files of the gateway: what is made from the example sites. `python -m tests.gateway.golden` writes them anew."""

import dataclasses
from pathlib import Path

from tests.gateway.guard.tables import TEXTS
from wifi_manager.gateway.names.dnsmasq import configuration
from wifi_manager.gateway.rules.ruleset import ruleset
from wifi_manager.gateway.settings_file import load

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "configs" / "gateway" / "gateway.example.toml"
GOLDEN = REPOSITORY / "tests" / "golden" / "gateway"
SITES = ("park", "hall", "bus")


def site_ruleset(name: str) -> str:
    """The ruleset of an example site."""
    return ruleset(load(EXAMPLE.parent / "examples" / f"{name}.toml"))


def example_resolver(folder: Path) -> str:
    """The resolver's configuration of the example file, with a garden."""
    settings = load(EXAMPLE)
    garden = dataclasses.replace(settings.garden, domains=("help.city.example",))
    return configuration(dataclasses.replace(settings, garden=garden), "https://portal.city.example", folder)


def made() -> dict[str, str]:
    """All golden files by name."""
    rulesets = {f"{name}.nft": site_ruleset(name) for name in SITES}
    return {**rulesets, **TEXTS, "dnsmasq.conf": example_resolver(Path("/var/lib/wifi-manager/gateway"))}


if __name__ == "__main__":
    for name, text in made().items():
        (GOLDEN / name).write_text(text)
