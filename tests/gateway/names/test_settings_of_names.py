"""What gateway.toml says of names and the time, and what `gateway check` says of it."""

import dataclasses
from ipaddress import IPv4Interface

import pytest

from tests.gateway.golden import EXAMPLE
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.probes import PROBE_HOSTS
from wifi_manager.gateway.face.filter_page import filter_page, is_own
from wifi_manager.gateway.names.complaints import complaints
from wifi_manager.gateway.settings import Filters
from wifi_manager.gateway.settings_file import load


def written(folder, *changes):
    text = EXAMPLE.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "gateway.toml").write_text(text)
    return folder / "gateway.toml"


def garden(folder, domain):
    return load(written(folder, ("domains = []", f'domains = ["{domain}"]'))).garden.domains


@pytest.mark.parametrize("probe", PROBE_HOSTS)
@pytest.mark.parametrize("pattern", ["{}", "*.{}"])
def test_a_host_where_phones_probe_is_refused_from_the_garden_as_it_is_and_by_a_name_above_it(
    tmp_path, probe, pattern
):
    for name in (probe, probe.partition(".")[2]):
        if "." in name:
            with pytest.raises(BadInput, match="would let phones believe that they are online before they sign in"):
                garden(tmp_path, pattern.format(name))


def test_a_star_before_a_name_of_the_garden_says_what_holds_anyway(tmp_path):
    assert garden(tmp_path, "*.help.city.example") == ("help.city.example",)


def test_a_filter_without_a_way_to_object_is_refused_and_says_what_to_write(tmp_path):
    lines = [('name = "visitors"', 'name = "visitors"\nfilter = "family"')]
    with pytest.raises(BadInput, match=r"network visitors has a filter: filters\.appeal says how citizens object"):
        load(written(tmp_path, *lines, ("appeal", "# appeal")))

    settings = load(written(tmp_path, *lines))
    assert settings.networks[0].filter == "family"
    assert str(settings.filters.file("family")) == "/etc/wifi-manager/filters/family.txt"


@pytest.mark.parametrize("server", ["ntp.city.example", "192.0.2.123", "2001:db8::123"])
def test_a_clock_is_named_or_has_an_address(tmp_path, server):
    assert load(written(tmp_path, ('servers = ["ntp.city.example"]', f'servers = ["{server}"]'))).ntp.servers == (
        server,
    )


def test_check_names_bad_lines_a_missing_list_and_a_missing_program(settings, tmp_path, monkeypatch):
    network = dataclasses.replace(settings.networks[0], filter="family")
    other = dataclasses.replace(network, name="events", address=IPv4Interface("10.98.0.1/24"), filter="lost")
    filtered = dataclasses.replace(settings, networks=(network, other), filters=Filters(tmp_path, "Write to us."))
    (tmp_path / "family.txt").write_text("casino.example\nwifi.city.example\nnot a name\n")
    monkeypatch.setenv("PATH", str(tmp_path))

    said = list(complaints(filtered))

    assert (
        said[0]
        == "family.txt, line 2: wifi.city.example cannot be filtered, for phones need wifi.city.example to be online."
    )
    assert said[1] == "family.txt, line 3: 'not a name' is not a host name with at least one dot."
    assert "lost.txt cannot be read: No such file or directory. Until it can, nothing is filtered." in said[2]
    assert said[3] == "chronyd is not installed, so phones are not told the time: install chrony."
    assert len(said) == 4


def test_the_page_in_place_of_a_filtered_name_escapes_what_a_city_writes():
    page = filter_page("family", "<Write> to us & more").decode()

    assert "&lt;Write&gt; to us &amp; more" in page
    assert "<Write>" not in page
    assert "이 Wi-Fi에서는 열 수 없습니다" in page


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("wifi.city.example", True),
        ("WIFI.city.example:80", True),
        ("10.99.0.1", True),
        ("10.99.0.1:80", True),
        ("[2001:db8:99::1]", True),
        ("", True),
        ("casino.example", False),
        ("casino.example:80", False),
        ("evil-wifi.city.example", False),
    ],
)
def test_the_gateway_knows_its_own_name_and_addresses_from_others(host, own):
    assert is_own(host, "https://wifi.city.example") is own
