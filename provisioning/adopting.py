"""From files that were found on an access point back to what an intent would say: only where they differ.

What is wanted and what was found are both read in the same way, and the difference becomes part of an intent. Then
that is rendered again: whatever still differs cannot be said in an intent, and is named. So nothing is adopted by
halves, also of what this reader has never heard of.
"""

import ipaddress
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import tomli_w

from provisioning import adopting_linux
from provisioning.changes import redacted
from provisioning.config_files import ConfigFiles
from provisioning.platforms import LINUX, OPENWRT, render
from provisioning.uci import Section, Value, parse, quote
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent import Intent
from wifi_manager.domain.intent_documents import approved_intent, intent_from_document, parse_toml
from wifi_manager.domain.intent_layers import ABSENT, Layer, Level, Scope, combine

_UCI = "etc/config/"
_LINES = ("etc/hostapd/", "etc/prov/lines")
_BANDS = {"2g": "2.4", "5g": "5", "6g": "6"}
_ENCRYPTION = {"none": "open", "owe": "owe", "psk2+ccmp": "psk2", "sae": "sae", "sae-mixed": "sae-mixed"}
_TABLES = ("radios", "networks")
Found = Mapping[str, Mapping[str, Section]]  # sections by package and name


@dataclass(frozen=True, slots=True)
class Adoption:
    """What an intent would have to say otherwise, the whole of it, both as TOML; and what of it no intent can say."""

    override: str = field(default="", repr=False)
    intent: str = field(default="", repr=False)
    obstacles: tuple[str, ...] = ()


def adoption(wanted: str, files: ConfigFiles, platform: str = OPENWRT) -> Adoption:
    """How the intent `wanted` would have to change so that it makes `files`."""
    document, intent = parse_toml(wanted), approved_intent(wanted)
    said = _reader(platform, intent)
    try:
        override = _difference(said(render(intent, platform)), said(files))
        whole = combine([Layer(Scope(Level.FLEET), document), Layer(Scope(Level.ACCESS_POINT), override)]).document
        made = render(intent_from_document(whole), platform)
    except (BadInput, ValueError) as wrong:
        return Adoption(obstacles=tuple(str(wrong).splitlines()))
    return Adoption(tomli_w.dumps(override), tomli_w.dumps(whole), tuple(_left_over(made, files)))


def _reader(platform: str, wanted: Intent) -> Callable[[ConfigFiles], dict[str, Any]]:
    """What says which part of an intent an access point's files are."""
    if platform == LINUX:
        places = adopting_linux.places(wanted)
        return lambda files: adopting_linux.said(files, places)
    return lambda files: _said(_sections(files))


def _sections(files: ConfigFiles) -> Found:
    """Sections by package; anonymous ones are called as uci shows them. Raises BadInput naming the file."""
    return {path: _named(path, files.text(path)) for path in sorted(files.content) if path.startswith(_UCI)}


def _named(path: str, text: str) -> Mapping[str, Section]:
    try:
        found = parse(text)
    except BadInput as wrong:
        raise BadInput(f"{path}: {wrong}") from wrong
    return {each.name or f"@{each.type}[{number}]": each for number, each in enumerate(found)}


def _said(found: Found) -> dict[str, Any]:
    """The part of an intent that these sections say, tables by their names; without what cannot be understood."""
    system, network = found.get("etc/config/system", {}), found.get("etc/config/network", {})
    return {
        **_known(hostname=_option(system, "system", "hostname"), ntp=_list(system, "ntp", "server") or []),
        "management": _management(network),
        **_wireless(found.get("etc/config/wireless", {})),
    }


def _management(network: Mapping[str, Section]) -> dict[str, Any]:
    address, mask = _option(network, "lan", "ipaddr"), _option(network, "lan", "netmask")
    if address and mask and "/" not in address:
        address = ipaddress.ip_interface(f"{address}/{mask}").with_prefixlen
    ports = _list(network, "br_lan", "ports")
    return _known(
        address=address or _option(network, "lan", "ip6addr"),
        gateway=_option(network, "lan", "gateway") or _option(network, "lan", "ip6gw"),
        port=ports[0] if ports else None,
    )


def _wireless(wireless: Mapping[str, Section]) -> dict[str, Any]:
    radios = {name: _radio(each) for name, each in wireless.items() if each.type == "wifi-device"}
    networks: dict[str, dict[str, Any]] = {}
    for name, each in wireless.items():
        network, joint, radio = name.partition("_")
        if each.type == "wifi-iface" and joint and radio in radios:
            networks.setdefault(network, {**_network(each), "radios": []})["radios"].append(radio)
    return {"radios": radios, "networks": networks}


def _radio(section: Section) -> dict[str, Any]:
    channel, width = _text(section, "channel"), (_text(section, "htmode") or "").lstrip("VHTE")
    return _known(
        band=_BANDS.get(_text(section, "band") or ""),
        country=_text(section, "country"),
        channel=0 if channel in {None, "auto"} else _number(channel),
        width_mhz=_number(width),
        path=_text(section, "path"),
    )


def _network(section: Section) -> dict[str, Any]:
    line = _text(section, "network") or ""
    return _known(
        ssid=_text(section, "ssid"),
        encryption=_ENCRYPTION.get(_text(section, "encryption") or ""),
        key=_text(section, "key"),
        vlan=_number(line.removeprefix("vlan")) if line.startswith("vlan") else None,
    )


def _known(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() else None


def _text(section: Section, option: str) -> str | None:
    value = section.get(option)
    return value if isinstance(value, str) else None


def _option(sections: Mapping[str, Section], name: str, option: str) -> str | None:
    return _text(sections[name], option) if name in sections else None


def _list(sections: Mapping[str, Section], name: str, option: str) -> list[str] | None:
    value = sections[name].get(option) if name in sections else None
    return None if value is None else [value] if isinstance(value, str) else list(value)


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What of `after` differs, in the words of a layer. A value that is gone cannot be said; a table can."""
    made: dict[str, Any] = {}
    for key, value in after.items():
        if key in _TABLES and isinstance(value, Mapping):  # a network names its radios by a list
            rows = list(_table_difference(before.get(key, {}), value))
            made |= {key: rows} if rows else {}
        elif isinstance(value, Mapping):
            part = _difference(before.get(key, {}), value)
            made |= {key: part} if part else {}
        elif before.get(key) != value:
            made[key] = value
    return made


def _table_difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, row in after.items():
        if part := _difference(before.get(name, {}), row):
            yield {"name": name, **part}
    for name in before.keys() - after.keys():
        yield {"name": name, ABSENT: True}


def _left_over(made: ConfigFiles, found: ConfigFiles) -> Iterator[str]:
    """Whatever differs between what the new intent makes and what was found, without keys."""
    for path in sorted({*made.content, *found.content}):
        if path not in found.content or path not in made.content:
            yield f"{path}: {'is missing' if path in made.content else 'is a file of its own'} on the access point."
        elif path.startswith(_UCI):
            ours, theirs = _named(path, made.text(path)), _named(path, found.text(path))
            yield from (f"{path}: {line}" for line in _left_over_sections(ours, theirs))
        elif path.startswith(_LINES):
            yield from (f"{path}: {line}" for line in _left_over_lines(made.text(path), found.text(path)))
        elif made.content[path] != found.content[path]:
            yield f"{path}: has another content."


def _left_over_lines(ours: str, theirs: str) -> Iterator[str]:
    """Lines of hostapd and ours; where only their order differs, that they differ."""
    wanted, found = (Counter(redacted(text, {}).splitlines()) for text in (ours, theirs))
    yield from (f"{line} is missing, which no intent says." for line in wanted - found)
    yield from (f"{line} is there, which no intent says." for line in found - wanted)
    if wanted == found and ours != theirs:
        yield "has its lines in another order or with another key, which no intent says."


def _left_over_sections(ours: Mapping[str, Section], theirs: Mapping[str, Section]) -> Iterator[str]:
    for name in [*ours, *(name for name in theirs if name not in ours)]:
        if name not in theirs or name not in ours:
            sort = (ours.get(name) or theirs[name]).type
            yield f"{sort} {name} is {'missing' if name in ours else 'there'}, which no intent says."
            continue
        wanted, found = dict(ours[name].options), dict(theirs[name].options)
        for option in sorted({*wanted, *found}):
            if wanted.get(option) != found.get(option):
                yield f"{name}: {_shown(option, found.get(option))}, which no intent says."


def _shown(option: str, value: Value | None) -> str:
    if value is None:
        return f"{option} is missing"
    words = (value,) if isinstance(value, str) else value
    return redacted(f"option {option} {' '.join(map(_quoted, words))}", {}).removeprefix("option ")


def _quoted(word: str) -> str:
    return quote(" ".join(word.split()) or "-")
