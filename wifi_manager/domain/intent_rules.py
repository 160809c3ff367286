"""What the law of the air and a board allow, on top of what can be rendered at all.

These rules hold for what is wanted from now on. They may become stricter with a release; what was approved before
can still be read, compared with and gone back to (`intent_documents.approved_intent`).
"""

from collections.abc import Iterator

from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent import Intent
from wifi_manager.domain.intent_countries import allowed_channels, eirp_limit
from wifi_manager.domain.intent_radios import RadioIntent


def checked(intent: Intent) -> Intent:
    """The same intent. Raises BadInput with one line for each rule that it breaks."""
    if problems := list(_problems(intent)):
        raise BadInput("\n".join(problems))
    return intent


def _problems(intent: Intent) -> Iterator[str]:
    for index, radio in enumerate(intent.radios):
        yield from _country_problems(f"radios[{index}]", radio, outdoor=intent.outdoor)
        yield from _load_problems(f"radios[{index}]", intent, radio)
    for radio in intent.radios:
        yield from _same_name_problems(intent, radio)


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


def _load_problems(place: str, intent: Intent, radio: RadioIntent) -> Iterator[str]:
    names = [ssid for network in intent.networks if radio in intent.radios_of(network) for ssid in network.ssids]
    if len(names) > radio.networks_max:
        yield (
            f"{place}.networks_max: {len(names)} networks on {radio.name} (an OWE transition counts twice), "
            f"and it holds {radio.networks_max}; take some away, or say how many the board holds."
        )


def _same_name_problems(intent: Intent, radio: RadioIntent) -> Iterator[str]:
    seen: dict[str, str] = {}
    for index, network in enumerate(intent.networks):
        if radio not in intent.radios_of(network):
            continue
        if network.ssid in seen:
            yield f"networks[{index}].ssid: {seen[network.ssid]} has it on {radio.name} too; give each its own."
        seen.setdefault(network.ssid, network.name)
