"""SNMP: Debian's own snmpd reads what is rendered, and answers to those alone who know the keys."""

import ipaddress
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from provisioning import linux_rendering, rendering
from provisioning.changes import shown
from provisioning.uci import parse
from tests.lab.namespaces import Namespace, Namespaces, wait_for
from tests.provisioning.kit import an_intent
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent_documents import intent_from_document
from wifi_manager.domain.intent_services import Snmp

ADDRESS = "192.0.2.10"
NAME = "1.3.6.1.2.1.1.5.0"  # sysName of RFC 3418
LOCATION = "1.3.6.1.2.1.1.6.0"
PLACE = "Willow park, 'lamp' #14  시청"
USER = Snmp(user="collector", auth_key="kept-for-proof", privacy_key="kept-for-hiding", location=PLACE)
COMMUNITY = Snmp("not-public", (ipaddress.ip_network("192.0.2.0/24"),))


def wanted(snmp: Snmp):
    return an_intent(f"{ADDRESS}/24", snmp=snmp)


@pytest.fixture
def here() -> Iterator[Namespace]:
    """A network with the access point's address, and with another one."""
    with Namespaces() as made:
        namespace = made.add("snmp")
        for address in (ADDRESS, "198.51.100.9"):
            namespace.ip("addr", "add", f"{address}/24", "dev", "lo")
        yield namespace


@contextmanager
def running(here: Namespace, folder: Path, snmp: Snmp) -> Iterator[None]:
    """The real agent on the rendered file, as the distribution starts it; what it keeps is in the folder."""
    conf = folder / "snmpd.conf"
    conf.write_bytes(linux_rendering.render(wanted(snmp)).content["etc/snmp/snmpd.conf"])
    log = folder / "log"
    log.touch()
    environ = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SNMP_PERSISTENT_DIR": str(folder), "MIBS": ""}
    agent = here.start(["snmpd", "-f", "-C", "-c", str(conf), "-Lf", str(log), "-I", "-smux"], env=environ)
    try:
        wait_for("an agent that runs", lambda: "NET-SNMP version" in log.read_text())
        assert f"{conf}: line" not in log.read_text()  # that is how it complains
        yield
    finally:
        agent.terminate()
        agent.wait(20)


def get(here: Namespace, *words: str, oid: str = NAME) -> "subprocess.CompletedProcess[str]":
    environ = {"PATH": "/usr/bin:/bin", "SNMPCONFPATH": "/nowhere", "MIBS": "", "SNMP_PERSISTENT_DIR": "/nowhere"}
    return here.run(["snmpget", "-Ovq", "-t", "1", "-r", "1", *words, ADDRESS, oid], env=environ)


def by_user(auth="kept-for-proof", privacy="kept-for-hiding", level="authPriv", user="collector"):
    hidden = ("-x", "AES", "-X", privacy) if level == "authPriv" else ()
    return ("-v3", "-l", level, "-u", user, "-a", "SHA", "-A", auth, *hidden)


@pytest.mark.lab
def test_version_3_answers_its_user_with_both_keys_and_nobody_else(here, tmp_path):
    with running(here, tmp_path, USER):
        told = get(here, *by_user())
        assert told.stdout.strip() == '"park-01"', told.stderr
        assert bytes.fromhex(get(here, "-Ox", *by_user(), oid=LOCATION).stdout.replace('"', "")).decode() == PLACE
        for refused in (
            by_user(auth="another-proof"),
            by_user(privacy="another-hiding"),
            by_user(level="authNoPriv"),
            by_user(user="somebody"),
            ("-v2c", "-c", "not-public"),
            ("-v2c", "-c", "public"),
        ):
            asked = get(here, *refused)
            assert (asked.returncode == 0, "park-01" in asked.stdout) == (False, False), refused


@pytest.mark.lab
def test_other_keys_replace_those_that_the_agent_remembers(here, tmp_path):
    with running(here, tmp_path, USER):
        assert get(here, *by_user()).returncode == 0
    changed = Snmp(user="collector", auth_key="proof-of-later", privacy_key="hiding-of-later")
    with running(here, tmp_path, changed):
        assert get(here, *by_user("proof-of-later", "hiding-of-later")).returncode == 0
        assert get(here, *by_user()).returncode != 0


@pytest.mark.lab
def test_version_2c_answers_its_sources_alone(here, tmp_path):
    with running(here, tmp_path, COMMUNITY):
        assert get(here, "-v2c", "-c", "not-public", "--clientaddr=192.0.2.10").stdout.strip() == '"park-01"'
        assert get(here, "-v2c", "-c", "not-public", "--clientaddr=198.51.100.9").returncode != 0
        assert get(here, *by_user()).returncode != 0


@pytest.mark.lab
def test_what_is_switched_off_tells_nobody_anything(here, tmp_path):
    off = Snmp(user="collector", auth_key="kept-for-proof", privacy_key="kept-for-hiding", enabled=False)
    assert "createUser" not in linux_rendering.render(wanted(off)).text("etc/snmp/snmpd.conf")
    with running(here, tmp_path, off):
        assert get(here, *by_user()).returncode != 0


def test_openwrt_gets_the_user_in_the_words_of_its_package():
    sections = {
        each.name: dict(each.options) for each in parse(rendering.render(wanted(USER)).text("etc/config/snmpd"))
    }
    assert sections["general"]["snmp_version"] == "v3"
    assert sections["user"] == {
        "username": "collector", "auth_type": "SHA", "auth_pass": "kept-for-proof", "privacy_type": "AES",
        "privacy_pass": "kept-for-hiding", "allow_write": "0",
    }  # fmt: skip
    assert "readers" not in sections


@pytest.mark.parametrize("render", [rendering.render, linux_rendering.render])
def test_no_key_of_snmp_is_shown_to_a_person(render):
    both = Snmp("not-public", COMMUNITY.sources, user="collector", auth_key="proof-of-it", privacy_key="hidden-by-it")
    seen = shown(render(wanted(both)).content)
    assert "collector" in seen
    assert not [secret for secret in ("not-public", "proof-of-it", "hidden-by-it") if secret in seen]


@pytest.mark.parametrize(
    ("snmp", "problem"),
    [
        ({}, "snmp: who may read"),
        ({"user": "collector"}, "snmp.auth_key: 8 to 64"),
        ({"user": "collector", "auth_key": "a b c d e f", "privacy_key": "long-enough"}, "snmp.auth_key: 8 to 64"),
        ({"user": "collector", "auth_key": "long-enough", "privacy_key": "long-enough"}, "choose another one"),
        ({"user": "-", "auth_key": "long-enough", "privacy_key": "long-as-well"}, "snmp.user: 1 to 32"),
        (
            {"user": "c", "auth_key": "long-enough", "privacy_key": "long-as-well", "sources": ["192.0.2.0/24"]},
            "sources belong to a community",
        ),
        ({"auth_key": {"stored": "snmp-auth"}}, "'snmp-auth' is not known here"),
    ],
)
def test_snmp_that_would_let_nobody_in_is_refused_with_what_to_do(snmp, problem):
    document = {"hostname": "park-01", "management": {"address": "192.0.2.10/24"}, "snmp": snmp}
    with pytest.raises(BadInput) as refused:
        intent_from_document(document)
    assert problem in str(refused.value)
    assert "long-enough" not in str(refused.value)
