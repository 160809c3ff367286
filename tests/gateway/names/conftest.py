"""A town whose gateway has a garden by name, a filter in its second network, and the time for phones."""

import sys
from collections.abc import Iterator

import pytest

from tests.gateway.town import Town
from tests.lab.city import CONTROL_NAME, INTERNET_ADDRESS, LabCity, program_options
from tests.lab.control_simulator import ControlSimulator
from tests.lab.dns import serving, time_answer, tunnel_answer

HELP, HELP_ADDRESS, HELP_ADDRESS6 = "help.example", "198.18.0.4", "2001:2:0:1::4"
RESOLVER_ADDRESS, TUNNEL_ADDRESS = "198.18.0.54", "198.18.0.55"
APPEAL = "Write to wifi@city.example & we look at it."
CLOCK_IS_WRONG_BY = 3600.0


@pytest.fixture(scope="package")
def names_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with LabCity(tmp_path_factory.mktemp("names")) as lab:
        _build_names(lab)
        _configure(lab)
        with (
            serving(lab.internet, TUNNEL_ADDRESS, 53, tunnel_answer),
            serving(lab.internet, INTERNET_ADDRESS, 123, time_answer(CLOCK_IS_WRONG_BY)),
        ):
            control = ControlSimulator(lab.city, lab.authority.certificate(CONTROL_NAME))
            lab.enrol_gateway(control.token, control.url)
            yield Town(lab, control, lab.run_gateway())
            control.stop()


def _build_names(lab: LabCity) -> None:
    """One more resolver, for it knows more names; and a web server that is a garden."""
    for address in (f"{HELP_ADDRESS}/24", f"{RESOLVER_ADDRESS}/24", f"{TUNNEL_ADDRESS}/24", f"{HELP_ADDRESS6}/64"):
        lab.internet.ip("addr", "add", address, "dev", "core", *(["nodad"] if ":" in address else []))
    text = (lab.folder / "internet-dns.conf").read_text()
    lines = [
        text.replace("listen-address=198.18.0.53", f"listen-address={RESOLVER_ADDRESS}"),
        f"server=/tunnel.example/{TUNNEL_ADDRESS}",
        f"address=/{HELP}/{HELP_ADDRESS}",
        f"address=/{HELP}/{HELP_ADDRESS6}",
        "dns-rr=casino.example,65,000100",
        "",
    ]
    (lab.folder / "names-dns.conf").write_text("\n".join(lines))
    lab.internet.start(["dnsmasq", f"--conf-file={lab.folder / 'names-dns.conf'}"])
    web = [sys.executable, "-m", "tests.lab.internet", HELP_ADDRESS, HELP_ADDRESS6]
    lab.internet.start(web, **program_options())


def _configure(lab: LabCity) -> None:
    (lab.folder / "filters").mkdir()
    write_list(lab, "casino.example", "0.0.0.0 ads.example")
    text = lab.gateway_config.read_text()
    for old, new in (
        ('servers = ["198.18.0.53"]', f'servers = ["{RESOLVER_ADDRESS}"]'),
        ('name = "events"', 'name = "events"\nfilter = "family"'),
        ("[garden]", f'[garden]\ndomains = ["{HELP}"]'),
    ):
        assert old in text
        text = text.replace(old, new)
    text += f'\n[ntp]\nservers = ["{INTERNET_ADDRESS}"]\n'
    text += f'\n[filters]\ndirectory = "{lab.folder / "filters"}"\nappeal = "{APPEAL}"\n'
    lab.gateway_config.write_text(text)


def write_list(lab: LabCity, *lines: str) -> None:
    """Replace the list of the network `events`."""
    new = lab.folder / "filters" / "new"
    new.write_text("\n".join(lines) + "\n")
    new.replace(lab.folder / "filters" / "family.txt")
