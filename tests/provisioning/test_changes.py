"""A diff is for people's eyes: it shows every change and no key."""

import pytest

from provisioning.changes import ChangeSet, shown
from provisioning.config_files import ConfigFiles

SECRET = "do-not-show-me"


def _files(text: str) -> ConfigFiles:
    return ConfigFiles({"etc/config/wireless": text.encode(errors="surrogateescape")})


@pytest.mark.parametrize(
    "line",
    [
        f"\toption key '{SECRET}'",
        f'\toption key "{SECRET}"',
        f"\toption 'key' {SECRET}",
        f"  list sae_password '{SECRET}|vlanid=3'",
        f"\toption auth_secret 'a'\\''{SECRET}'",
        f"config a 'b'; option key '{SECRET}'",
        f"\toption key 'first line\n{SECRET}'",
        f"\toption key '{SECRET}",
        f"\toption key1 s:{SECRET}",
    ],
)
def test_no_key_can_be_read_from_a_diff_however_it_is_quoted(line):
    change = ChangeSet(_files("config a 'b'\n"), _files(f"config a 'b'\n{line}\n"))

    for text in (change.diff(), change.undo().diff(), shown(change.after.content)):
        assert SECRET not in text
        assert "(secret 1)" in text


def test_a_changed_key_shows_as_another_number():
    change = ChangeSet(_files("\toption key 'one'\n"), _files("\toption key 'two'\n"))

    assert "-\toption key '(secret 1)'\n+\toption key '(secret 2)'\n" in change.diff()


def test_the_same_key_on_both_sides_is_no_change_in_the_diff():
    change = ChangeSet(
        _files("\toption key 'one'\n\toption ssid 'a'\n"), _files("\toption key 'one'\n\toption ssid 'b'\n")
    )

    assert "-\toption key" not in change.diff()
    assert "-\toption ssid 'a'\n+\toption ssid 'b'\n" in change.diff()


def test_a_new_file_and_bytes_that_are_no_text_are_shown_too():
    change = ChangeSet(ConfigFiles({}), _files("\toption ssid '\udcff'\n"))

    assert change.diff().startswith("--- /dev/null\n+++ etc/config/wireless\n")
    assert not change.is_empty
    assert ChangeSet(change.after, change.after).is_empty
