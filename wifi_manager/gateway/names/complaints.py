"""What `wifi-manager gateway check` says of names and the time: none of it keeps a gateway from running."""

import shutil
from collections.abc import Iterator

from wifi_manager.domain.errors import BadInput
from wifi_manager.gateway.names import chrony
from wifi_manager.gateway.names.filter_list import read
from wifi_manager.gateway.names.serving import never_filtered
from wifi_manager.gateway.settings import GatewaySettings


def complaints(settings: GatewaySettings) -> Iterator[str]:
    """One sentence for each line of a filter list that is not used, and for programs that are missing."""
    for name in sorted({network.filter for network in settings.networks if network.filter}):
        try:
            yield from read(settings.filters.file(name), never_filtered(settings)).mistakes
        except BadInput as missing:
            yield f"{missing} Until it can, nothing is filtered."
    if settings.ntp.servers and shutil.which(chrony.PROGRAM) is None:
        yield f"{chrony.PROGRAM} is not installed, so phones are not told the time: install chrony."
