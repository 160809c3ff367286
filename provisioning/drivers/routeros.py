"""MikroTik access points: RouterOS from 7.13 on, whose command line tells as JSON what its menus show.

Menus and fields as https://help.mikrotik.com/docs has them: WiFi, Interface, Resource, Health, Routing, Scripting.
"""

import re
from datetime import timedelta

from provisioning.drivers import look_counts
from provisioning.drivers.vendor_driver import Told, Vendor
from provisioning.drivers.vendor_radios import VendorRadio, raw_of
from provisioning.drivers.vendor_values import Row, address, document, name, number, row, rows, share, whole, word
from provisioning.look_memory import Measured
from wifi_manager.domain.counting import Raw
from wifi_manager.domain.observations import Readings, UplinkReading

# Radios have a factory name (default-name); the networks beside the first one on a radio name their radio.
_COMMAND = (
    ':local air [:toarray ""]; '
    ':foreach radio in=[/interface/wifi/find where default-name~"wifi"] do={ '
    ":set ($air->[/interface/wifi/get $radio name]) [/interface/wifi/monitor $radio once as-value] }; "
    ':local ping [:toarray ""]; '
    ":local ways [/ip/route/print as-value where dst-address=0.0.0.0/0 active]; "
    ':if ([:len $ways] > 0) do={ :local gateway [:tostr (($ways->0)->"gateway")]; '
    ':if ([:pick $gateway 0 1] ~ "[0-9]") do={ :set ping [/ping address=$gateway count=1 as-value] } }; '
    ":put [:serialize to=json value={"
    '"air"=$air;"ping"=$ping;"ways"=$ways;'
    '"system"=[/system/resource/print as-value];'
    '"health"=[/system/health/print as-value];'
    '"wifi"=[/interface/wifi/print as-value];'
    '"clients"=[/interface/wifi/registration-table/print as-value];'
    '"traffic"=[/interface/print stats as-value]}]'
)
_FREQUENCY = re.compile(r"(\d{4,5})(?:/|$)")
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_UNITS |= {"ms": "milliseconds", "us": "microseconds"}
_SPANS = re.compile(r"(\d{1,9})(ms|us|w|d|h|m|s)")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2}):(\d{2}(?:\.\d{1,9})?)$")


def _read(text: str) -> Told:
    """Raises ValueError."""
    told = document(text)
    system = row(told.get("system"))
    uptime, model = duration(system.get("uptime")), word(system.get("board-name"))
    if uptime is None or not model:
        raise ValueError("it tells neither its board nor its uptime")
    radios, answer = _radios(told), row(told.get("ping"))
    took = duration(answer.get("time"))
    readings = Readings(
        radios=tuple(radio.reading(each) for each, radio in sorted(radios.items())),
        uplink=UplinkReading(rtt_seconds=None if took is None else took.total_seconds()),
        cpu_busy_ratio=share(system.get("cpu-load")),
        memory_available_bytes=whole(system.get("free-memory")),
        temperature_celsius=_temperature(told),
    )
    raw = raw_of(radios) | _uplink(told) | (look_counts.probes(1, int(took is None)) if answer else {})
    version = word(system.get("version"))
    return Told(f"MikroTik {model}", f"RouterOS {version}", int(uptime.total_seconds()), Measured(readings, raw))


def duration(value: object) -> timedelta | None:
    """A time as RouterOS writes it: 1w2d3h4m5s, 1w2d03:04:05.25 or 2ms613us."""
    text = value if isinstance(value, str) else ""
    clock = _CLOCK.search(text)
    days = text[: clock.start()] if clock else text
    spans = _SPANS.findall(days)
    if not text or (not clock and not spans) or _SPANS.sub("", days):
        return None
    hours, minutes, seconds = clock.groups() if clock else (0, 0, 0)
    of_the_day = timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds))
    return of_the_day + timedelta(**{_UNITS[unit]: int(count) for count, unit in spans})


def _radios(told: Row) -> dict[str, VendorRadio]:
    """By the factory name of each (wifi1), those that serve phones."""
    networks = {name(each.get("name")): each for each in rows(told.get("wifi")) if _serves_phones(each)}
    radio_of = {here: _radio_of(networks, here) for here in networks if here}
    radios = {each: VendorRadio() for each in radio_of.values() if each}
    for here, each in row(told.get("air")).items():
        if radio_of.get(here) and isinstance(each, dict):
            _add_air(radios[radio_of[here]], each)
    for each in rows(told.get("clients")):
        here, who, dbm = name(each.get("interface")), address(each.get("mac-address")), number(each.get("signal"))
        if radio_of.get(here) and who is not None:
            radios[radio_of[here]].clients[here, who] = None if dbm is None else round(dbm)
    for each in rows(told.get("traffic")):
        here = name(each.get("name"))
        if radio_of.get(here):
            radios[radio_of[here]].count(
                here,
                receive_bytes=whole(each.get("rx-byte")),
                transmit_bytes=whole(each.get("tx-byte")),
                transmit_packets=whole(each.get("tx-packet")),
            )
    return radios


def _serves_phones(network: Row) -> bool:
    return not word(network.get("configuration.mode")).startswith("station")


def _radio_of(networks: dict[str, Row], here: str) -> str:
    own, master = name(networks[here].get("default-name")), name(networks[here].get("master-interface"))
    return own or name(networks.get(master, {}).get("default-name"))


def _add_air(radio: VendorRadio, told: Row) -> None:
    """What `monitor` says: the channel as 5180/ax/Ceee, the power in dBm."""
    found = _FREQUENCY.match(word(told.get("channel")))
    radio.frequency_mhz = int(found[1]) if found else None
    radio.power_dbm = number(told.get("tx-power"))


def _uplink(told: Row) -> dict[str, Raw]:
    """The interface behind the default route, which is written as 10.0.0.1%ether1."""
    port = name(word(row(told.get("ways")).get("immediate-gw")).partition("%")[2])
    for each in rows(told.get("traffic")):
        if port and each.get("name") == port:
            return look_counts.uplink({port: whole(each.get("rx-byte"))}, {port: whole(each.get("tx-byte"))})
    return {}


def _temperature(told: Row) -> float | None:
    """Of /system/health: rows of name and value, or one row of fields on boards with little to say."""
    found = [number(each.get("value")) for each in rows(told.get("health")) if _is_heat(each)]
    found += [number(each.get("temperature")) for each in rows(told.get("health"))]
    return max((each for each in found if each), default=None)


def _is_heat(each: Row) -> bool:
    return word(each.get("name")).endswith("temperature")


ROUTEROS = Vendor(_COMMAND, "RouterOS 7.13 or newer with its wifi package is needed.", _read)
