"""A citizen signs in with the nation's eID: the provider is behind the walled garden, and open only meanwhile."""

import html
import re
import sys
from urllib.parse import urlencode

import pytest

from tests.lab.citizen import Citizen, is_online
from tests.lab.city import OWN_NAME, PORTAL_NAME, program_options
from tests.lab.namespaces import wait_for
from tests.lab.openid_provider import CLIENT_ID, CLIENT_SECRET, USERS

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(400)]  # with the whole city

ID_NAME, ID_ADDRESS, ID_ADDRESS6 = "id.nation.example", "198.18.0.6", "2001:2:0:1::6"
ISSUER = f"https://{ID_NAME}"
CONFIGURATION = f"{ISSUER}/.well-known/openid-configuration"
OTHER_SITE = "https://news.example/"
REFUSED = 7  # curl's exit code
_EID = """
[eid]
issuer = "{issuer}"
client_id = "{client_id}"
client_secret_file = "{secret}"
ca_file = "{ca}"
"""


@pytest.fixture(scope="module")
def city(prepared_city):
    _start_provider(prepared_city)
    _configure(prepared_city)
    prepared_city.start_servers("portal", "control")
    prepared_city.start_gateway()
    phone = prepared_city.join().phone
    wait_for("a resolver that has heard of the provider", lambda: _is_known(prepared_city, phone), 60)
    return prepared_city


def _is_known(city, phone) -> bool:
    """Whether the provider's address is in the gateway's set after a phone has asked for it, and refused all the same."""
    refused = phone.curl(CONFIGURATION, "-4", seconds=5).exit_code == REFUSED  # and not unknown yet
    return refused and ID_ADDRESS in city.lab.gateway.check(["nft", "list", "set", "inet", "wifi", "eid4"])


def _start_provider(city):
    lab = city.lab
    lab.internet.ip("addr", "add", f"{ID_ADDRESS}/24", "dev", "core")
    lab.internet.ip("addr", "add", f"{ID_ADDRESS6}/64", "dev", "core", "nodad")
    own = lab.authority.certificate(ID_NAME)
    names = (lab.folder / "internet-dns.conf").read_text()
    names = names.replace("listen-address=198.18.0.53", "listen-address=198.18.0.54")
    lines = [names, *(f"address=/{ID_NAME}/{address}" for address in (ID_ADDRESS, ID_ADDRESS6)), ""]
    (lab.folder / "eid-dns.conf").write_text("\n".join(lines))
    lab.internet.ip("addr", "add", "198.18.0.54/24", "dev", "core")
    lab.internet.start(["dnsmasq", f"--conf-file={lab.folder / 'eid-dns.conf'}"])
    provider = [sys.executable, "-m", "tests.lab.openid_provider", "--issuer", ISSUER]
    provider += ["--redirect-uri", f"https://{PORTAL_NAME}/eid/back", "--certificate", str(own.chain)]
    provider += ["--key", str(own.key), "--listen", ID_ADDRESS, "--listen", ID_ADDRESS6]
    with (lab.folder / "provider.log").open("ab") as log:
        lab.internet.start(provider, stdout=log, stderr=log, **program_options())


def _configure(city):
    lab = city.lab
    text = lab.gateway_config.read_text().replace('servers = ["198.18.0.53"]', 'servers = ["198.18.0.54"]')
    lab.gateway_config.write_text(text)
    lab.city.resolver("198.18.0.54")
    secret = city.folder / "eid.secret"
    secret.touch(mode=0o600)
    secret.write_text(f"{CLIENT_SECRET}\n")
    given = _EID.format(issuer=ISSUER, client_id=CLIENT_ID, secret=secret, ca=lab.authority.root)
    settings = city.settings_file.read_text().replace("[portal]", '[portal]\nways = ["eid", "click_through"]')
    settings = settings.replace('fresh_ticket_url = "http:', 'fresh_ticket_url = "https:')
    city.settings_file.write_text(settings + given)
    wait_for("the provider", lambda: city.fetch(CONFIGURATION) is not None, 60)


def reaches_provider(citizen: Citizen, family: str = "-4") -> bool:
    answer = citizen.phone.curl(CONFIGURATION, family, seconds=5)
    assert answer.status == 200 or answer.exit_code == REFUSED, answer
    return answer.status == 200


def joined(city, language="en") -> Citizen:
    """With an IPv6 address too."""
    citizen = city.join(language)
    suffix = citizen.phone.address.rpartition(".")[2]
    citizen.phone.static6(f"2001:2:0:99::1:{suffix}/64", gateway="2001:2:0:99::1")
    return citizen


def begin(citizen: Citizen) -> str:
    """Up to the page that leads to the provider; where it leads."""
    citizen.open_portal()
    citizen.open(_linked(citizen, "/eid"))
    citizen._submit("/eid")
    wait_for(
        "the way to the provider", lambda: "state=" in _refresh(citizen) or citizen.open(citizen.url) is None, 30
    )
    return _refresh(citizen)


def _linked(citizen: Citizen, path: str) -> str:
    found = re.findall(rf'href="({path}\?[^"]+)"', citizen.page)
    return f"https://{PORTAL_NAME}{html.unescape(found[0])}"


def _refresh(citizen: Citizen) -> str:
    found = re.findall(r'http-equiv="refresh" content="0;url=([^"]+)"', citizen.page)
    return html.unescape(found[0]) if found else ""


def sign_in(citizen: Citizen, url: str) -> None:
    """On the provider's page; then the browser follows wherever it is sent."""
    assert citizen.open(url).status == 200
    given = {"username": "mina", "password": USERS["mina"][0]}
    citizen._follow(citizen._get(url, "--data", urlencode(given)), url)


def test_an_eid_opens_the_door_and_the_garden_is_open_meanwhile_and_for_nobody_else(city):
    citizen, neighbour = joined(city), joined(city)
    assert not any(reaches_provider(each, family) for each in (citizen, neighbour) for family in ("-4", "-6"))

    url = begin(citizen)
    assert url.startswith(f"{ISSUER}/authorize?")
    assert all(reaches_provider(citizen, family) for family in ("-4", "-6"))
    assert not any(reaches_provider(neighbour, family) for family in ("-4", "-6"))
    assert citizen.phone.curl(OTHER_SITE).exit_code == REFUSED
    assert citizen.phone.curl(f"http://{ID_NAME}/").location.startswith(f"https://{PORTAL_NAME}/")
    assert not is_online(citizen.phone)

    sign_in(citizen, url)

    assert citizen.url.startswith(f"https://{PORTAL_NAME}/connected")
    assert is_online(citizen.phone)
    assert f"https://{OWN_NAME}/eid?r=" in "".join(each.location for each in citizen.answers)
    assert [each for each in citizen.answers if "set-cookie" in each.headers] == []
    ((method, used),) = city.rows("SELECT method, up_bytes + down_bytes FROM visit ORDER BY id DESC LIMIT 1")
    assert (method, used) == ("eid", 0)
    assert int(eid_counters(city)["eid_dn"]) > 0

    citizen.open_status()
    citizen.sign_out()
    wait_for("the end of the visit", lambda: not is_online(citizen.phone))
    assert not any(reaches_provider(each, family) for each in (citizen, neighbour) for family in ("-4", "-6"))
    for kept in ("subject-1", "Never To Be Kept", "never@kept.example"):
        assert kept not in city.logs()


def test_a_sign_in_that_a_victim_was_talked_into_lets_neither_phone_in(city):
    attacker, victim = joined(city), joined(city)
    url = begin(attacker)
    begin(victim)  # so that their phone reaches the provider too

    sign_in(victim, url)

    assert "another device" in victim.page
    assert victim.answers[-1].status == 403
    attacker.open_portal()
    assert not is_online(attacker.phone)
    assert not is_online(victim.phone)


def eid_counters(city) -> dict[str, str]:
    """Packets by name, as the kernel has them."""
    told = city.lab.gateway.check(["nft", "list", "counters", "table", "inet", "wifi"])
    return dict(re.findall(r"counter (eid_\w+) \{\s+packets (\d+)", told))
