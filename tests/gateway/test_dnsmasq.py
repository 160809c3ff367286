import pytest

from tests.gateway.golden import example_resolver
from wifi_manager.gateway.names.dnsmasq import api_url


def test_option_114_is_a_name_over_https_and_short(settings):
    url = api_url(settings)

    assert url == "https://wifi.city.example/captive-portal/api"
    assert len(url) <= 255


@pytest.mark.root
def test_dnsmasq_takes_the_configuration(bare_gateway, tmp_path):
    (tmp_path / "dnsmasq.conf").write_text(example_resolver(tmp_path))

    bare_gateway.check(["dnsmasq", "--test", f"--conf-file={tmp_path / 'dnsmasq.conf'}"])
