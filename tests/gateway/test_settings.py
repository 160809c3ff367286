from pathlib import Path

import pytest

from tests.gateway.golden import EXAMPLE
from tests.lab.probes import PROBES
from wifi_manager.domain.errors import BadInput
from wifi_manager.gateway.settings_file import load


def written(folder: Path, *changes: tuple[str, str]) -> Path:
    text = EXAMPLE.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "gateway.toml").write_text(text)
    return folder / "gateway.toml"


def test_the_shipped_example_is_good(settings):
    (network,) = settings.networks
    assert settings.face.name == "wifi.city.example"
    assert (network.name, str(network.address), str(network.address6)) == (
        "visitors",
        "10.99.0.1/18",
        "2001:db8:99::1/64",
    )
    assert (settings.limits.connections, settings.limits.new_connections) == (4096, 200)


def test_all_mistakes_are_shown_at_once_each_with_key_expectation_and_example(tmp_path):
    file = written(
        tmp_path,
        ('interface = "br-lan"', 'interface = "far too long a name"'),
        ("redirect_port = 8080", "redirect_port = 0"),
        ('servers = ["192.0.2.53"]', 'servers = ["resolver"]'),
        ('name = "wifi.city.example"', ""),
        ("lease_seconds", "lease_secs"),
        ("2001:db8:99::1/64", "2001:db8:99::1/48"),
    )

    with pytest.raises(BadInput) as raised:
        load(file)

    said = str(raised.value)
    assert (
        "network.interface (the network at place 1) cannot be 'far too long a name': "
        "it is the name of a network interface" in said
    )
    assert "network.address6 (the network at place 1) cannot be '2001:db8:99::1/48': it is an IPv6 address" in said
    assert "face.redirect_port cannot be 0: it is a port from 1 to 65535, such as 8080." in said
    assert "dns.servers cannot be 'resolver'" in said
    assert "face.name is missing: it is a host name" in said
    assert "network.lease_secs (the network at place 1) is not a key that this program knows." in said


OTHER = """
[[network]]
name = "{name}"
interface = "{interface}"
address = "{address}"
address6 = "{address6}"
dhcp_first = "10.98.0.10"
dhcp_last = "10.98.0.20"
"""


def another(**fields):
    """The example's last table, and a second network after it."""
    values = {"name": "events", "interface": "br2", "address": "10.98.0.1/24", "address6": "2001:db8:98::1/64"}
    return "[limits]", OTHER.format(**{**values, **fields}) + "\n[limits]"


def test_several_networks_are_read_in_their_order(tmp_path):
    settings = load(written(tmp_path, another()))

    assert [network.name for network in settings.networks] == ["visitors", "events"]
    assert settings.lan_interfaces == ("br-lan", "br2")
    assert settings.networks[1].lease_seconds == 86400


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('last = "10.99.63.250"', 'last = "10.98.0.9"', "network visitors: the pool lies in 10.99.0.0/18"),
        ('first = "10.99.1.0"', 'first = "10.99.0.0"', "network visitors: the pool leaves out 10.99.0.1"),
        ('first = "10.99.1.0"', 'first = "10.99.63.251"', "network visitors: dhcp_first is not above"),
        ("10.99.0.1/18", "10.99.0.0/18", "10.99.0.0 is no address of a machine"),
        ("2001:db8:99::1/64", "2001:db8:99::/64", "2001:db8:99:: means any router"),
        ('interface = "wan"', 'interface = "br-lan"', "br-lan is the uplink and a network of phones"),
        ("interfaces = []", 'interfaces = ["br-lan"]', "management.interfaces: br-lan is a network of phones"),
        (
            "addresses = []                  #",
            'addresses = ["10.0.0.0/8"] #',
            r"management.addresses: 10.0.0.0/8 overlaps with the network visitors",
        ),
        ('address = "127.0.0.1"', 'address = "10.99.0.1"', "metrics.address is not the citizens' side"),
        ('address = "127.0.0.1"', 'address = "2001:db8:99::1"', "metrics.address is not the citizens' side"),
        ('servers = ["192.0.2.53"]', "servers = []", "dns.servers names at least one"),
        ('servers = ["192.0.2.53"]', 'servers = ["10.99.0.9"]', "dns.servers: 10.99.0.9 is in the network visitors"),
        ('addresses = ["192.0.2.10", "2001:db8::10"]', "addresses = []", "garden.addresses names the portal"),
        (*another(name="visitors"), "Two networks have the name visitors"),
        (*another(interface="br-lan"), "Two networks have the interface br-lan: visitors and events"),
        (*another(address="10.99.9.1/24"), "10.99.0.0/18 of the network visitors overlaps with 10.99.9.0/24"),
        (*another(address6="2001:db8:99::2/64"), "2001:db8:99::/64 of the network visitors overlaps"),
        ('key = "/etc/wifi-manager/gateway/key.pem"', "", "name both certificate and key, or neither"),
    ],
)
def test_keys_that_contradict_one_another_are_refused(tmp_path, old, new, said):
    with pytest.raises(BadInput, match=said):
        load(written(tmp_path, (old, new)))


def test_a_gateway_without_a_network_is_refused(tmp_path):
    text = EXAMPLE.read_text()
    (tmp_path / "gateway.toml").write_text(text[: text.index("[[network]]")] + text[text.index("[limits]") :])

    with pytest.raises(BadInput, match=r"There is no \[\[network\]\]"):
        load(tmp_path / "gateway.toml")


def test_the_old_form_with_one_network_is_refused_with_the_lines_to_write(tmp_path):
    (tmp_path / "gateway.toml").write_text(OLD_FORM)

    with pytest.raises(BadInput) as raised:
        load(tmp_path / "gateway.toml")

    lines = str(raised.value).partition("write:\n\n")[2]
    text = EXAMPLE.read_text()
    (tmp_path / "gateway.toml").write_text(lines + text[text.index("[face]") :])
    settings = load(tmp_path / "gateway.toml")
    assert (settings.uplink.interface, [str(each) for each in settings.uplink.protected]) == (
        "wan",
        ["172.16.0.0/12"],
    )
    assert (settings.management.interfaces, settings.management.ports) == (("mgmt",), (22, 9464))
    (network,) = settings.networks
    assert (network.name, network.interface, str(network.address)) == ("visitors", "br-lan", "10.99.0.1/18")
    assert (str(network.dhcp_first), str(network.dhcp_last), network.lease_seconds) == (
        "10.99.1.0",
        "10.99.63.250",
        600,
    )


OLD_FORM = """
[network]
lan_interface = "br-lan"
wan_interface = "wan"
address = "10.99.0.1/18"
protected = ["172.16.0.0/12"]
management_interfaces = ["mgmt"]
management_ports = [22, 9464]
[dhcp]
first = "10.99.1.0"
last = "10.99.63.250"
lease_seconds = 600
"""


_PARENTS = {probe.host.partition(".")[2] for probe in PROBES if probe.host.count(".") > 1}


@pytest.mark.parametrize("domain", sorted({probe.host for probe in PROBES if probe.host != "nmcheck.lab"} | _PARENTS))
def test_p6_a_garden_may_not_hold_a_host_where_phones_probe_for_the_internet(tmp_path, domain):
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


def test_without_files_the_certificate_comes_through_control_and_lies_with_the_state(tmp_path, settings):
    files = ('certificate = "/etc/wifi-manager/gateway/fullchain.pem"', 'key = "/etc/wifi-manager/gateway/key.pem"')
    face = load(written(tmp_path, *((line, "") for line in files))).face

    assert (face.certificate.parent, face.key.parent) == (settings.state, settings.state)
    assert (face.issued_by_control, settings.face.issued_by_control) == (True, False)


@pytest.mark.parametrize(("line", "ends"), [('copied = "end"', True), ('copied = "tell"', False), ("", True)])
def test_the_visit_of_a_copied_device_ends_unless_the_city_only_wants_to_know(tmp_path, line, ends):
    assert load(written(tmp_path, ('copied = "end"', line))).guard.ends_copied is ends
