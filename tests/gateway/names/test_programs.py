"""The configurations of the programs beside the agent: as they should be, and taken by the programs themselves."""

from pathlib import Path

import pytest

from tests.gateway.golden import GOLDEN, example_programs
from wifi_manager.gateway.names.dnsmasq import api_url

PROGRAMS = [program.name for program in example_programs(Path("/x"))]


@pytest.mark.parametrize("place", range(len(PROGRAMS)), ids=PROGRAMS)
def test_a_configuration_of_the_example_is_the_golden_one(place):
    program = example_programs(Path("/var/lib/wifi-manager/gateway"))[place]

    assert program.configuration == (GOLDEN / program.file.name).read_text()


def test_the_captive_portal_is_a_name_over_https_and_short(settings):
    url = api_url(settings)

    assert url == "https://wifi.city.example/captive-portal/api"
    assert len(url) <= 255


@pytest.mark.root
@pytest.mark.parametrize("place", range(len(PROGRAMS)), ids=PROGRAMS)
def test_a_program_takes_its_configuration(bare_gateway, tmp_path, place):
    program = example_programs(tmp_path)[place]
    program.file.write_text(program.configuration)
    look = {
        "dnsmasq": ["dnsmasq", "--test", f"--conf-file={program.file}"],
        "chronyd": ["chronyd", "-p", "-f", str(program.file)],
    }

    bare_gateway.check(look[program.command[0]])
