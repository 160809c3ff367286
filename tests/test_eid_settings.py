"""Mistakes in [eid] are found when control and portal start, each with what to write instead."""

import pytest

from portal.identity import eid
from wifi_manager import assembly
from wifi_manager.settings import SettingsError, load
from wifi_manager.settings.secret_texts import secret_text

GIVEN = {"issuer": '"https://id.example/realm"', "client_id": '"city"'}


@pytest.fixture
def settings(tmp_path):
    def made(**more):
        lines = [f"{name} = {value}" for name, value in {**GIVEN, **more}.items()]
        path = tmp_path / "wifi-manager.toml"
        path.write_text("\n".join(["[eid]", *lines]))
        return load(path, {})

    return made


def test_the_issuers_own_host_is_one_of_the_hosts(settings):
    hosts = '["login.example", "id.example"]'
    assert assembly.eid_hosts(settings(hosts=hosts)) == ("id.example", "login.example")


def test_without_an_issuer_there_is_no_host_and_no_way_in(settings):
    off = settings(issuer='""', hosts='["login.example"]')
    assert (assembly.eid_hosts(off), eid.maker(off)) == ((), None)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"hosts": '["www.google.com"]'}, "believe that they are online"),
        ({"hosts": '["apple.com"]'}, "captive.apple.com"),
        ({"client_id": '""'}, "client_id is what the provider calls this portal"),
        ({"scopes": '["email"]'}, "scopes has openid among them"),
    ],
)
def test_p6_hosts_of_probes_and_half_a_registration_are_refused(settings, more, said):
    for start in (assembly.eid_hosts, eid.maker):
        with pytest.raises(SettingsError, match=said):
            start(settings(**more))


@pytest.mark.parametrize(
    "more", [{"issuer": '"http://id.example"'}, {"hosts": '["id.example/8.8.8.8"]'}, {"hosts": '["*.example"]'}]
)
def test_what_is_no_provider_and_no_host_is_refused_where_it_stands(settings, more):
    with pytest.raises(SettingsError, match="Example:"):
        settings(**more)


def test_a_secret_of_somebody_elses_is_a_line_that_only_its_user_can_read(tmp_path):
    path = tmp_path / "secret"
    with pytest.raises(SettingsError, match="cannot be read"):
        secret_text(path)
    path.touch(mode=0o600)
    with pytest.raises(SettingsError, match="not empty"):
        secret_text(path)
    path.write_text("a b/c\n")
    assert secret_text(path) == "a b/c"
    path.chmod(0o644)
    with pytest.raises(SettingsError, match="every user"):
        secret_text(path)
