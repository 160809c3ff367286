import dataclasses
from pathlib import Path

import pytest

from wifi_manager.gateway.names.dnsmasq import api_url, configuration

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "gateway" / "dnsmasq.conf"
PORTAL = "https://portal.city.example"


def with_garden(settings):
    return dataclasses.replace(settings, garden=dataclasses.replace(settings.garden, domains=("help.city.example",)))


def test_the_configuration_of_the_example_is_the_golden_one(settings):
    assert configuration(with_garden(settings), PORTAL, Path("/var/lib/wifi-manager/gateway")) == GOLDEN.read_text()


def test_option_114_is_a_name_over_https_and_short(settings):
    url = api_url(settings)

    assert url == "https://wifi.city.example/captive-portal/api"
    assert len(url) <= 255


@pytest.mark.root
def test_dnsmasq_takes_the_configuration(settings, bare_gateway, tmp_path):
    (tmp_path / "dnsmasq.conf").write_text(configuration(with_garden(settings), PORTAL, tmp_path))

    bare_gateway.check(["dnsmasq", "--test", f"--conf-file={tmp_path / 'dnsmasq.conf'}"])
