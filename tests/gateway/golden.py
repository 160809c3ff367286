"""Golden files of the gateway: what is made from the example sites. `python -m tests.gateway.golden` writes them anew."""

import dataclasses
from pathlib import Path

from tests.gateway.guard.tables import TEXTS
from wifi_manager.gateway.names import chrony, dnsmasq
from wifi_manager.gateway.names.program import Program
from wifi_manager.gateway.rules.ruleset import ruleset
from wifi_manager.gateway.settings import Ntp
from wifi_manager.gateway.settings_file import load

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "configs" / "gateway" / "gateway.example.toml"
GOLDEN = REPOSITORY / "tests" / "golden" / "gateway"
SITES = ("park", "hall", "bus")


def site_ruleset(name: str) -> str:
    """The ruleset of an example site."""
    return ruleset(load(EXAMPLE.parent / "examples" / f"{name}.toml"))


def example_programs(folder: Path) -> tuple[Program, ...]:
    """What the example file makes of the programs beside the agent, with a garden, a filter and the time."""
    settings, portal = load(EXAMPLE), "https://portal.city.example"
    network = dataclasses.replace(settings.networks[0], filter="family")
    settings = dataclasses.replace(
        settings,
        networks=(network,),
        garden=dataclasses.replace(settings.garden, domains=("help.city.example",)),
        ntp=Ntp(("ntp.city.example", "192.0.2.123")),
    )
    return (
        dnsmasq.lender(settings, network, portal, folder),
        dnsmasq.doorstep(settings, network, portal, folder),
        dnsmasq.filtered(settings, network, portal, folder, ["casino.example"]),
        chrony.program(settings.ntp.servers, network.prefixes, folder),
    )


def made() -> dict[str, str]:
    """All golden files by name."""
    rulesets = {f"{name}.nft": site_ruleset(name) for name in SITES}
    programs = example_programs(Path("/var/lib/wifi-manager/gateway"))
    return {**rulesets, **TEXTS, **{program.file.name: program.configuration for program in programs}}


if __name__ == "__main__":
    for name, text in made().items():
        (GOLDEN / name).write_text(text)
