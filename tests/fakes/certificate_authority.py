"""A certificate authority in the test's own process: signs at once what it is asked to, or fails as it is told."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from wifi_manager.clock import Clock
from wifi_manager.domain.certificates import NotCertified

ISSUER = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Fake authority")])


@dataclass(slots=True)
class FakeAuthority:
    """`failure` is raised instead of signing while it is set; `orders` has all requests that came."""

    clock: Clock
    lifetime: dt.timedelta = dt.timedelta(days=90)
    failure: NotCertified | None = None
    orders: list[bytes] = field(default_factory=list)
    names: Sequence[str] | None = None  # to issue others than were asked for

    def certify(self, request: bytes) -> str:
        self.orders.append(request)
        if self.failure is not None:
            raise self.failure
        asked = x509.load_der_x509_csr(request)
        names = asked.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        if self.names is not None:
            names = x509.SubjectAlternativeName([x509.DNSName(each) for each in self.names])
        built = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(ISSUER)
            .public_key(asked.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.clock.now())
            .not_valid_after(self.clock.now() + self.lifetime)
            .add_extension(names, critical=True)
        )
        return built.sign(_KEY, SHA256()).public_bytes(Encoding.PEM).decode()


_KEY = ec.generate_private_key(ec.SECP256R1())


def a_request(*names: str, key: ec.EllipticCurvePrivateKey | None = None) -> bytes:
    """A certificate request (PKCS #10, DER) as a gateway makes it."""
    wanted = x509.SubjectAlternativeName([x509.DNSName(each) for each in names])
    built = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).add_extension(wanted, critical=False)
    return built.sign(key or ec.generate_private_key(ec.SECP256R1()), SHA256()).public_bytes(Encoding.DER)
