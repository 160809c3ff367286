"""A gateway that runs as its systemd unit lets it: as an ordinary user with three capabilities."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.town import API, ONLINE, is_online
from tests.house.sources import ROOT
from tests.lab.city import METRICS_PORT, WAN_ADDRESS
from tests.lab.control_simulator import a_grant
from tests.lab.namespaces import fresh_name

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow]

NOBODY = 65_534
UNIT = (ROOT / "configs" / "gateway" / "wifi-manager-gateway.service").read_text(encoding="utf-8")
CAPABILITIES = re.search(r"^AmbientCapabilities=(.*)$", UNIT, re.MULTILINE)[1].lower().replace("cap_", "").split()


def as_an_ordinary_user(command: list[str]) -> list[str]:
    """So that root's own home may hold the interpreter, this one may also read everything; it may write nothing more."""
    kept = ",".join(["-all", *(f"+{each}" for each in (*CAPABILITIES, "dac_read_search"))])
    limits = ["--bounding-set", kept, "--inh-caps", kept, "--ambient-caps", kept, "--no-new-privs"]
    return ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", *limits, *command]


@pytest.fixture
def config(town) -> Iterator[Path]:
    """gateway.toml where everybody may read it."""
    with tempfile.TemporaryDirectory(prefix=fresh_name()) as folder:
        Path(folder).chmod(0o755)
        yield Path(shutil.copy(town.lab.gateway_config, folder))


def test_the_gateway_does_all_its_work_with_the_capabilities_of_its_unit(town, config):
    town.kill()
    for path in (town.lab.gateway_state, *town.lab.gateway_state.iterdir()):
        shutil.chown(path, NOBODY, NOBODY)
    town.lab.gateway.check(["nft", "flush", "ruleset"])
    town.lab.gateway.check(["sysctl", "-qw", "net.ipv4.ip_forward=0"])
    for configuration in town.lab.gateway_state.glob("*.conf"):  # so that it starts resolvers of its own
        configuration.unlink()
    run = town.lab.manager("gateway", "run", "--config", str(config))

    town.agent = town.lab.run_gateway(program=as_an_ordinary_user(run))

    status = Path(f"/proc/{town.agent.pid}/status").read_text()
    assert re.search(r"^Uid:\s+(\d+)", status, re.MULTILINE)[1] == str(NOBODY)
    phone, number = town.phone()
    phone.dhcp()
    assert phone.curl(ONLINE).status == 302
    town.control.admit(a_grant(number, phone.mac, phone.address))
    assert is_online(phone)
    assert phone.curl(API, "-H", "Accept: application/captive+json").status == 200
    town.control.end(f"visit-{number}")
    assert not is_online(phone)
    log = (town.lab.folder / "gateway.log").read_text()
    assert [line for line in log.splitlines() if "ermission denied" in line or "not permitted" in line] == []
    failed = set(re.findall(r'^wifi_gateway_problems_total{reason="(\w+)"}', metrics(town), re.MULTILINE))
    assert failed <= {"advertise"}  # which waits until the new bridge's own address is usable


def metrics(town) -> str:
    return town.lab.city.check(["curl", "-sS", f"http://{WAN_ADDRESS}:{METRICS_PORT}/metrics"])
