"""Reading what `prov hardware` on an access point answers: its own files and words, understood here."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from provisioning.config_files import unpack
from provisioning.driver import Refused
from provisioning.drivers.helper_answers import check
from provisioning.link import Garbled, Reply
from wifi_manager.domain.hardware import FoundRadio, Hardware

_HEAD = b"PROV HARDWARE\n"
_PATH = re.compile(r"^wireless\.([A-Za-z0-9_]+)\.path='?([^'\n]*)'?$", re.MULTILINE)
_PHY = re.compile(r"^phy#(\d+)$", re.MULTILINE)
_CHANNEL = re.compile(r"channel (\d+) \((\d+) MHz\)")
_BANDS = {"2G": "2.4", "5G": "5", "6G": "6"}  # as /etc/board.json calls them
_CAPABILITIES = (("EHT", "802.11be"), ("HE", "802.11ax"), ("VHT", "802.11ac"), ("HT", "802.11n"))
_FIRST_5, _FIRST_6 = 3000, 5945  # MHz
_SERIAL = re.compile(r"[A-Za-z0-9._:/-]{2,64}")


def read_hardware(reply: Reply, model: str, firmware: str) -> Hardware:
    """What the device said beside the model and firmware that are known. Raises Garbled for nonsense.

    A helper from before there was this question has not told: then only model and firmware are known.
    """
    try:
        check(reply)
    except Refused as why:
        if why.code == "USAGE":
            return Hardware(model, firmware)
        raise
    said, head, archive = reply.stdout.partition(_HEAD)
    if said or not head:
        raise Garbled("The access point's answer cannot be read; enrol it again.")
    texts = {name: data.decode(errors="replace") for name, data in unpack(archive).items()}
    serial = texts.get("serial", "").strip().partition("\n")[0]
    radios = tuple(_radios(_phys(texts.get("board", "")), texts.get("iw", ""), texts.get("paths", "")))
    return Hardware(model, firmware, serial if _SERIAL.fullmatch(serial) else "", radios)


def _phys(board: str) -> Mapping[str, Mapping[str, Any]]:
    """Radios by the kernel's name for them, as OpenWrt found them at its first start; none before OpenWrt 23.05."""
    try:
        found = json.loads(board)["wlan"]
    except (ValueError, KeyError, TypeError):
        return {}
    return {name: each for name, each in found.items() if isinstance(each, dict)} if isinstance(found, dict) else {}


def _radios(phys: Mapping[str, Mapping[str, Any]], iw: str, paths: str) -> Iterator[FoundRadio]:
    channels = _channels(iw)
    names = {path: name for name, path in _PATH.findall(paths)}
    for phy in sorted({*phys, *channels}):
        channel, mhz = channels.get(phy, (0, 0))
        info = phys.get(phy, {}).get("info")
        bands = info.get("bands") if isinstance(info, dict) else None
        known = {_BANDS[name]: each for name, each in bands.items() if name in _BANDS} if bands else {}
        band = _band(mhz) or (next(iter(known)) if len(known) == 1 else "")
        name = names.get(str(phys.get(phy, {}).get("path")), phy.replace("phy", "radio"))
        yield FoundRadio(name, band, channel, _capability(known.get(band)))


def _channels(iw: str) -> dict[str, tuple[int, int]]:
    """(channel, MHz) of each radio that is on the air."""
    pieces = _PHY.split(iw)
    found = {}
    for number, said in zip(pieces[1::2], pieces[2::2], strict=True):
        on = _CHANNEL.search(said)
        found[f"phy{number}"] = (int(on[1]), int(on[2])) if on else (0, 0)
    return found


def _band(mhz: int) -> str:
    if not mhz:
        return ""
    return "2.4" if mhz < _FIRST_5 else "5" if mhz < _FIRST_6 else "6"


def _capability(band: Any) -> str:
    modes = band.get("modes") if isinstance(band, dict) else None
    words = [str(mode) for mode in modes] if isinstance(modes, list) else []
    return next((name for word, name in _CAPABILITIES if any(mode.startswith(word) for mode in words)), "")
