"""Another master key by the command line, in one go and step by step."""

from tests.builders import NOON
from wifi_manager.storage.master_keys import KeyFile


def test_the_master_key_is_changed_in_one_go(wifi, store, tmp_path):
    with store.begin() as tx:
        tx.pseudonyms.add_key(NOON)
    old = (tmp_path / "master.key").read_bytes()
    said = wifi("key", "rotate", "--grace", "0")
    assert said.exit_code == 0, said.output
    assert "sealed anew: 1 of device_key.key_sealed" in said.output
    assert (tmp_path / "master.key").read_bytes() != old


def test_the_master_key_is_changed_step_by_step_with_the_next_one_said(wifi, tmp_path):
    for word, what_next in (("add", "key use"), ("use", "key finish"), ("finish", "Keep a copy")):
        said = wifi("key", word, *(("--grace", "0") if word == "finish" else ()))
        assert (said.exit_code, what_next in said.output) == (0, True), said.output
    assert KeyFile(tmp_path / "master.key").read().before is None
    refused = wifi("key", "finish")
    assert (refused.exit_code, "key rotate" in refused.output) == (1, True)
