import base64
from pathlib import Path

import pytest

from wifi_manager import assembly, settings
from wifi_manager.settings import SettingsError, load, make_secret_file, secret


def written(folder: Path, text: str) -> Path:
    path = folder / "city.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_city_starts_without_any_settings():
    found = load(None, {})

    assert found.database.url == "sqlite:///var/wifi-manager.db"
    assert {found.portal.host, found.console.host, found.control.host, found.exporter.host} == {"127.0.0.1"}


def test_a_file_is_read_and_the_environment_wins_over_it(tmp_path):
    path = written(tmp_path, '[city]\nslug = "busan"\nname = "부산"\n[portal]\nport = 9000\n')

    found = load(path, {"WIFI_MANAGER_PORTAL_PORT": "9001", "WIFI_MANAGER_CITY_LANGUAGES": "en, ko", "HOME": "/"})

    assert (found.city.slug, found.city.name, found.portal.port) == ("busan", "부산", 9001)
    assert found.city.languages == ("en", "ko")


def test_the_database_comes_from_one_well_known_variable():
    found = load(None, {"WIFI_MANAGER_DATABASE_URL": "postgresql://wifi:hush-hush@db/wifi"})

    assert found.database.url == "postgresql://wifi:hush-hush@db/wifi"
    assert "hush-hush" not in repr(found)


def test_all_mistakes_are_told_at_once_each_with_place_key_expectation_and_example(tmp_path):
    path = written(tmp_path, '[portal]\nport = 70000\nprt = 1\n[potal]\n[log]\nlevel = "LOUD"\n')

    name = "WIFI_MANAGER_CONTROL_PORT"

    with pytest.raises(SettingsError) as caught:
        load(path, {name: "many", "WIFI_MANAGER_CONTROL_PROT": "1"})

    assert sorted(caught.value.problems) == sorted(
        [
            f"{path}: [portal] has no key prt. Did you mean port?",
            f"{path}: there is no section [potal]. Did you mean portal?",
            f"{path}: [portal] port is a whole number from 1 to 65535, not 70000. Example: port = 8000",
            f"{path}: [log] level is one of DEBUG, INFO, WARNING, ERROR, not 'LOUD'. Example: level = \"INFO\"",
            f"environment {name[:-4]}PROT: no setting has this variable. Did you mean {name}?",
            f"environment {name}: [control] port is a whole number from 1 to 65535, not 'many'. Example: port = 8002",
        ]
    )


def test_a_wrong_database_url_is_refused_without_repeating_its_password():
    with pytest.raises(SettingsError, match=r"postgresql://") as caught:
        load(None, {"WIFI_MANAGER_DATABASE_URL": "mysql://wifi:hush-hush@db/wifi"})

    assert "hush-hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("section", "line"),
    [
        ("city", 'slug = "Seoul!"'),
        ("city", "languages = []"),
        ("city", 'languages = "ko"'),
        ("city", "languages = [1]"),
        ("city", 'time_zone = "Asia"'),
        ("city", 'time_zone = "Mars/Olympus"'),
        ("database", 'url = "sqlite://"'),
        ("database", "busy_timeout_seconds = nan"),
        ("database", "busy_timeout_seconds = true"),
        ("portal", "port = true"),
        ("portal", "port = 80.5"),
        ("portal", f"port = {10**400}"),
        ("portal", 'host = "a b"'),
        ("portal", 'public_url = "ftp://wifi.example"'),
        ("portal", 'public_url = "https://"'),
        ("portal", 'public_url = "https://user@wifi.example"'),
        ("portal", 'public_url = "https://wifi.example:99999"'),
        ("keys", "master_key_file = 5"),
    ],
)
def test_a_value_that_cannot_be_is_refused(tmp_path, section, line):
    with pytest.raises(SettingsError, match=rf"\[{section}\] {line.split()[0]} is .*Example: {line.split()[0]} = "):
        load(written(tmp_path, f"[{section}]\n{line}\n"), {})


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"[portal", "is not TOML"), (b"\xff", "is not TOML"), (b"portal = 5", "section with keys")],
)
def test_a_file_that_is_not_settings_is_named(tmp_path, content, said):
    path = tmp_path / "city.toml"
    path.write_bytes(content)

    with pytest.raises(SettingsError, match=said) as caught:
        load(path, {})
    assert str(path) in str(caught.value)


def test_a_missing_file_says_where_to_start(tmp_path):
    with pytest.raises(SettingsError, match=r"configs/wifi-manager\.example\.toml"):
        load(tmp_path / "nowhere.toml", {})


def test_a_public_address_is_kept_without_its_last_slash(tmp_path):
    found = load(written(tmp_path, '[portal]\npublic_url = "https://wifi.example/"\n'), {})

    assert found.portal.public_url == "https://wifi.example"


def test_a_new_secret_is_for_its_owner_alone_and_can_be_read_back(tmp_path):
    path = tmp_path / "master.key"
    make_secret_file(path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert secret(path) == base64.urlsafe_b64decode(path.read_bytes())
    assert len(secret(path)) == settings.SECRET_BYTES


def test_two_secrets_differ(tmp_path):
    for name in ("one", "two"):
        make_secret_file(tmp_path / name)

    assert secret(tmp_path / "one") != secret(tmp_path / "two")


def test_a_secret_is_never_overwritten(tmp_path):
    path = tmp_path / "master.key"
    make_secret_file(path)
    before = path.read_bytes()

    with pytest.raises(SettingsError, match="never overwritten"):
        make_secret_file(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", ["short", "c2hvcnQ=", "한글"])
def test_a_damaged_secret_is_refused_without_being_repeated(tmp_path, content):
    path = tmp_path / "master.key"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)

    with pytest.raises(SettingsError, match="make one") as caught:
        secret(path)
    assert content not in str(caught.value).replace(str(path), "")


def test_a_missing_secret_is_not_made_silently(tmp_path):
    with pytest.raises(SettingsError, match="make one"):
        secret(tmp_path / "master.key")
    assert list(tmp_path.iterdir()) == []


def test_a_secret_that_everybody_can_open_is_refused(tmp_path):
    path = tmp_path / "master.key"
    make_secret_file(path)
    path.chmod(0o644)

    with pytest.raises(SettingsError, match="chmod 600"):
        secret(path)


CERTIFICATES = {
    "DIRECTORY_URL": "https://ca.example/dir",
    "TERMS_AGREED": "true",
    "NAMES": "wifi.city.example",
    "ZONE": "city.example",
    "DNS_SERVER": "ns1.city.example",
    "TSIG_NAME": "wifi-certificates",
}


def with_certificates(**changed):
    return load(
        None, {f"WIFI_MANAGER_CERTIFICATES_{name}": value for name, value in {**CERTIFICATES, **changed}.items()}
    )


def test_certificates_are_off_until_an_authority_is_named_and_then_the_whole_section_fits_together():
    assert not load(None, {"WIFI_MANAGER_CERTIFICATES_NAMES": "elsewhere.example"}).certificates.are_issued
    found = with_certificates().certificates
    assert (found.are_issued, found.names, found.terms_agreed) == (True, ("wifi.city.example",), True)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"TERMS_AGREED": "false"}, "terms"),
        ({"TERMS_AGREED": "maybe"}, "true or false"),
        ({"ZONE": ""}, "zone is needed"),
        ({"DNS_SERVER": ""}, "dns_server is needed"),
        ({"TSIG_NAME": ""}, "tsig_name is needed"),
        ({"NAMES": ""}, "names or own_names_under"),
        ({"NAMES": "wifi.city.example, wifi.other.example"}, "wifi.other.example is not in the zone"),
        ({"OWN_NAMES_UNDER": "gw.other.example"}, "gw.other.example is not in the zone"),
        ({"OWN_NAMES_UNDER": "city.example"}, "could be the portal"),
        ({"DIRECTORY_URL": "http://ca.example/dir"}, "https://"),
    ],
)
def test_certificates_that_could_never_be_issued_are_refused_before_anything_starts(changed, said):
    with pytest.raises(SettingsError, match=said):
        assembly.certification(with_certificates(**changed))
