import pytest

from wifi_manager import shipped


def test_a_checkout_finds_its_own_configs():
    assert (shipped.configs() / "wifi-manager.example.toml").is_file()


def test_a_chosen_folder_wins(tmp_path):
    assert shipped.configs(tmp_path) == tmp_path


def test_a_chosen_folder_that_is_missing_is_named_instead_of_another_being_taken(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        shipped.configs(tmp_path / "nowhere")
