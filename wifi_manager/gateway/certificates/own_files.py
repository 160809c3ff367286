"""The key of the gateway's own name, made here and never sent, and the certificate that control got for it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from wifi_manager.domain.errors import BadInput
from wifi_manager.gateway.disk import write_whole

_STAND_IN_LIFE = timedelta(days=1)  # so that what watches the end of the served certificate alarms
_STAND_IN = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Waits for its certificate")])


class OwnFiles:
    """Key and certificate of the name that phones know this gateway by. Both files are written whole, mode 0600."""

    def __init__(self, name: str, certificate: Path, key: Path) -> None:
        self._name = name
        self._certificate = certificate
        self._key_file = key

    def prepare(self, now: datetime) -> None:
        """See to it that there is a key, and with it something to serve.

        Before the first certificate that is one signed by the gateway itself: phones do not trust it, do not use the
        API and find the portal by redirect (RFC 8908, 4). Raises OutsideFailure when the disk refuses.
        """
        self._certificate.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._key() is None:
            made = generate_private_key(SECP256R1())
            write_whole(self._key_file, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        if self.served() is None:
            write_whole(self._certificate, _stand_in(self._name, self._known_key(), now))

    def request(self, names: Sequence[str]) -> bytes:
        """A request for a certificate for these names (PKCS #10, DER). Raises BadInput when the key is gone."""
        wanted = x509.SubjectAlternativeName([x509.DNSName(each) for each in names])
        built = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
        signed = built.add_extension(wanted, critical=False).sign(self._known_key(), SHA256())
        return signed.public_bytes(Encoding.DER)

    def served(self) -> x509.Certificate | None:
        """The certificate in the file, or None where it is missing, damaged or of another key."""
        try:
            found = x509.load_pem_x509_certificate(self._certificate.read_bytes())
        except (OSError, ValueError):
            return None
        return found if found.public_key() == self._known_key().public_key() else None

    def issued(self) -> x509.Certificate | None:
        """As `served`, but only one that an authority issued."""
        found = self.served()
        return None if found is None or found.subject == _STAND_IN else found

    def take(self, chain: str) -> bool:
        """Keep a new chain; False where the one that is kept is the same or newer, as after a restored database.

        No clock is asked: a gateway without a battery may not know the time yet. Raises BadInput for a chain of
        another key or without the gateway's name, OutsideFailure when the disk refuses; then the old one stays.
        """
        try:
            new = x509.load_pem_x509_certificates(chain.encode())[0]
            names = new.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (ValueError, x509.ExtensionNotFound) as broken:
            raise BadInput("Control sent a certificate that cannot be read.") from broken
        if new.public_key() != self._known_key().public_key():
            raise BadInput("Control sent a certificate for another key than this gateway's.")
        if self._name not in names.get_values_for_type(x509.DNSName):
            raise BadInput(f"Control sent a certificate that is not for {self._name}.")
        present = self.issued()
        if present is not None and (new == present or new.not_valid_before_utc < present.not_valid_before_utc):
            return False
        write_whole(self._certificate, chain.encode())
        return True

    def _known_key(self) -> EllipticCurvePrivateKey:
        key = self._key()
        if key is None:
            raise BadInput(f"{self._key_file} is gone or damaged. The next start of the gateway makes a new key.")
        return key

    def _key(self) -> EllipticCurvePrivateKey | None:
        try:
            key = load_pem_private_key(self._key_file.read_bytes(), password=None)
        except (OSError, ValueError):
            return None
        return key if isinstance(key, EllipticCurvePrivateKey) else None


def _stand_in(name: str, key: EllipticCurvePrivateKey, now: datetime) -> bytes:
    built = (
        x509.CertificateBuilder()
        .subject_name(_STAND_IN)
        .issuer_name(_STAND_IN)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + _STAND_IN_LIFE)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    )
    return built.sign(key, SHA256()).public_bytes(Encoding.PEM)
