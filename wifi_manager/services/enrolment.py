"""How a gateway comes to belong to a city: a token that works once, and the keys that the gateway brings with it."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from wifi_manager.clock import Clock
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.errors import BadInput, Forbidden, NotFound
from wifi_manager.domain.gateways import Gateway, GatewayKeys, check_name
from wifi_manager.storage.gateways import StoredKeys
from wifi_manager.storage.store import Store, Transaction
from wifi_manager.storage.vault import TICKET_KEY_PURPOSE, Vault

TOKEN_LIFETIME = timedelta(hours=24)
_TOKEN_BYTES = 32  # random: nobody guesses one, so its plain SHA-256 may lie in the database; as hex, never an option
_CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Adds gateways and lets them in. The vault seals their ticket keys."""

    store: Store
    vault: Vault
    clock: Clock

    def add(self, name: str, site: tuple[str, str] | None, actor: str) -> str:
        """Add a gateway at a site (district, name); returns its one-time token, which is kept nowhere.

        Raises BadInput for a name that cannot be, Conflict for one that is taken, NotFound for an unknown site.
        """
        check_name(name)
        token, now = secrets.token_hex(_TOKEN_BYTES), self.clock.now()
        with self.store.begin() as tx:
            tx.gateways.add(name, site_number(tx, site), _digest(token), now + TOKEN_LIFETIME)
            after = None if site is None else {"district": site[0], "site": site[1]}
            tx.audit.add(AuditEntry(now, actor, "added", "gateway", name, after=after))
        return token

    def renew_token(self, name: str, actor: str) -> str:
        """A new one-time token for a known gateway; its present keys stay valid until it enrols. Raises NotFound."""
        token, now = secrets.token_hex(_TOKEN_BYTES), self.clock.now()
        with self.store.begin() as tx:
            if tx.gateways.get(name) is None:
                raise NotFound(f"No gateway is called {name!r}. Add it with `wifi-manager gateway add {name}`.")
            tx.gateways.renew_token(name, _digest(token), now + TOKEN_LIFETIME)
            tx.audit.add(AuditEntry(now, actor, "gave a token to", "gateway", name))
        return token

    def enrol(self, token: str, keys: GatewayKeys) -> str:
        """Take a gateway's keys in exchange for its token; returns its name.

        Raises Forbidden for a token that is unknown, used or older than TOKEN_LIFETIME.
        """
        now = self.clock.now()
        stored = StoredKeys(keys.public_key, self.vault.seal(TICKET_KEY_PURPOSE, keys.ticket_key))
        with self.store.begin() as tx:
            name = tx.gateways.enrol(_digest(token), stored, now)
            if name is None:
                raise Forbidden(
                    "This token is not valid: unknown, used already, or older than 24 hours. "
                    "Print a new one with `wifi-manager gateway token NAME`."
                )
            after = {"key_fingerprint": fingerprint(keys.public_key)}
            tx.audit.add(AuditEntry(now, _CONTROL, "enrolled", "gateway", name, after=after))
        return name

    def public_key(self, name: str) -> bytes | None:
        """The raw Ed25519 key that this gateway signs with, or None for one that never enrolled."""
        with self.store.read() as tx:
            keys = tx.gateways.keys(name)
        return None if keys is None else keys.public_key

    def gateways(self) -> Sequence[Gateway]:
        """Every gateway, by name."""
        with self.store.read() as tx:
            return tx.gateways.all()


def fingerprint(public_key: bytes) -> str:
    """How people compare public keys, as OpenSSH writes it: SHA256 and unpadded base64."""
    return f"SHA256:{base64.b64encode(hashlib.sha256(public_key).digest()).decode().rstrip('=')}"


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def site_of(tx: Transaction, site: tuple[str, str]) -> int:
    """The number of a site's row. Raises BadInput for half a name, NotFound for an unknown one."""
    if not all(site):
        raise BadInput("A site is named by its district and its name: give both, or neither.")
    number = tx.sites.numbers().get(site)
    if number is None:
        raise NotFound(f"There is no site {site[1]!r} in district {site[0]!r}. Import it first, or leave it out.")
    return number


def site_number(tx: Transaction, site: tuple[str, str] | None) -> int | None:
    """The number of a site's row, None for no site. Raises BadInput for half a name, NotFound for an unknown one."""
    return None if site is None else site_of(tx, site)
