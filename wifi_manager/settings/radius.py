"""[radius]: somebody else's RADIUS servers, such as a university's, that know who may go online."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wifi_manager.settings import rules
from wifi_manager.settings.rules import key

USUAL_PORT = 1812  # RFC 2865 section 3
_LABEL = "[0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?"
_HOST = rf"({_LABEL}(\.{_LABEL})*|\[[0-9A-Fa-f:.]+\])"
_PORT = "[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"


@dataclass(frozen=True, slots=True)
class Radius:
    """An organisation's own names and passwords, the way in `radius`. Off without servers. See docs/radius.md."""

    servers: tuple[str, ...] = key(
        (),
        rules.some_texts("a list of HOST or HOST:PORT", rf"{_HOST}(:({_PORT}))?"),
        f"The organisation's RADIUS servers, asked in turn; without a port at UDP port {USUAL_PORT}.",
        ("192.0.2.10", "radius.university.example:1812"),
    )
    secret_file: Path = key(  # noqa: RUF009 - it declares a field
        Path("var/radius.secret"),
        rules.file_path(),
        "File with the secret that the servers share with this portal, as text.",
        Path("/etc/wifi-manager/radius.secret"),
    )
    timeout_seconds: float = key(
        4.0,
        rules.number(0.5, 15),
        "How long one server may take, all sendings together, before the next one is asked.",
        unit="s",
    )
    retries: int = key(2, rules.whole_number(0, 5), "How often a request is sent again to a server within that time.")
    nas_identifier: str = key(
        "public-wifi",
        rules.text("1 to 64 letters, digits and .:-", "[0-9A-Za-z.:-]{1,64}"),
        "What the portal calls itself to the servers (NAS-Identifier).",
        "city-wifi",
    )
    realm: str = key(
        "",
        rules.text("a realm without @, or empty", rf"({_LABEL}(\.{_LABEL})*)?"),
        "Written behind a name that has none: name@realm.",
        "university.example",
    )
    plan_of_class: tuple[str, ...] = key(
        (),
        rules.some_texts("a list of CLASS=PLAN", r".+=[^=]{1,80}"),
        "Plans for what a server says of somebody in Filter-Id or Class; the first one that fits. Others get the "
        "plan of the place.",
        ("staff=resident",),
    )

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Host and UDP port of each server."""
        return tuple(map(_address, self.servers))

    @property
    def plans(self) -> Mapping[str, str]:
        """Plans by class, in the order of the setting."""
        found: dict[str, str] = {}
        for name, _, plan in (each.rpartition("=") for each in self.plan_of_class):
            found.setdefault(name, plan)
        return found


def _address(server: str) -> tuple[str, int]:
    host, colon, port = server.rpartition(":")
    if not colon or server.endswith("]"):
        host, port = server, str(USUAL_PORT)
    return host.strip("[]"), int(port)
