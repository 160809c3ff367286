"""[certificates]: from whom the gateways' certificates come, and how the city proves that the names are its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wifi_manager.settings import rules
from wifi_manager.settings.rules import key

_LABEL = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?"
_NAME = rf"{_LABEL}(\.{_LABEL})+"
_OPTIONAL_NAME = rules.text("a domain name in small letters, or empty", f"({_NAME})?")
_SERVER = r"[0-9A-Za-z.:-]+"
_KEY_NAME = rules.text("a name of letters, digits, dots, hyphens and underscores, or empty", r"[0-9A-Za-z_.-]*")


@dataclass(frozen=True, slots=True)
class Certificates:
    """Certificates of the gateways' names, by ACME: `wifi-manager certificates run`. Off without directory_url."""

    directory_url: str = key(
        "",
        rules.text("an address that begins with https://, or empty", r"(https://\S+)?"),
        "Directory of the certificate authority (RFC 8555). Empty: control issues none, each gateway's files come "
        "from the operator.",
        "https://acme-v02.api.letsencrypt.org/directory",
    )
    terms_agreed: bool = key(
        False, rules.yes_or_no(), "Whether the city agrees to the authority's terms of service.", True
    )
    contact: str = key(
        "",
        rules.text("a mail address, or empty", r"([^@\s]+@[^@\s]+)?"),
        "Where the authority writes to when something is wrong with the city's account.",
        "wifi@city.example",
    )
    ca_file: str = key(
        "",
        rules.text("the path of a PEM file, or empty", ".*"),
        "Certificates that the authority's own server is known by; empty for those that the system trusts.",
        "/etc/wifi-manager/acme-ca.pem",
    )
    names: tuple[str, ...] = key(
        (),
        rules.some_texts("a list of domain names in small letters", _NAME),
        "Names that every gateway may have a certificate for: the one on the signs.",
        ("wifi.city.example",),
    )
    own_names_under: str = key(
        "",
        _OPTIONAL_NAME,
        "Domain below which each gateway has a name of its own in its certificate: willow-park.gw.city.example. "
        "Public authorities issue few certificates for exactly the same names, so gateways that share one need it.",
        "gw.city.example",
    )
    zone: str = key("", _OPTIONAL_NAME, "DNS zone of these names, which takes signed updates.", "city.example")
    dns_server: str = key(
        "",
        rules.text("a host name or an IP address, or empty", f"({_SERVER})?"),
        "Primary name server of the zone: it takes the updates (RFC 2136).",
        "ns1.city.example",
    )
    dns_port: int = key(53, rules.whole_number(1, 65535), "Port of the name servers.")
    dns_public_servers: tuple[str, ...] = key(
        (),
        rules.some_texts("a list of host names or IP addresses", _SERVER),
        "Name servers that the world asks, where the primary is not one of them: the authority is called when all "
        "of them have the update.",
        ("192.0.2.53", "198.51.100.53"),
    )
    dns_wait_seconds: int = key(120, rules.whole_number(1, 3600), "How long to wait until they have it.", unit="s")
    tsig_name: str = key("", _KEY_NAME, "Name of the key that signs updates (RFC 8945).", "wifi-certificates")
    tsig_algorithm: str = key(
        "hmac-sha256", rules.choice("hmac-sha256", "hmac-sha384", "hmac-sha512"), "Its algorithm."
    )
    tsig_secret_file: Path = key(  # noqa: RUF009 - it declares a field
        Path("var/tsig.key"),
        rules.file_path(),
        "File with the key's secret in base64, as `tsig-keygen` and `keymgr` print it. "
        "Let the server take TXT records of _acme-challenge names from it, and nothing else.",
        Path("/etc/wifi-manager/tsig.key"),
    )

    @property
    def are_issued(self) -> bool:
        """Whether control issues certificates at all."""
        return bool(self.directory_url)

    def contradictions(self) -> list[str]:
        """What shows only when the keys are seen together: a sentence each. None while all is off."""
        return list(self._contradictions()) if self.are_issued else []

    def _contradictions(self) -> Iterator[str]:
        if not self.terms_agreed:
            yield "terms_agreed is true once the city has read the authority's terms. Example: terms_agreed = true"
        for name in ("zone", "dns_server", "tsig_name"):
            if not getattr(self, name):
                yield f"{name} is needed with directory_url: the authority wants a proof in the DNS."
        if not self.names and not self.own_names_under:
            yield 'names or own_names_under is needed. Example: names = ["wifi.city.example"]'
        if self.own_names_under and self.own_names_under == self.zone:
            yield "own_names_under is a domain below the zone: else a gateway called portal could be the portal."
        for name in (*self.names, self.own_names_under):
            if name and self.zone and name != self.zone and not name.endswith(f".{self.zone}"):
                yield f"{name} is not in the zone {self.zone}, so no proof can be put there."
