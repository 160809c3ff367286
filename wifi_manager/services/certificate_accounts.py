"""The city's account at a certificate authority: its key is made once and lies sealed in the database."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from wifi_manager.clock import Clock
from wifi_manager.domain.errors import BadInput
from wifi_manager.storage.store import Store


@dataclass(frozen=True, slots=True)
class CertificateAccount:
    """The account at the authority with this directory. The store needs the vault."""

    store: Store
    clock: Clock
    directory_url: str

    def key(self) -> EllipticCurvePrivateKey:
        """The account's key (P-256), made where there is none yet; of two who make one at a time, one counts.

        Raises BadInput when the master key is another one than the account was made with.
        """
        with self.store.read() as tx:
            found = tx.certificates.account_key(self.directory_url)
        return _to_key(self._made() if found is None else found)

    def _made(self) -> bytes:
        made = generate_private_key(SECP256R1()).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        with self.store.begin() as tx:
            tx.certificates.add_account_key(self.directory_url, made, self.clock.now())
            return tx.certificates.account_key(self.directory_url) or made


def _to_key(der: bytes) -> EllipticCurvePrivateKey:
    key = load_der_private_key(der, password=None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise BadInput("The database holds an account key of a kind that this program does not use.")
    return key
