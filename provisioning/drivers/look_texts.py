"""Reading what `prov look` answers: what `inspect` says, and then, zipped, the texts of iw and of the kernel."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from provisioning.config_files import unpack_plain, unzipped
from provisioning.drivers import look_counts, machine_texts, radio_texts
from provisioning.drivers.helper_answers import Inspection, read_inspection
from provisioning.drivers.machine_texts import Traffic
from provisioning.drivers.radio_texts import Channel, Interface, Station
from provisioning.link import Garbled, Reply
from provisioning.look_memory import Measured, client_source
from wifi_manager.domain.counting import Raw
from wifi_manager.domain.measuring import total_name
from wifi_manager.domain.observations import RadioReading, Readings, UplinkReading

_NAMED = re.compile(rb"^PROV TEXT ([A-Za-z0-9._-]+)\n", re.MULTILINE)
_MOVED = ("receive_bytes", "transmit_bytes", "transmit_packets")


def read_look(reply: Reply) -> tuple[Inspection, Mapping[str, str]]:
    """The inspection and the texts by name; none where the texts are broken. Raises as `read_inspection` does."""
    inspection, zipped = read_inspection(reply)
    try:
        texts = _texts(unzipped(zipped)) if zipped else {}
    except Garbled:
        texts = {}  # that it is up, and what runs on it, was told all the same
    return inspection, {name: data.decode(errors="replace") for name, data in texts.items()}


def _texts(said: bytes) -> Mapping[str, bytes]:
    """Each behind a line with its name; helpers from before put them into a tar. Raises Garbled."""
    before, *found = _NAMED.split(said)
    if before:
        return unpack_plain(said)
    return {name.decode(): text for name, text in zip(found[::2], found[1::2], strict=True)}


@dataclass(slots=True)
class _Radio:
    """One radio's own interfaces, and what they say."""

    interfaces: list[Interface] = field(default_factory=list)
    stations: dict[str, list[Station]] = field(default_factory=dict)
    channels: list[Channel] = field(default_factory=list)

    @property
    def is_heard_whole(self) -> bool:
        """Whether all of its interfaces told who is there: else the others would count as new the next time."""
        return len(self.stations) == len(self.interfaces)


def read_measured(texts: Mapping[str, str]) -> Measured:
    """All that the texts tell. Whatever cannot be read is left out."""
    radios, moved = _radios(texts), machine_texts.traffic(texts.get("net", ""))
    raw: dict[str, Raw] = {}
    for name, radio in radios.items():
        raw |= {total_name(name, counted): each for counted, each in _raw_of(radio, moved).items()}
    stations = [(where, each) for radio in radios.values() for where, all_ in radio.stations.items() for each in all_]
    if radios and all(each.is_heard_whole for each in radios.values()):
        raw |= look_counts.joined((where, each.address) for where, each in stations)
    uplink, more = _uplink(texts, moved)
    readings = Readings(
        radios=tuple(_reading(name, radio) for name, radio in sorted(radios.items())),
        uplink=uplink,
        memory_available_bytes=machine_texts.memory_available(texts.get("memory", "")),
        temperature_celsius=machine_texts.temperature(texts.get("heat", "")),
    )
    return Measured(readings, raw | more, machine_texts.processor(texts.get("stat", "")))


def _radios(texts: Mapping[str, str]) -> dict[str, _Radio]:
    """By the intent's name, those that serve phones."""
    all_ = radio_texts.interfaces(texts.get("dev", ""))
    names = machine_texts.radio_names(
        texts.get("radios", ""), texts.get("phys", ""), {each.name: each.phy for each in all_}
    )
    radios: dict[str, _Radio] = defaultdict(_Radio)
    for each in all_:
        if each.kind == "AP":
            radio = radios[names.get(each.phy, f"phy{each.phy}")]
            radio.interfaces.append(each)
            if f"stations.{each.name}" in texts:
                radio.stations[each.name] = radio_texts.stations(texts[f"stations.{each.name}"])
            radio.channels = radio.channels or radio_texts.channels(texts.get(f"survey.{each.name}", ""))
    return radios


def _reading(name: str, radio: _Radio) -> RadioReading:
    frequency = next((each.frequency_mhz for each in radio.interfaces if each.frequency_mhz), None)
    powers = [each.power_dbm for each in radio.interfaces if each.power_dbm is not None]
    heard = [each.signal_dbm for all_ in radio.stations.values() for each in all_]
    here = _channel_of(radio.channels, frequency)
    return RadioReading(
        name,
        radio_texts.by_signal(each for each in heard if each is not None),
        frequency_mhz=frequency,
        transmit_power_dbm=max(powers, default=None),
        noise_dbm=here.noise_dbm if here else None,
    )


def _channel_of(channels: Iterable[Channel], frequency: int | None) -> Channel | None:
    """The one in use; some drivers do not mark it."""
    known = list(channels)
    here = [each for each in known if each.in_use] or [each for each in known if each.frequency_mhz == frequency]
    return here[0] if here else None


def _raw_of(radio: _Radio, moved: Mapping[str, Traffic]) -> dict[str, Raw]:
    frequency = next((each.frequency_mhz for each in radio.interfaces if each.frequency_mhz), None)
    here = _channel_of(radio.channels, frequency)
    raw = {} if here is None else {name: Raw({here.frequency_mhz: ms}) for name, ms in here.times.items()}
    names = [each.name for each in radio.interfaces if each.name in moved]
    if names:
        raw |= {what: Raw({name: getattr(moved[name], what) for name in names}) for what in _MOVED}
    if radio.is_heard_whole:
        for what in ("retries", "failed"):
            raw[f"transmit_{what}"] = _of_stations(radio, what)
    return raw


def _of_stations(radio: _Radio, what: str) -> Raw:
    values = {
        client_source(where, each.address): getattr(each, what) or 0
        for where, all_ in radio.stations.items()
        for each in all_
    }
    return Raw(values, passing=True)


def _uplink(texts: Mapping[str, str], moved: Mapping[str, Traffic]) -> tuple[UplinkReading, dict[str, Raw]]:
    """`uplink` names the gateway, then the ports of the cable behind the way out."""
    ports = [name for name in texts.get("uplink", "").split()[1:] if name in moved]
    raw = look_counts.uplink(
        {name: moved[name].receive_bytes for name in ports}, {name: moved[name].transmit_bytes for name in ports}
    )
    found = machine_texts.echo(texts.get("ping", ""))
    if found is None:
        return UplinkReading(), raw
    return UplinkReading(rtt_seconds=found.seconds), raw | look_counts.probes(found.sent, found.lost)
