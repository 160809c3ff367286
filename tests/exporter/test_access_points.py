"""The text of each access point's series, held against prometheus_client's own parser and the looks it is made of."""

import subprocess
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from tests.builders import NOON
from wifi_manager.domain.observations import (
    PositionReading,
    RadioReading,
    Readings,
    Signal,
    UplinkReading,
)
from wifi_manager.exporter.catalogue import CATALOGUE, chosen
from wifi_manager.exporter.lines import Lines
from wifi_manager.exporter.points import RADIOS_MAX, Point, Standing
from wifi_manager.exporter.series import Tier
from wifi_manager.metrics import ALLOWED_LABELS
from wifi_manager.storage.monitored import Measured, Monitored

ODD = ('quote " in it', "back\\slash", "two\nlines", "한강공원 광나루", "\\n", 'a\\"b', "", " {x} # =,", "emoji 📶")
MEMBER = Monitored(
    number=1,
    external_id="AP-1",
    district="강동구",
    site="Park",
    kind="park",
    listed_model="Listed 1",
    latitude=37.56,
    longitude=126.97,
    wanted_digest="d1",
    at=NOON,
    is_up=True,
    last_seen_at=NOON,
    digest="d1",
    model="Example AX3",
    firmware="24.10",
)
RADIO = RadioReading(
    "radio0", {Signal.GOOD: 3, Signal.POOR: 1}, 2437, 20.0, -91.96, 60.50049, 30.25, 10.0, 20.0, 1, 2, 2**63, 4, 5
)
READINGS = Readings(
    (RADIO, replace(RADIO, radio="radio1", frequency_mhz=5180)),
    UplinkReading(0.0123456789, 5, 1, 2**40, 7),
    None,
    0.25,
    1024,
    41.27,
    {"success": 4, "timeout": 1},
    9,
    2,
    0.5,
)
PLACE = PositionReading(NOON, 37.5123456789, 127.0, 8.5)


def text_of(*points, tier=Tier.FULL):
    lines = Lines(chosen(tier))
    for number, point in enumerate(points):
        lines.put(number, point)
    return lines.page().decode()


def point(readings=READINGS, *, is_maintained=False, is_stale=False, **given):
    return Point("haneul", Standing(replace(MEMBER, **given), is_maintained, is_stale), Measured(3600, readings))


def samples(text):
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families), "a family is written in two places"
    found = [((each.name, tuple(each.labels.items())), each.value) for family in families for each in family.samples]
    assert len(dict(found)) == len(found), "a series is written twice"
    return dict(found)


def of(text, name, **labels):
    return samples(text).get((name, (("ap", "AP-1"), *labels.items())))


def test_each_value_that_a_look_measured_is_told_in_the_base_unit():
    text = text_of(point())
    wanted = {
        "wifi_ap_up": 1,
        "wifi_ap_maintenance": 0,
        "wifi_ap_last_seen_timestamp_seconds": NOON.timestamp(),
        "wifi_ap_boot_timestamp_seconds": NOON.timestamp() - 3600,
        "wifi_ap_config_in_sync": 1,
        "wifi_ap_poll_duration_seconds": 0.5,
        "wifi_ap_cpu_busy_ratio": 0.25,
        "wifi_ap_memory_available_bytes": 1024,
        "wifi_ap_temperature_celsius": 41.3,
        "wifi_ap_uplink_rtt_seconds": 0.012346,
        "wifi_ap_uplink_probes_total": 5,
        "wifi_ap_uplink_probes_lost_total": 1,
        "wifi_ap_uplink_receive_bytes_total": 2**40,
        "wifi_ap_uplink_transmit_bytes_total": 7,
        "wifi_ap_dhcp_requests_total": 9,
        "wifi_ap_dhcp_failures_total": 2,
    }
    assert {name: of(text, name) for name in wanted} == wanted
    of_radio = {
        "wifi_radio_channel_active_seconds_total": 60.5,
        "wifi_radio_channel_busy_seconds_total": 30.25,
        "wifi_radio_channel_receive_seconds_total": 10,
        "wifi_radio_channel_transmit_seconds_total": 20,
        "wifi_radio_noise_dbm": -92,
        "wifi_radio_frequency_hertz": 2_437_000_000,
        "wifi_radio_transmit_power_dbm": 20,
        "wifi_radio_receive_bytes_total": 1,
        "wifi_radio_transmit_bytes_total": 2,
        "wifi_radio_transmit_packets_total": 2**63,
        "wifi_radio_transmit_retries_total": 4,
        "wifi_radio_transmit_failed_total": 5,
    }
    assert {name: of(text, name, radio="radio0") for name in of_radio} == of_radio
    clients = {signal: of(text, "wifi_radio_clients", radio="radio0", signal=signal) for signal in Signal}
    assert clients == {"good": 3, "fair": 0, "poor": 1}
    results = {each: of(text, "wifi_ap_associations_total", result=each) for each in ("success", "timeout")}
    assert results == {"success": 4, "timeout": 1}
    names = [*wanted, *of_radio, "wifi_radio_clients", "wifi_ap_associations_total", "wifi_ap_info"]
    assert {name for name, _labels in samples(text)} == set(names)


def test_info_says_where_it_stands_and_what_it_is():
    (info,) = [dict(labels) for name, labels in samples(text_of(point())) if name == "wifi_ap_info"]
    assert info == {
        "ap": "AP-1",
        "city": "haneul",
        "district": "강동구",
        "site": "Park",
        "site_kind": "park",
        "vendor": "Example",
        "model": "Example AX3",
        "firmware": "24.10",
        "geohash": "wydm9m8",
    }


def test_buses_tell_where_they_are_and_have_no_geohash():
    text = text_of(point(replace(READINGS, position=PLACE), kind="bus"))
    assert of(text, "wifi_ap_latitude_degrees") == 37.512346
    assert of(text, "wifi_ap_longitude_degrees") == 127
    assert of(text, "wifi_ap_position_timestamp_seconds") == NOON.timestamp()
    assert of(text, "wifi_ap_speed_meters_per_second") == 8.5
    assert 'geohash=""' in text


@pytest.mark.parametrize(("tier", "most"), [(Tier.CORE, 25), (Tier.FULL, 51)])
def test_an_access_point_with_two_radios_has_no_more_series_than_promised(tier, most):
    assert len(samples(text_of(point(), tier=tier))) == most
    bus = point(replace(READINGS, position=PLACE), kind="bus")
    assert len(samples(text_of(bus, tier=tier))) == most + 4


def test_no_family_has_a_label_that_names_people_channels_or_neighbours():
    allowed = {
        "ap", "city", "district", "site", "site_kind", "vendor", "model", "firmware", "geohash", "radio", "signal", "result",
    }  # fmt: skip
    assert {label for each in CATALOGUE for label in each.family.labels} == allowed
    assert allowed <= ALLOWED_LABELS
    descriptive = {
        each.family.name for each in CATALOGUE if set(each.family.labels) - {"ap", "radio", "signal", "result"}
    }
    assert descriptive == {"wifi_ap_info"}


def test_a_radio_that_changes_its_channel_keeps_its_series():
    before = text_of(point())
    moved = tuple(replace(each, frequency_mhz=5500) for each in READINGS.radios)
    assert samples(text_of(point(replace(READINGS, radios=moved)))).keys() == samples(before).keys()


def test_of_what_is_down_nothing_is_told_that_was_measured_before_but_its_place():
    text = text_of(point(replace(READINGS, position=PLACE), is_up=False, kind="bus"))
    assert of(text, "wifi_ap_up") == 0
    assert {name for name, _labels in samples(text)} == {
        "wifi_ap_info",
        "wifi_ap_up",
        "wifi_ap_maintenance",
        "wifi_ap_last_seen_timestamp_seconds",
        "wifi_ap_config_in_sync",
        "wifi_ap_latitude_degrees",
        "wifi_ap_longitude_degrees",
        "wifi_ap_position_timestamp_seconds",
        "wifi_ap_speed_meters_per_second",
    }


def test_of_what_nobody_looked_at_for_ten_minutes_nobody_says_that_it_is_up():
    found = {name for name, _labels in samples(text_of(point(is_stale=True)))}
    known = ("info", "maintenance", "last_seen_timestamp_seconds", "config_in_sync")
    assert found == {f"wifi_ap_{each}" for each in known}
    for minutes, is_stale in ((9, False), (11, True)):
        assert Standing.of(MEMBER, NOON + timedelta(minutes=minutes), is_maintained=False).is_stale is is_stale


def test_what_was_never_looked_at_is_there_by_name_alone():
    never = {"at": None, "is_up": None, "last_seen_at": None, "digest": None, "model": None, "firmware": None}
    standing = Standing.of(replace(MEMBER, **never), NOON, is_maintained=True)
    text = text_of(Point("haneul", standing, None))
    assert {name: value for (name, _labels), value in samples(text).items()} == {
        "wifi_ap_info": 1,
        "wifi_ap_maintenance": 1,
    }
    assert 'vendor="Listed",model="Listed 1",firmware=""' in text


def test_a_device_that_makes_things_up_has_no_more_series_for_it():
    flood = tuple(replace(RADIO, radio=f"radio{number}") for number in range(1000))
    twice = (RADIO, RADIO, *flood)
    rogues = {f"rogue {number}": 1 for number in range(10_000)}
    wild = replace(
        READINGS,
        radios=twice,
        associations=rogues,
        cpu_busy_ratio=float("nan"),
        temperature_celsius=float("inf"),
        memory_available_bytes=10**400,
    )
    found = samples(text_of(point(wild, model="x" * 100_000, firmware="y" * 100_000)))
    assert len(found) == 21 - 3 + 15 * RADIOS_MAX
    assert max(len(value) for _name, labels in found for _label, value in labels) == 120


@pytest.mark.parametrize("odd", ODD)
def test_labels_arrive_as_they_were_and_as_the_client_library_writes_them(odd):
    text = text_of(point(external_id=odd, site=odd, district=odd, firmware=odd))
    (info,) = [dict(labels) for name, labels in samples(text) if name == "wifi_ap_info"]
    assert [info[name] for name in ("ap", "site", "district", "firmware")] == [odd] * 4
    registry = CollectorRegistry()
    Gauge("wifi_ap_up", "x", ["ap"], registry=registry).labels(odd).set(1)
    assert generate_latest(registry).decode().removesuffix(".0\n").split("gauge\n")[1] in text


def test_promtool_finds_nothing_to_improve():
    text = text_of(point(), point(replace(READINGS, position=PLACE), external_id="AP-2", kind="bus"))
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_a_city_without_managed_access_points_has_no_such_family():
    assert text_of() == ""


@given(st.lists(st.tuples(st.sampled_from(["put", "drop"]), st.integers(0, 6), st.booleans()), max_size=40))
def test_whatever_comes_and_goes_the_page_has_each_access_point_once_and_as_it_last_was(steps):
    lines, there = Lines(chosen(Tier.CORE)), {}
    for what, number, is_up in steps:
        if what == "put":
            there[number] = is_up
            lines.put(number, point(external_id=str(number), is_up=is_up))
        elif there.pop(number, None) is not None:
            lines.drop(number)
    found = samples(lines.page().decode())
    assert {labels[0][1]: value for (name, labels), value in found.items() if name == "wifi_ap_up"} == {
        str(number): is_up for number, is_up in there.items()
    }
    assert Counter(labels[0][1] for _name, labels in found) == {
        str(number): 25 if is_up else 3 for number, is_up in there.items()
    }
