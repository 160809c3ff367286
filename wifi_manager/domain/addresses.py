"""Link-layer and network addresses of devices, and how they are said without naming anybody."""

import ipaddress
import re
from dataclasses import dataclass

from wifi_manager.domain.errors import BadInput

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_MAC = re.compile(r"[0-9a-f]{2}([:-][0-9a-f]{2}){5}|[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class MacAddress:
    """A 48-bit IEEE 802 address, kept as its six octets. `str()` never shows the device part."""

    octets: bytes

    def __post_init__(self) -> None:
        """Refuse anything but six octets."""
        if len(self.octets) != 6:  # noqa: PLR2004 - EUI-48 has six octets
            raise BadInput(f"A MAC address has 6 octets, not {len(self.octets)}.")

    @classmethod
    def parse(cls, text: str) -> "MacAddress":
        """Read `02:00:5e:10:00:01`, `02-00-5e-10-00-01` or `02005e100001`.

        Raises BadInput without repeating the text, which may be somebody's.
        """
        if not _MAC.fullmatch(text):
            raise BadInput("That is not a MAC address: six pairs of hex digits, such as 02:00:5e:10:00:01.")
        return cls(bytes.fromhex(re.sub("[:-]", "", text)))

    def full(self) -> str:
        """The whole address in lower case with colons: for the kernel and for sealed tickets, never for a log."""
        return self.octets.hex(":")

    def __str__(self) -> str:
        """Vendor part only; what follows is masked."""
        return f"{self.octets[:3].hex(':')}:**:**:**"

    def __repr__(self) -> str:
        """Masked as well: a repr lands in logs and tracebacks."""
        return f"MacAddress({self})"
