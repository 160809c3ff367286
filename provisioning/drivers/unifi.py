"""Ubiquiti UniFi access points: a small Linux whose `mca-dump` tells, as JSON, what it also tells its controller.

Fields as known from firmware 4 to 7; those of `radio_table_stats` are `athstats` within `radio_table` on older ones.
"""

from collections import defaultdict
from collections.abc import Iterator
from statistics import median

from provisioning.drivers import look_counts, machine_texts
from provisioning.drivers.vendor_driver import Told, Vendor
from provisioning.drivers.vendor_radios import VendorRadio, raw_of, shares_of
from provisioning.drivers.vendor_values import Row, address, document, name, number, row, rows, share, whole, word
from provisioning.look_memory import Measured
from wifi_manager.domain.counting import Raw
from wifi_manager.domain.observations import Readings, UplinkReading

_COMMAND = """
g=$(ip route 2>/dev/null | sed -n 's/^default via \\([0-9.]*\\).*/\\1/p' | head -n 1)
[ -z "$g" ] || ping -c 1 -W 1 "$g" 2>/dev/null
mca-dump
"""
_BETWEEN_ACCESS_POINTS = "vwire-"  # so begins the SSID of the wireless uplink of another access point
_SHARES = {"cu_total": "busy_seconds", "cu_self_rx": "receive_seconds", "cu_self_tx": "transmit_seconds"}  # per cent
_BASE_MHZ = {"ng": 2407, "na": 5000, "6e": 5950}  # channel n is 5 n MHz above (IEEE 802.11, annex E)
_CHANNEL_14 = 14


def _read(text: str) -> Told:
    """Raises ValueError."""
    dump = document(text)
    model, uptime = word(dump.get("model_display")) or word(dump.get("model")), whole(dump.get("uptime"))
    if not model or uptime is None:
        raise ValueError("it tells neither its model nor its uptime")
    system, radios, raw = row(dump.get("sys_stats")), _radios(dump), _uplink(dump)
    echo = machine_texts.echo(text.partition("{")[0])
    if echo is not None:
        raw |= look_counts.probes(echo.sent, echo.lost)
    total, used = whole(system.get("mem_total")), whole(system.get("mem_used"))
    readings = Readings(
        radios=tuple(radio.reading(each) for each, radio in sorted(radios.items())),
        uplink=UplinkReading(rtt_seconds=echo.seconds if echo else None),
        cpu_busy_ratio=share(row(dump.get("system-stats")).get("cpu")),
        memory_available_bytes=None if total is None or used is None else max(0, total - used),
        temperature_celsius=max(_temperatures(dump), default=None),
    )
    measured = Measured(readings, raw_of(radios) | raw, shares=shares_of(radios))
    return Told(f"Ubiquiti {model}", word(dump.get("version")), uptime, measured, number(system.get("loadavg_1")))


def _radios(dump: Row) -> dict[str, VendorRadio]:
    """By the system's own name of each (wifi0), those that serve phones."""
    radios: defaultdict[str, VendorRadio] = defaultdict(VendorRadio)
    bands = {word(each.get("radio")): name(each.get("name")) for each in rows(dump.get("radio_table"))}
    for each in rows(dump.get("vap_table")):
        radio = name(each.get("radio_name")) or bands.get(word(each.get("radio")), "")
        if radio and _serves_phones(each):
            _add(radios[radio], each)
    for each in (*rows(dump.get("radio_table")), *rows(dump.get("radio_table_stats"))):
        if name(each.get("name")) in radios:
            _add_air(radios[name(each.get("name"))], {**each, **row(each.get("athstats"))})
    return dict(radios)


def _serves_phones(network: Row) -> bool:
    return network.get("usage") != "uplink" and not word(network.get("essid")).startswith(_BETWEEN_ACCESS_POINTS)


def _add(radio: VendorRadio, network: Row) -> None:
    """What one network (VAP) of the radio tells."""
    here, channel, base = name(network.get("name")), whole(network.get("channel")), word(network.get("radio"))
    if channel and base in _BASE_MHZ:
        radio.frequency_mhz = 2484 if (channel, base) == (_CHANNEL_14, "ng") else _BASE_MHZ[base] + 5 * channel
    powers = (radio.power_dbm, number(network.get("tx_power")))
    radio.power_dbm = max((each for each in powers if each is not None), default=None)
    radio.count(
        here,
        receive_bytes=whole(network.get("rx_bytes")),
        transmit_bytes=whole(network.get("tx_bytes")),
        transmit_packets=whole(network.get("tx_packets")),
        transmit_retries=whole(network.get("tx_retries")),
    )
    floors = []
    for each in rows(network.get("sta_table")):
        who, noise = address(each.get("mac")), number(each.get("noise"))
        if who is not None:
            radio.clients[here, who] = _signal(each)
        floors += [] if noise is None else [noise]
    radio.noise_dbm = median(floors) if floors else radio.noise_dbm


def _signal(client: Row) -> int | None:
    """In dBm. Some firmware tells how far it is above the noise, and calls that rssi."""
    signal, above, noise = (number(client.get(each)) for each in ("signal", "rssi", "noise"))
    if signal is None and above is not None and noise is not None:
        signal = noise + above
    return None if signal is None else round(signal)


def _add_air(radio: VendorRadio, told: Row) -> None:
    for said, what in _SHARES.items():
        part = share(told.get(said))
        if part is not None:
            radio.shares |= {"active_seconds": 1.0, what: part}


def _uplink(dump: Row) -> dict[str, Raw]:
    told = dump.get("uplink")
    port = name(told) or name(row(told).get("name"))
    for each in (*rows(dump.get("if_table")), *rows(dump.get("port_table"))):
        if port and each.get("name") == port:
            return look_counts.uplink({port: whole(each.get("rx_bytes"))}, {port: whole(each.get("tx_bytes"))})
    return {}


def _temperatures(dump: Row) -> Iterator[float]:
    for each in rows(dump.get("temperatures")):
        degrees = number(each.get("value"))
        if degrees:
            yield degrees


UNIFI = Vendor(_COMMAND, "UniFi access points answer to `mca-dump`.", _read)
