"""Countries' rules, and what a board holds: they hold for what is wanted now and leave readable what was approved."""

import pytest

from tests.domain.test_intent_kinds import document, network, read, refusal
from wifi_manager.domain.access_points import Band
from wifi_manager.domain.intent_countries import COUNTRIES, allowed_channels, eirp_limit, listens_for_radar
from wifi_manager.domain.intent_documents import approved_intent
from wifi_manager.domain.intent_radios import CHANNELS, WIDTHS_MHZ, block


def radio(band="5", country="KR", **fields):
    return [{"name": "a", "band": band, "country": country, **fields}]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (radio("2.4", "US", channel=12), "radios[0].channel: US allows at 2.4 GHz and 20 MHz 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, not 12"),
        (radio(channel=144), "radios[0].channel: KR allows at 5 GHz and 20 MHz 36, 40"),
        (radio(channel=132, width_mhz=80), "radios[0].channel: KR allows at 5 GHz and 80 MHz 36, 40"),
        (radio(channel=149, width_mhz=160), "radios[0].channel: KR allows at 5 GHz and 160 MHz 36"),
        (radio("6", "US"), "radios[0].width_mhz: US allows at 6 GHz and 20 MHz no channel"),
        (radio("6", "DE", channel=97), "radios[0].channel: DE allows at 6 GHz"),
        (radio(power_dbm=20, channel=48), "radios[0].power_dbm: 20 dBm and an antenna's 0 dBi are more than 17 dBm"),
        (radio(power_dbm=20, gain_dbi=6, channel=36), "radios[0].power_dbm: 20 dBm and an antenna's 6 dBi are more than 23 dBm, which KR allows; at most 17"),
        (radio("2.4", "PH", power_dbm=21), "radios[0].power_dbm: 21 dBm"),
        (radio(power_dbm=41), "radios[0].power_dbm: 41 is not possible"),
        (radio(gain_dbi=31), "radios[0].gain_dbi: 31 is not possible"),
        (radio(networks_max=0), "radios[0].networks_max: how many networks the board holds"),
        (radio(channel=[]), "radios[0].channel: an empty plan"),
        (radio(channel="best"), "radios[0].channel: a whole number is expected"),
    ],
)  # fmt: skip
def test_what_a_country_or_a_radio_does_not_allow_is_refused_with_what_it_does(asked, said):
    assert refusal(radios=asked).startswith(said)


@pytest.mark.parametrize(
    "asked",
    [
        radio(channel=36, width_mhz=80, power_dbm=17),  # 48 is in it, which has less
        radio(channel=64, width_mhz=160),  # over two ranges that join
        radio("6", channel=93, width_mhz=160),  # over KR's two ranges at 6 GHz
        radio("5", "PH", channel=165, power_dbm=24),
        radio("5", "JP", channel=36, power_dbm=40),  # no data: the radio's kernel decides
        radio(channel="auto"),
        radio(channel=[36, 149]),
    ],
)
def test_what_is_allowed_is_taken(asked):
    assert read(radios=asked).radios[0].name == "a"


def test_outdoors_only_channels_for_outdoors_are_allowed():
    told = refusal(radios=radio("5", "DE", channel=36), outdoor=True)
    assert told.startswith("radios[0].channel: DE allows outdoors at 5 GHz and 20 MHz 100, 104")
    assert read(radios=radio("5", "DE", channel=100), outdoor=True).outdoor


def test_radar_is_listened_for_where_the_country_says_so():
    assert listens_for_radar("KR", Band.GHZ_5, 52)
    assert listens_for_radar("KR", Band.GHZ_5, 36, 160)
    assert not listens_for_radar("KR", Band.GHZ_5, 36, 80)
    assert not listens_for_radar("JP", Band.GHZ_5, 52)


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_every_country_has_usable_data(country):
    assert {1, 6, 11} <= set(allowed_channels(country, Band.GHZ_2_4))
    assert {36, 52, 100, 149} <= set(allowed_channels(country, Band.GHZ_5))
    for band in Band:
        for width in WIDTHS_MHZ[band]:
            for channel in allowed_channels(country, band, width):
                assert eirp_limit(country, band, channel, width)
                assert set(block(band, channel, width)) <= CHANNELS[band]


@pytest.mark.parametrize(
    ("band", "channel", "width", "taken"),
    [
        (Band.GHZ_5, 44, 80, (36, 40, 44, 48)),
        (Band.GHZ_5, 100, 40, (100, 104)),
        (Band.GHZ_5, 161, 80, (149, 153, 157, 161)),
        (Band.GHZ_6, 37, 160, (33, 37, 41, 45, 49, 53, 57, 61)),
        (Band.GHZ_2_4, 6, 40, (6,)),
    ],
)
def test_a_wide_channel_is_made_of_fixed_ones(band, channel, width, taken):
    assert block(band, channel, width) == taken


def test_two_networks_of_one_name_on_one_radio_are_refused_and_on_two_they_are_fine():
    told = refusal(network(), network(name="m"))
    assert told == "networks[1].ssid: n has it on a too; give each its own."
    assert len(read(network(), network(name="m", radios=["b"])).networks) == 2


def test_more_networks_than_a_radio_holds_are_refused_and_an_owe_transition_counts_twice():
    asked = [network("owe-transition"), network(name="m", ssid="Other")]
    told = refusal(*asked, radios=radio("2.4", networks_max=2))
    assert told.startswith("radios[0].networks_max: 3 networks on a (an OWE transition counts twice), and it holds 2")
    assert read(*asked, radios=radio("2.4", networks_max=3))


def test_what_was_approved_under_older_rules_can_still_be_read():
    text = 'hostname = "a"\nmanagement = { address = "192.168.1.5/24" }\n[[radios]]\nname = "a"\nband = "5"\ncountry = "KR"\n'
    assert approved_intent(text + "channel = 144\n").radios[0].channel == 144
    assert "radios[0].channel" in refusal(**{**document(), "radios": radio(channel=144)})
