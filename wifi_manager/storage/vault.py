"""Seals what the database may hold but must not show: addresses of devices, ticket keys, credentials.

The master key lives outside the database. From it each purpose of each city gets a key of its own (HKDF, RFC 5869):
a stolen database alone names nobody, and one city's key opens nothing of another's. The master key may be changed
while values are sealed and opened: each time, the vault asks for the keys that hold now.
"""

import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wifi_manager.domain.errors import BadInput
from wifi_manager.storage.master_keys import KEY_BYTES, KeySource, MasterKeys

DEVICE_PURPOSE = "device"  # pseudonyms of devices
TICKET_KEY_PURPOSE = "gateway ticket key"  # enrolment seals with it, the portal opens tickets
_NONCE_BYTES = 12
_MOST_MADE = 256  # kept ready of what is made of a key: a few dozen purposes, for some master keys


class Vault:
    """Seals, opens and pseudonymises for one city."""

    def __init__(self, keys: bytes | KeySource, city: str) -> None:
        """`keys`: where the master keys stand, or the one master key. Raises BadInput for a short one."""
        self._source: KeySource = MasterKeys(keys) if isinstance(keys, bytes) else keys
        self._city = city
        self._keys: dict[tuple[bytes, str], bytes] = {}
        self._digesting = self._source.now().digesting

    def seal(self, purpose: str, clear: bytes) -> bytes:
        """Encrypt and authenticate (AES-256-GCM) for one purpose."""
        return self._sealed(self._source.now().seals, purpose, clear)

    def unseal(self, purpose: str, sealed: bytes) -> bytes:
        """Open what `seal` made for the same purpose. Raises BadInput for another key or changed bytes."""
        for master in self._source.now().opening:
            clear = self._opened(master, purpose, sealed)
            if clear is not None:
                return clear
        raise BadInput(
            f"What the database holds sealed for {purpose!r} does not open with this master key. "
            "Is [keys] master_key_file the one that this database was made with?"
        )

    def resealed(self, purpose: str, sealed: bytes) -> bytes | None:
        """The same sealed with the key that seals now; None where it is already. Raises BadInput as `unseal`."""
        master = self._source.now().seals
        if self._opened(master, purpose, sealed) is not None:
            return None
        return self._sealed(master, purpose, self.unseal(purpose, sealed))

    def digest(self, purpose: str, clear: bytes) -> bytes:
        """A pseudonym: 32 bytes (HMAC-SHA-256) that nobody can turn back or recompute without the key.

        It stays the same when the master key is changed.
        """
        made = _keyed(self._key(self._digesting, f"digest {purpose}")).copy()
        made.update(clear)
        return made.finalize()

    def _sealed(self, master: bytes, purpose: str, clear: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + _cipher(self._key(master, purpose)).encrypt(nonce, clear, purpose.encode())

    def _opened(self, master: bytes, purpose: str, sealed: bytes) -> bytes | None:
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return _cipher(self._key(master, purpose)).decrypt(nonce, rest, purpose.encode())
        except (InvalidTag, ValueError):  # the latter: too short to be anything of ours
            return None

    def _key(self, master: bytes, purpose: str) -> bytes:
        if (master, purpose) not in self._keys:
            info = f"wifi-manager 1 {self._city} {purpose}".encode()
            self._keys[master, purpose] = HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(master)
        return self._keys[master, purpose]


# Made once a key, for a sign-in needs five digests and a seal, and to set one up a key takes longer than to use it.
@lru_cache(_MOST_MADE)
def _keyed(key: bytes) -> HMAC:
    return HMAC(key, SHA256())


@lru_cache(_MOST_MADE)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)
