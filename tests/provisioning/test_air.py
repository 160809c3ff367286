"""Each kind of network in the air: our own hostapd.conf on a real 802.11 stack, and devices that join."""

from collections.abc import Iterator

import pytest

from tests.lab.air import Air, air_machine
from tests.lab.authority import Authority
from tests.provisioning import air_kit
from tests.provisioning.air_kit import STATIONS

pytestmark = [pytest.mark.root, pytest.mark.machine, pytest.mark.slow, pytest.mark.timeout(900)]
_KINDS = list(dict.fromkeys(station.kind for station in STATIONS.values()))
_FIRST = 1  # wlan0 is the access point's
Statuses = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def air(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Air]:
    """One boot for all: an access point with every kind of network on one radio, and its RADIUS server."""
    with air_machine() as air:
        radius = air_kit.radius_server(Authority(tmp_path_factory.mktemp("authority")))
        air.run(air_kit.installed() + radius + air_kit.access_point(air_kit.conf(_KINDS), "wlan0"))
        yield air


@pytest.fixture(scope="module")
def joined(air: Air) -> Statuses:
    """All stations joined at once; what each says of itself."""
    air.run(air_kit.join(STATIONS, _FIRST))
    return air_kit.statuses(air, STATIONS, _FIRST)


@pytest.mark.parametrize("name", STATIONS)
def test_a_device_joins_each_kind_of_network_in_the_way_that_it_is_meant_to(joined, name):
    status = joined[name]

    assert status["wpa_state"] == "COMPLETED", status
    assert status["key_mgmt"] == STATIONS[name].said, status


def test_no_log_of_the_access_point_names_a_device_that_joined(air, joined):
    assert joined
    assert "STA 02:" not in air.run(f"grep -v AP-STA {air_kit.FOLDER}/wlan0.log || true")
