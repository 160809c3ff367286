"""Reads what gateways and authorities send: requests (PKCS #10, RFC 2986) and chains (RFC 8555, 7.4.2)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPublicKeyTypes, CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtensionOID

from wifi_manager.domain.errors import BadInput

LARGEST_REQUEST_BYTES = 8192
_MOST_NAMES = 10


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """A request whose signature holds: it was made by whoever has the private key."""

    der: bytes
    key_digest: bytes  # SHA-256 of the public key (SubjectPublicKeyInfo)
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Chain:
    """A certificate with its intermediates, as PEM, and what its first one says."""

    pem: str
    key_digest: bytes
    names: frozenset[str]
    begins_at: datetime
    ends_at: datetime


def read_request(der: bytes) -> CertificateRequest:
    """Read and prove a request. Raises BadInput unless it asks for DNS names alone, for a P-256 or P-384 key."""
    if len(der) > LARGEST_REQUEST_BYTES:
        raise BadInput(f"A certificate request has at most {LARGEST_REQUEST_BYTES} bytes, not {len(der)}.")
    try:
        request = x509.load_der_x509_csr(der)
        is_proven, key = request.is_signature_valid, request.public_key()
        names, extensions = _names(request.extensions), {each.oid for each in request.extensions}
    except (
        ValueError,
        TypeError,
        UnsupportedAlgorithm,
        x509.ExtensionNotFound,
        x509.UnsupportedGeneralNameType,
    ) as no:
        raise BadInput("This is not a certificate request (PKCS #10) with DNS names that can be read.") from no
    if not is_proven:
        raise BadInput("The certificate request is not signed with the key that it names.")
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1 | SECP384R1):
        raise BadInput("The certificate request's key is of the curve P-256 or P-384, which all phones know.")
    if list(request.subject) or extensions != {ExtensionOID.SUBJECT_ALTERNATIVE_NAME}:
        raise BadInput("The certificate request asks for DNS names (subjectAltName) and for nothing else.")
    if not 0 < len(names) <= _MOST_NAMES:
        raise BadInput(f"The certificate request asks for 1 to {_MOST_NAMES} DNS names, not {len(names)}.")
    return CertificateRequest(der, digest_of(key), names)


def read_chain(pem: str) -> Chain:
    """Read a chain. Raises BadInput where there is no certificate in it, or one that cannot be read."""
    try:
        first = x509.load_pem_x509_certificates(pem.encode())[0]
        names = _names(first.extensions)
        key = digest_of(first.public_key())
    except (ValueError, UnsupportedAlgorithm, x509.ExtensionNotFound, x509.UnsupportedGeneralNameType) as broken:
        raise BadInput("What the authority issued is not a chain of certificates that can be read.") from broken
    return Chain(pem, key, names, first.not_valid_before_utc, first.not_valid_after_utc)


def digest_of(key: CertificateIssuerPublicKeyTypes | CertificatePublicKeyTypes) -> bytes:
    """SHA-256 of a public key."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()


def _names(extensions: x509.Extensions) -> frozenset[str]:
    """DNS names alone; any other kind raises ValueError."""
    found = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    if not all(isinstance(each, x509.DNSName) for each in found):
        raise ValueError("another kind of name")
    return frozenset(each.lower() for each in found.get_values_for_type(x509.DNSName))
