"""What a look at any kind of device adds to the counts of clients that joined, of echoes and of the uplink."""

from collections.abc import Hashable, Iterable, Mapping

from provisioning.look_memory import client_source
from wifi_manager.domain.counting import Raw
from wifi_manager.domain.measuring import UPLINK, joined_name, total_name


def joined(clients: Iterable[tuple[str, bytes]]) -> dict[str, Raw]:
    """Of all that are there, by interface and hardware address: those who were not at the look before."""
    return {joined_name("success"): Raw({client_source(*each): 1 for each in clients}, passing=True)}


def probes(sent: int, lost: int) -> dict[str, Raw]:
    """Echoes that were asked for in this look, and those without an answer."""
    this_look = object()
    return {
        total_name(UPLINK, "probes"): Raw({this_look: sent}, passing=True),
        total_name(UPLINK, "probes_lost"): Raw({this_look: lost}, passing=True),
    }


def uplink(received: Mapping[str, int | None], sent: Mapping[str, int | None]) -> dict[str, Raw]:
    """Bytes by the interface behind the way out; none where they could not be read."""
    found = {"receive_bytes": _known(received), "transmit_bytes": _known(sent)}
    return {total_name(UPLINK, what): Raw(values, joins=True) for what, values in found.items() if values}


def _known(values: Mapping[str, int | None]) -> dict[Hashable, int]:
    return {port: value for port, value in values.items() if value is not None}
