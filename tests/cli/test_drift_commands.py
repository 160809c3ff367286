"""`wifi-manager provision drift` and `backup` as a person types them."""

import json
import shutil
from datetime import timedelta

import pytest

from provisioning.config_files import ConfigFiles
from provisioning.drift_watch import reading
from provisioning.rendering import render
from tests.builders import an_access_point
from tests.provisioning.kit import an_intent_text
from wifi_manager.clock import SystemClock
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.intent_documents import intent_from_text
from wifi_manager.services.drift import Drifting
from wifi_manager.storage.pushes import Wanted

INTENT = an_intent_text("10.0.0.5/24", name="staff", ssid="Staff", encryption="psk2", key="do-not-show-me")
WIRELESS = "etc/config/wireless"


@pytest.fixture
def upgraded_url(upgraded_file, tmp_path):
    """SQLite alone: what differs between databases is proved in tests/storage."""
    return f"sqlite:///{shutil.copy(upgraded_file, tmp_path / 'city.db')}"


@pytest.fixture
def found(store):
    """What the watch has read: what was wanted, another name and key, and something that no intent can say."""
    point, files = an_access_point(), render(intent_from_text(INTENT))
    wanted = Wanted(INTENT, files.digest(), SystemClock().now())
    with store.begin() as tx:
        tx.sites.save([point.site])
        tx.access_points.save([point], tx.sites.numbers())
        tx.access_points.manage("AP-0001", "openwrt", Management("10.0.0.5", 22, "root", "SHA256:x"))
        tx.pushes.set_wanted("AP-0001", wanted)

    def reads(*replacements):
        text = files.text(WIRELESS)
        for old, new in replacements:
            text = text.replace(old, new)
        seen = ConfigFiles({**files.content, WIRELESS: text.encode()})
        Drifting(store, SystemClock()).record("AP-0001", reading(seen.digest(), seen, wanted))

    reads()
    return reads


NAME, SECRET = ("'Staff'", "'Fair'"), ("do-not-show-me", "nor-show-me-please")
HIDDEN = ("\toption isolate '1'\n", "\toption isolate '1'\n\toption hidden '1'\n")


def test_drift_is_listed_shown_and_ignored_and_no_key_is_told(wifi, found):
    assert "AP-0001" not in wifi("provision", "drift", "list").output
    found(NAME, SECRET, HIDDEN)
    listed, shown = wifi("provision", "drift", "list"), wifi("provision", "drift", "show", "AP-0001")
    assert "found" in listed.output
    assert "+\toption ssid 'Fair'" in shown.output
    assert "No intent can say it: etc/config/wireless: staff_radio0: hidden '1'" in shown.output
    refused = wifi("provision", "drift", "adopt", "AP-0001")
    assert (refused.exit_code, "hidden '1'" in refused.output) == (1, True)
    assert wifi("provision", "drift", "ignore", "AP-0001", "--reason", "fair", "--until", "2020-01-01").exit_code == 1
    day = (SystemClock().now() + timedelta(days=2)).date().isoformat()
    assert wifi("provision", "drift", "ignore", "AP-0001", "--reason", "fair", "--until", day).exit_code == 0
    (document,) = json.loads(wifi("provision", "drift", "list", "--json").output)
    assert (document["state"], document["ignored"]["reason"]) == ("ignored", "fair")
    everything = listed.output + shown.output + refused.output
    assert "do-not-show-me" not in everything
    assert "nor-show-me" not in everything


def test_drift_is_adopted_and_restored_by_what_is_approved_elsewhere(wifi, found):
    found(NAME)
    adopted = wifi("provision", "drift", "adopt", "AP-0001", "--reason", "the fair stays")
    assert "intent approve ap:AP-0001 1" in adopted.output
    assert "Fair" in wifi("provision", "intent", "show", "ap:AP-0001", "1").output
    assert "version 1 of ap:AP-0001 adopts it" in wifi("provision", "drift", "list").output
    assert "provision approve 1" in wifi("provision", "drift", "restore", "AP-0001").output
    assert "Push 1 of AP-0001 is proposed" in wifi("provision", "drift", "restore", "AP-0001").output


def test_backups_are_listed_shown_compared_and_put_back(wifi, found, store):
    found(NAME, SECRET)
    found()
    assert [line.split()[0] for line in wifi("provision", "backup", "list", "AP-0001").output.splitlines()[1:]] == [
        "1",
        "2",
    ]
    shown = wifi("provision", "backup", "show", "AP-0001", "2").output
    assert "option ssid 'Fair'" in shown
    back, forth = (wifi("provision", "backup", "diff", "AP-0001", *pair).output for pair in (("1", "2"), ("2",)))
    assert "+\toption ssid 'Fair'" in back
    assert "-\toption ssid 'Fair'" in forth
    assert "show-me" not in shown + back + forth
    assert "provision approve 1" in wifi("provision", "backup", "restore", "AP-0001", "2").output
    with store.read() as tx:
        intent = intent_from_text(tx.pushes.get(1).intent)
    assert intent.networks[0].ssid == "Fair"
    assert b"'nor-show-me-please'" in render(intent).content[WIRELESS]
    assert wifi("provision", "backup", "show", "AP-0001", "9").exit_code == 1


def test_a_backup_that_no_intent_can_say_is_not_put_back_by_halves(wifi, found):
    found(HIDDEN)
    refused = wifi("provision", "backup", "restore", "AP-0001", "2")
    assert (refused.exit_code, "hidden '1'" in refused.output) == (1, True)
