from pathlib import Path

import pytest

from tests.gateway.conftest import EXAMPLE
from wifi_manager.domain.errors import BadInput
from wifi_manager.gateway.settings import load


def written(folder: Path, *changes: tuple[str, str]) -> Path:
    text = EXAMPLE.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "gateway.toml").write_text(text)
    return folder / "gateway.toml"


def test_the_shipped_example_is_good(settings):
    assert settings.face.name == "wifi.city.example"
    assert str(settings.network.address) == "10.99.0.1/18"


def test_all_mistakes_are_shown_at_once_each_with_key_expectation_and_example(tmp_path):
    file = written(
        tmp_path,
        ('lan_interface = "br-lan"', 'lan_interface = "far too long a name"'),
        ("redirect_port = 8080", "redirect_port = 0"),
        ('servers = ["192.0.2.53"]', 'servers = ["resolver"]'),
        ('name = "wifi.city.example"', ""),
        ("lease_seconds", "lease_secs"),
    )

    with pytest.raises(BadInput) as raised:
        load(file)

    said = str(raised.value)
    assert "network.lan_interface cannot be 'far too long a name': it is the name of a network interface" in said
    assert "face.redirect_port cannot be 0: it is a port from 1 to 65535, such as 8080." in said
    assert "dns.servers cannot be 'resolver'" in said
    assert "face.name is missing: it is a host name" in said
    assert "dhcp.lease_secs is not a key that this program knows." in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('last = "10.99.63.250"', 'last = "10.98.0.9"', "dhcp: the pool lies in 10.99.0.0/18"),
        ('first = "10.99.1.0"', 'first = "10.99.0.0"', "dhcp: the pool leaves out 10.99.0.1"),
        ('wan_interface = "wan"', 'wan_interface = "br-lan"', "LAN and WAN are two interfaces"),
        ('address = "127.0.0.1"', 'address = "10.99.0.1"', "metrics.address is not the citizens' side"),
        ('servers = ["192.0.2.53"]', "servers = []", "dns.servers names at least one"),
        ('addresses = ["192.0.2.10"]', "addresses = []", "garden.addresses names the portal"),
    ],
)
def test_keys_that_contradict_one_another_are_refused(tmp_path, old, new, said):
    with pytest.raises(BadInput, match=said):
        load(written(tmp_path, (old, new)))


@pytest.mark.parametrize("domain", ["apple.com", "gstatic.com", "www.google.com"])
def test_a_garden_may_not_hold_a_host_where_phones_probe_for_the_internet(tmp_path, domain):
    with pytest.raises(BadInput, match="believe that they are online"):
        load(written(tmp_path, ("domains = []", f'domains = ["{domain}"]')))


@pytest.mark.parametrize("text", ["not = toml = at all", "network = 3"])
def test_a_file_that_is_no_configuration_is_refused_with_its_path(tmp_path, text):
    (tmp_path / "gateway.toml").write_text(text)

    with pytest.raises(BadInput, match=r"gateway\.toml"):
        load(tmp_path / "gateway.toml")


def test_a_file_that_is_not_there_says_where_to_begin(tmp_path):
    with pytest.raises(BadInput, match=r"gateway\.example\.toml"):
        load(tmp_path / "gateway.toml")
