"""What the law of the air and a board allow, on top of what can be rendered at all.

These rules hold for what is wanted from now on. They may become stricter with a release; what was approved before
can still be read, compared with and gone back to (`intent_documents.approved_intent`).
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent import Intent, radios_of
from wifi_manager.domain.intent_countries import allowed_channels, eirp_limit
from wifi_manager.domain.intent_networks import WirelessNetwork
from wifi_manager.domain.intent_radios import RadioIntent


def checked(intent: Intent) -> Intent:
    """The same intent. Raises BadInput with one line for each rule that it breaks."""
    if problems := _problems(intent.radios, intent.networks, outdoor=intent.outdoor):
        raise BadInput("\n".join(problems))
    return intent


@lru_cache(maxsize=1024)  # most of thousands of access points send the same
def _problems(
    radios: tuple[RadioIntent, ...], networks: tuple[WirelessNetwork, ...], *, outdoor: bool
) -> tuple[str, ...]:
    problems: list[str] = []
    for index, radio in enumerate(radios):
        here = [(number, each) for number, each in enumerate(networks) if radio in radios_of(radios, each)]
        problems.extend(_country_problems(f"radios[{index}]", radio, outdoor=outdoor))
        problems.extend(_load_problems(f"radios[{index}]", radio, here))
        problems.extend(_same_name_problems(radio, here))
    return tuple(problems)


def _country_problems(place: str, radio: RadioIntent, *, outdoor: bool) -> Iterator[str]:
    allowed = allowed_channels(radio.country, radio.band, radio.width_mhz, outdoor=outdoor)
    where = f"{radio.country} allows{' outdoors' if outdoor else ''} at {radio.band} GHz and {radio.width_mhz} MHz"
    if not allowed:
        yield f"{place}.width_mhz: {where} no channel; choose another width, or leave the radio out."
    elif radio.channel and radio.channel not in allowed:
        yield f"{place}.channel: {where} {', '.join(map(str, allowed))}, not {radio.channel}; 0 is automatic."
    else:
        yield from _power_problems(place, radio)


def _power_problems(place: str, radio: RadioIntent) -> Iterator[str]:
    limit = eirp_limit(radio.country, radio.band, radio.channel, radio.width_mhz)
    if radio.power_dbm is None or limit is None or radio.power_dbm + radio.gain_dbi <= limit:
        return
    sent = f"{radio.power_dbm} dBm and an antenna's {radio.gain_dbi} dBi"
    most = int(limit - radio.gain_dbi)
    yield f"{place}.power_dbm: {sent} are more than {limit:g} dBm, which {radio.country} allows; at most {most}."


def _load_problems(place: str, radio: RadioIntent, here: Sequence[tuple[int, WirelessNetwork]]) -> Iterator[str]:
    names = [ssid for _, network in here for ssid in network.ssids]
    if len(names) > radio.networks_max:
        yield (
            f"{place}.networks_max: {len(names)} networks on {radio.name} (an OWE transition counts twice), "
            f"and it holds {radio.networks_max}; take some away, or say how many the board holds."
        )


def _same_name_problems(radio: RadioIntent, here: Sequence[tuple[int, WirelessNetwork]]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for index, network in here:
        if network.ssid in seen:
            yield f"networks[{index}].ssid: {seen[network.ssid]} has it on {radio.name} too; give each its own."
        seen.setdefault(network.ssid, network.name)
