import pytest

from wifi_manager.domain.errors import BadInput
from wifi_manager.gateway.control_client import check_control_url


@pytest.mark.parametrize(
    "url", ["https://control.city.example", "https://control.city.example:8443", "https://192.0.2.1"]
)
def test_control_over_https_needs_a_file_to_know_it_by(tmp_path, url):
    pinned = tmp_path / "ca.pem"
    pinned.touch()

    check_control_url(url, pinned)

    for missing in (None, tmp_path / "missing.pem"):
        with pytest.raises(BadInput, match="--ca FILE"):
            check_control_url(url, missing)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://198.18.0.3", "http://10.1.2.3:80"])
def test_plain_http_is_for_a_labs_private_addresses(url):
    check_control_url(url, None)


@pytest.mark.parametrize(
    "url", ["http://control.city.example", "http://8.8.8.8", "control.city.example", "ftp://x", "https://"]
)
def test_nothing_else_is_control(url):
    with pytest.raises(BadInput):
        check_control_url(url, None)
