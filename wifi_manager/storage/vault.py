"""Seals what the database may hold but must not show: addresses of devices, ticket keys, credentials.

The master key lives outside the database. From it each purpose of each city gets a key of its own (HKDF, RFC 5869):
a stolen database alone names nobody, and one city's key opens nothing of another's.
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wifi_manager.domain.errors import BadInput

KEY_BYTES = 32
DEVICE_PURPOSE = "device"  # pseudonyms of devices
TICKET_KEY_PURPOSE = "gateway ticket key"  # enrolment seals with it, the portal opens tickets
_NONCE_BYTES = 12


class Vault:
    """Seals, opens and pseudonymises for one city."""

    def __init__(self, master_key: bytes, city: str) -> None:
        if len(master_key) < KEY_BYTES:
            raise BadInput(f"The master key has {len(master_key)} bytes; it needs at least {KEY_BYTES} random ones.")
        self._master_key = master_key
        self._city = city
        self._keys: dict[str, bytes] = {}

    def seal(self, purpose: str, clear: bytes) -> bytes:
        """Encrypt and authenticate (AES-256-GCM) for one purpose."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(self._key(purpose)).encrypt(nonce, clear, purpose.encode())

    def unseal(self, purpose: str, sealed: bytes) -> bytes:
        """Open what `seal` made for the same purpose. Raises BadInput for another key or changed bytes."""
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return AESGCM(self._key(purpose)).decrypt(nonce, rest, purpose.encode())
        except InvalidTag as wrong:
            raise BadInput(
                f"What the database holds sealed for {purpose!r} does not open with this master key. "
                "Is [keys] master_key_file the one that this database was made with?"
            ) from wrong

    def digest(self, purpose: str, clear: bytes) -> bytes:
        """A pseudonym: 32 bytes (HMAC-SHA-256) that nobody can turn back or recompute without the key."""
        return hmac.digest(self._key(f"digest {purpose}"), clear, hashlib.sha256)

    def _key(self, purpose: str) -> bytes:
        if purpose not in self._keys:
            info = f"wifi-manager 1 {self._city} {purpose}".encode()
            self._keys[purpose] = HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self._master_key)
        return self._keys[purpose]
