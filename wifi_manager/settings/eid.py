"""[eid]: the OpenID provider of the city or the nation that citizens may sign in with."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from wifi_manager.settings import rules
from wifi_manager.settings.rules import key

_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = rf"{_LABEL}(\.{_LABEL})+"


@dataclass(frozen=True, slots=True)
class Eid:
    """Signing in with an eID by OpenID Connect, the way in `eid`. Off without issuer. See docs/eid.md."""

    issuer: str = key(
        "",
        rules.text("an address that begins with https://, or empty", r"(https://[^\s?#]+)?"),
        "The provider's issuer, exactly as it names itself; its configuration is found below it.",
        "https://id.nation.example",
    )
    client_id: str = key(
        "", rules.text("a text, or empty", r"[\x20-\x7e]*"), "What the provider calls this portal.", "city-wifi"
    )
    client_secret_file: Path = key(  # noqa: RUF009 - it declares a field
        Path("var/eid.secret"),
        rules.file_path(),
        "File with the secret that the provider gave for client_id, as text.",
        Path("/etc/wifi-manager/eid.secret"),
    )
    scopes: tuple[str, ...] = key(
        ("openid",),
        rules.texts("a list of words", r"[\x21\x23-\x5b\x5d-\x7e]+"),
        "What is asked for. No more than openid is needed, and nothing of the rest is kept.",
    )
    hosts: tuple[str, ...] = key(
        (),
        rules.some_texts("a list of host names in small letters", _NAME),
        "Names beside the issuer's that phones must reach to sign in there: its login pages, their pictures and "
        "scripts. A phone reaches them while it signs in, and no other phone does.",
        ("login.nation.example", "static.nation.example"),
    )
    acr_values: tuple[str, ...] = key(
        (),
        rules.some_texts("a list of words", r"[\x21-\x7e]+"),
        "How sure the provider must be of who it is: one of these must stand in its answer. Empty: any way will do.",
        ("urn:nation:level:2",),
    )
    required_claims: tuple[str, ...] = key(
        (),
        rules.some_texts("a list of NAME=VALUE", r"[A-Za-z0-9_:./-]+=.+"),
        "What must stand in the provider's signed answer for somebody to be let in.",
        ("resident=true",),
    )
    ca_file: str = key(
        "",
        rules.text("the path of a PEM file, or empty", ".*"),
        "Certificates that the provider's servers are known by; empty for those that the system trusts.",
        "/etc/wifi-manager/eid-ca.pem",
    )
    timeout_seconds: float = key(
        5.0, rules.number(0.5, 30), "How long the provider may take for one answer to the portal.", unit="s"
    )

    @property
    def is_on(self) -> bool:
        """Whether there is a provider at all."""
        return bool(self.issuer)

    @property
    def all_hosts(self) -> tuple[str, ...]:
        """Names that phones must reach during a sign-in, each once."""
        issuer = urlsplit(self.issuer).hostname
        return tuple(dict.fromkeys((*([issuer] if issuer else ()), *self.hosts))) if self.is_on else ()

    def contradictions(self) -> list[str]:
        """What shows only when the keys are seen together: a sentence each. None while all is off."""
        return list(self._contradictions()) if self.is_on else []

    def _contradictions(self) -> Iterator[str]:
        if not self.client_id:
            yield 'client_id is what the provider calls this portal. Example: client_id = "city-wifi"'
        if "openid" not in self.scopes:
            yield 'scopes has openid among them: else it is no OpenID Connect. Example: scopes = ["openid"]'
