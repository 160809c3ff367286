"""One access point: all that is known about it."""

from dashboards.model import AP, CITY, DISTRICT, SITE, Column, Dashboard, Kind, Panel, Query, Row
from dashboards.panels import UP_WORDS, areas, lines, now, stat, table
from dashboards.positions import buses

RATE = "[$__rate_interval]"


def of(name: str, more: str = "") -> str:
    """This access point's series."""
    return f'{name}{{ap="$ap"{more}}}'


def rate(name: str, more: str = "") -> str:
    return f"rate({of(name, more)}{RATE})"


ON_CHANNEL = f"({rate('wifi_radio_channel_active_seconds_total')} > 0)"
NOW = (
    Panel(
        Kind.STAT,
        "State",
        "As the last look found it; nothing after ten minutes without one.",
        [Query(of("wifi_ap_up"))],
        width=4,
        words=UP_WORDS,
    ),
    stat("Answered", "How long ago.", f"time() - {of('wifi_ap_last_seen_timestamp_seconds')}", "s"),
    stat("Running for", "Since it started.", f"time() - {of('wifi_ap_boot_timestamp_seconds')}", "s"),
    stat("Devices on the air", "Signed in or not.", f"sum({of('wifi_radio_clients')})"),
    Panel(
        Kind.STAT,
        "Configuration",
        "Whether it runs what was last committed.",
        [Query(of("wifi_ap_config_in_sync"))],
        width=4,
        words={"0": ("drifts", "red"), "1": ("as committed", "green")},
    ),
    Panel(
        Kind.STAT,
        "Maintenance",
        "Whether a window of its site is open now.",
        [Query(of("wifi_ap_maintenance"))],
        width=4,
        words={"0": ("no", "green"), "1": ("worked on", "blue")},
    ),
)
WHAT = table(
    "What it is",
    "As the inventory and the device say.",
    now(f"max by (ap, district, site, site_kind, vendor, model, firmware, geohash) ({of('wifi_ap_info')})", "Known"),
    columns={
        "ap": Column(),
        "district": Column(leads_to="wifi-district"),
        "site": Column(leads_to="wifi-site"),
        "Known": Column(unseen=True),
    },
)
DEVICES = (
    areas(
        "Devices by signal",
        "How well they are heard: good from -67 dBm, fair from -75 dBm, poor below.",
        Query(f"sum by (radio, signal) ({of('wifi_radio_clients')})", "{{radio}} {{signal}}"),
    ),
    lines(
        "Associations",
        "Devices that wanted in, a second.",
        Query(f"sum by (result) ({rate('wifi_ap_associations_total')})", "{{result}}"),
        unit="cps",
    ),
    lines(
        "Addresses",
        "DHCP through it, a second.",
        Query(rate("wifi_ap_dhcp_requests_total"), "asked"),
        Query(rate("wifi_ap_dhcp_failures_total"), "not given"),
        unit="cps",
    ),
)
AIR = (
    lines(
        "Channel",
        "Part of the time: busy, and of that what the radio sends and receives. The rest are others.",
        *(
            Query(f"{rate(f'wifi_radio_channel_{part}_seconds_total')} / {ON_CHANNEL}", f"{{{{radio}}}} {word}")
            for part, word in (("busy", "busy"), ("transmit", "sends"), ("receive", "receives"))
        ),
        unit="percentunit",
    ),
    lines("Noise", "On its channel.", Query(of("wifi_radio_noise_dbm"), "{{radio}}"), unit="dBm"),
    lines(
        "Retries and failures",
        "Of the packets that it sends.",
        Query(
            f"{rate('wifi_radio_transmit_retries_total')} / ({rate('wifi_radio_transmit_packets_total')} > 0)",
            "{{radio}} again",
        ),
        Query(
            f"{rate('wifi_radio_transmit_failed_total')} / ({rate('wifi_radio_transmit_packets_total')} > 0)",
            "{{radio}} given up",
        ),
        unit="percentunit",
    ),
)
RADIOS = (
    lines(
        "On the air",
        "Bytes to and from devices.",
        Query(f"8 * {rate('wifi_radio_transmit_bytes_total')}", "{{radio}} to devices"),
        Query(f"8 * {rate('wifi_radio_receive_bytes_total')}", "{{radio}} from devices"),
        unit="bps",
    ),
    lines(
        "Channel's place",
        "A step is a change of the channel.",
        Query(of("wifi_radio_frequency_hertz"), "{{radio}}"),
        unit="hertz",
    ),
    lines("Power", "How strongly it sends.", Query(of("wifi_radio_transmit_power_dbm"), "{{radio}}"), unit="dBm"),
)
UPLINK = (
    lines(
        "Uplink",
        "What is loaded, and what is sent.",
        Query(f"8 * {rate('wifi_ap_uplink_receive_bytes_total')}", "loaded"),
        Query(f"8 * {rate('wifi_ap_uplink_transmit_bytes_total')}", "sent"),
        unit="bps",
    ),
    lines(
        "Round trip",
        "From the access point to its gateway.",
        Query(of("wifi_ap_uplink_rtt_seconds"), "round trip"),
        unit="s",
    ),
    lines(
        "Loss",
        "Probes that nobody answered.",
        Query(f"{rate('wifi_ap_uplink_probes_lost_total')} / ({rate('wifi_ap_uplink_probes_total')} > 0)", "lost"),
        unit="percentunit",
    ),
)
DEVICE = (
    lines(
        "Processor",
        "Part of the time that it worked.",
        Query(of("wifi_ap_cpu_busy_ratio"), "busy"),
        unit="percentunit",
        width=6,
    ),
    lines(
        "Memory",
        "That programs may still have.",
        Query(of("wifi_ap_memory_available_bytes"), "free"),
        unit="bytes",
        width=6,
    ),
    lines(
        "Temperature",
        "Where it tells one.",
        Query(of("wifi_ap_temperature_celsius"), "device"),
        unit="celsius",
        width=6,
    ),
    lines(
        "Our look at it", "How long it took.", Query(of("wifi_ap_poll_duration_seconds"), "look"), unit="s", width=6
    ),
)
MOVING = (
    buses('ap="$ap"', width=16),
    lines(
        "Speed",
        "Of a bus.",
        Query(of("wifi_ap_speed_meters_per_second"), "speed"),
        unit="velocityms",
    ),
)
PAGE = Dashboard(
    "wifi-access-point",
    "Access point",
    "All that is known about one access point.",
    [CITY, DISTRICT, SITE, AP],
    [
        Row("Now", NOW, 4),
        Row("", [WHAT], 4),
        Row("Devices", DEVICES),
        Row("Air", AIR),
        Row("", RADIOS),
        Row("Uplink", UPLINK),
        Row("The device", DEVICE, 6),
        Row("On the road", MOVING, 10),
    ],
    since="now-24h",
)
