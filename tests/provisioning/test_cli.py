"""`wifi-manager provision …` says what would happen, hides keys, and says what is wrong in a sentence."""

import pytest
from click.testing import CliRunner

from provisioning.cli import provision
from tests.provisioning.kit import KEY, an_intent_text

INTENT = an_intent_text("192.168.77.10/24", band="5", name="visitors", ssid="시청", encryption="sae", key=KEY)


@pytest.fixture
def intent_file(tmp_path):
    file = tmp_path / "intent.toml"
    file.write_text(INTENT)
    return file


def _run(*words: object):
    return CliRunner().invoke(provision, [str(word) for word in words])


def test_render_shows_the_files_without_keys_and_writes_them_with_keys_for_their_owner_alone(intent_file, tmp_path):
    shown, written = _run("render", intent_file), _run("render", intent_file, "--to", tmp_path / "out")
    wireless = tmp_path / "out/etc/config/wireless"

    assert (shown.exit_code, written.exit_code) == (0, 0)
    assert "option ssid '시청'" in shown.output
    assert KEY not in shown.output
    assert KEY in wireless.read_text()
    assert wireless.stat().st_mode & 0o777 == 0o600


def test_an_intent_that_names_secrets_can_be_looked_at_and_is_not_written_without_them(intent_file, tmp_path):
    intent_file.write_text(INTENT.replace(f'"{KEY}"', '{ stored = "staff" }'))
    shown, written = _run("render", intent_file), _run("render", intent_file, "--to", tmp_path / "out")

    assert (shown.exit_code, written.exit_code) == (0, 1)
    assert "option key '(secret 1)'" in shown.output
    assert "intent.toml: networks[0].key: the secret 'staff' is not known here" in written.output


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("hostname = ", "is not TOML"),
        (INTENT.replace("시청", "a\\nb"), "intent.toml: networks[0].ssid: a newline is not allowed"),
        (INTENT.replace('band = "5"', 'band = "7"'), "radios[0].band: one of 2.4, 5, 6"),
    ],
)
def test_a_wrong_intent_is_one_sentence_and_exit_status_1(intent_file, text, problem):
    intent_file.write_text(text)
    ran = _run("render", intent_file)

    assert ran.exit_code == 1
    assert problem in ran.output


@pytest.mark.lab
@pytest.mark.root
def test_diff_compares_with_a_real_access_point_and_shows_no_key(intent_file, ap):
    where = ["--host", ap.address, "--key", ap.client_key, "--host-key", ap.host_key_fingerprint]

    compared = _run("diff", intent_file, *where)

    assert compared.exit_code == 0, compared.output
    assert "+\toption ssid '시청'" in compared.output
    assert KEY not in compared.output


def test_a_key_that_is_none_is_said_before_anything_is_sent(intent_file):
    ran = _run("diff", intent_file, "--host", "127.0.0.1", "--key", intent_file, "--host-key", "SHA256:x")

    assert ran.exit_code == 1
    assert "is not a private SSH key" in ran.output
