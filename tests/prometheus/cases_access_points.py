"""What access points say when something is wrong with them, their radios, their site or their district.

promtool looks at groups of rules in any order: what is computed from recorded series may come a minute later.
"""

from tests.prometheus.alarms import Case, Series

PLACE = {"city": "haneul", "district": "River", "site": "Park"}
WHERE = 'city="haneul",district="River",site="Park"'
AP = {"ap": "AP-1", **PLACE}
RADIO = {"radio": "radio0", **AP}


def info(ap: str, where: str = WHERE, kind: str = "park") -> Series:
    """Where an access point stands."""
    return {f'wifi_ap_info{{ap="{ap}",{where},site_kind="{kind}"}}': "1x400"}


def radio(name: str) -> str:
    return f'{name}{{ap="AP-1",radio="radio0"}}'


def clients(signal: str) -> str:
    return f'wifi_radio_clients{{ap="AP-1",radio="radio0",signal="{signal}"}}'


def ups(down: int, known: int) -> dict[str, str]:
    """So many access points of a district, one a site, the first ones down from the tenth minute on."""
    every: dict[str, str] = {}
    for number in range(known):
        every |= info(f"AP-{number}", f'city="haneul",district="River",site="S{number}"')
        every[f'wifi_ap_up{{ap="AP-{number}"}}'] = "1x10 0x60" if number < down else "1x70"
    return every


def site(second: str) -> dict[str, str]:
    """Two access points of one site: the first is down from the tenth minute on."""
    return {**info("AP-1"), **info("AP-2"), 'wifi_ap_up{ap="AP-1"}': "1x10 0x60", 'wifi_ap_up{ap="AP-2"}': second}


def growing(name: str, each_minute: float, until: int = 120) -> dict[str, str]:
    return {name: f"0+{each_minute}x{until}"}


BUS = info("AP-1", kind="bus")
MAINTAINED = {'wifi_ap_maintenance{ap="AP-1"}': "1x70"}
AIR = {
    **info("AP-1"),
    **growing(radio("wifi_radio_channel_active_seconds_total"), 60),
    **growing(radio("wifi_radio_channel_busy_seconds_total"), 48),
    **growing(radio("wifi_radio_channel_transmit_seconds_total"), 12),
    clients("good"): "15x120",
    clients("poor"): "10x120",
}
CASES = [
    Case(
        "DistrictDown", ups(down=7, known=10), "13m", "16m", {"city": "haneul", "district": "River"},
        "River: only 30% of its access points are up.",
        {"half of them are up": ups(down=5, known=10), "it has few": {'wifi_ap_up{ap="AP-9"}': ""}},
    ),
    Case(
        "SiteDown", site("1x10 0x60"), "13m", "16m", PLACE,
        "Park in River: none of its access points answers.",
        {"one answers": site("1x70"), "it is worked on": MAINTAINED | {'wifi_ap_maintenance{ap="AP-2"}': "1x70"}},
    ),
    Case(
        "AccessPointDown", site("1x70"), "14m", "16m", AP,
        "AP-1 at Park in River does not answer.",
        {
            "it is worked on": MAINTAINED,
            "it is a bus": {**dict.fromkeys(info("AP-1"), ""), **BUS},
            "it answers": {'wifi_ap_up{ap="AP-1"}': "1x70"},
        },
    ),
    Case(
        "UplinkLosesPackets",
        {
            **info("AP-1"),
            **growing('wifi_ap_uplink_probes_total{ap="AP-1"}', 60),
            'wifi_ap_uplink_probes_lost_total{ap="AP-1"}': "0x20 0+15x60",
        },
        "27m", "45m", PLACE, "Park in River: the uplink loses 25% of its probes.",
        {"few are lost": growing('wifi_ap_uplink_probes_lost_total{ap="AP-1"}', 6)},
    ),
    Case(
        "BusSilent", {**BUS, 'wifi_ap_last_seen_timestamp_seconds{ap="AP-1"}': "0x400"}, "47h", "49h", AP,
        "AP-1 on Park has not answered for 2d 1h 0m 0s.",
        {"it was there yesterday": {'wifi_ap_last_seen_timestamp_seconds{ap="AP-1"}': "90000x400"}}, "15m",
    ),
    Case(
        "BusPositionStale",
        {**BUS, 'wifi_ap_up{ap="AP-1"}': "1x120", 'wifi_ap_position_timestamp_seconds{ap="AP-1"}': "0x120"},
        "20m", "30m", AP, "AP-1 on Park drives, but its position is 30m 0s old.",
        {
            "it is switched off": {'wifi_ap_up{ap="AP-1"}': "0x120"},
            "its position is new": {'wifi_ap_position_timestamp_seconds{ap="AP-1"}': "0+60x120"},
        },
    ),
    Case(
        "RadioSaturated", AIR, "14m", "30m", RADIO,
        "radio0 of AP-1 at Park is full: its channel is busy 80% of the time.",
        {
            "few devices share it": {clients("good"): "5x120"},
            "its channel is calm": growing(radio("wifi_radio_channel_busy_seconds_total"), 30),
            "it was switched off": growing(radio("wifi_radio_channel_active_seconds_total"), 0),
        },
    ),
    Case(
        "RadioInterference", AIR, "29m", "45m", RADIO,
        "radio0 of AP-1 at Park hears others 60% of the time.",
        {"it is the one that sends": growing(radio("wifi_radio_channel_transmit_seconds_total"), 40)},
    ),
    Case(
        "WeakSignals", {**info("AP-1"), clients("good"): "10x120", clients("poor"): "10x120"}, "29m", "33m", PLACE,
        "Park in River: 50% of the devices are heard weakly.",
        {"most are near": {clients("poor"): "3x120"}, "nearly nobody is there": {clients("good"): "1x120", clients("poor"): "2x120"}},
    ),
    Case(
        "AddressesRunOut",
        {
            **info("AP-1"),
            **growing('wifi_ap_dhcp_requests_total{ap="AP-1"}', 10),
            **growing('wifi_ap_dhcp_failures_total{ap="AP-1"}', 2),
        },
        "9m", "30m", PLACE, "Park in River: 20% of the devices get no address.",
        {
            "hardly one failed": growing('wifi_ap_dhcp_failures_total{ap="AP-1"}', 0.5),
            "hardly anybody asked": {
                **growing('wifi_ap_dhcp_requests_total{ap="AP-1"}', 1),
                **growing('wifi_ap_dhcp_failures_total{ap="AP-1"}', 0.5),
            },
        },
    ),
    Case(
        "ConfigurationDrifts",
        {
            **info("AP-1"), **info("AP-2"),
            'wifi_ap_config_in_sync{ap="AP-1"}': "0x60", 'wifi_ap_config_in_sync{ap="AP-2"}': "0x60",
        },
        "29m", "31m", {"city": "haneul", "district": "River"},
        "River: 2 access points run something else than what was committed.",
        {"both run what is wanted": {'wifi_ap_config_in_sync{ap="AP-1"}': "1x60", 'wifi_ap_config_in_sync{ap="AP-2"}': "1x60"}},
    ),
    Case(
        "ChangesUndone", {'wifi_pushes{status="undone"}': "2x60 8x200"}, "60m", "70m", {"status": "undone"},
        "6 changes of access points were undone within an hour.",
        {"they were there before": {'wifi_pushes{status="undone"}': "8x200"}},
    ),
]  # fmt: skip
