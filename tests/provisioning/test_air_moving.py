"""In the air at length: from one access point of ours to another, in other bands, and what a push makes."""

from collections.abc import Iterator

import pytest

from provisioning.push import OutcomeKind
from tests.lab.air import Air, air_machine
from tests.lab.authority import Authority
from tests.provisioning import air_kit, air_moving
from tests.provisioning.air_kit import STATIONS

pytestmark = [pytest.mark.root, pytest.mark.machine, pytest.mark.soak, pytest.mark.timeout(1800)]
_RADIOS = 22


@pytest.fixture(scope="module")
def air(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Air]:
    """One boot for all: two access points on one cable, and their RADIUS server at the first."""
    with air_machine(_RADIOS) as air:
        radius = air_kit.radius_server(Authority(tmp_path_factory.mktemp("authority")))
        first = air_kit.access_point(air_kit.conf(list(air_moving.ROAMING)), "wlan0")
        air.run(air_kit.installed() + radius + first + air_moving.second_access_point())
        yield air


@pytest.mark.parametrize("kind", air_moving.ROAMING)
def test_a_device_goes_over_to_another_access_point_of_ours_by_802_11r(air, kind):
    status = air_moving.moved(air, kind)

    assert (status["wpa_state"], status["bssid"]) == ("COMPLETED", status["to"]), status
    assert status["key_mgmt"] == STATIONS[kind].said, status
    assert int(status["fast"]) > 0, status


@pytest.mark.parametrize("band", [air_moving.FIVE, air_moving.SIX], ids=["5 GHz", "6 GHz"])
def test_a_device_joins_by_wpa3_where_korea_allows_other_bands(air, band):
    status = air_moving.joined_elsewhere(air, band)

    assert (status["wpa_state"], status["key_mgmt"]) == ("COMPLETED", "SAE"), status
    assert status["freq"] == str(band.mhz), status


def test_a_network_that_is_pushed_over_ssh_is_there_for_devices_once_the_push_is_committed(air):
    assert air_moving.pushed(air, "pushed").kind is OutcomeKind.COMMITTED

    status = air_moving.joined_what_was_pushed(air, "pushed")
    assert (status["wpa_state"], status["ssid"]) == ("COMPLETED", "pushed"), status
