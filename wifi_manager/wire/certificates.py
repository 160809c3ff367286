"""How a gateway asks for the certificate of its own name, and what control has for it."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wifi_manager.domain.errors import BadInput
from wifi_manager.wire.fields import VERSION, a_list, check_version, fields_of, text

LONGEST_CHAIN = 64 * 1024
_BEGIN = "-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class CertificateAsked:
    """A gateway's request: PKCS #10, DER, signed with the key that never leaves it."""

    request: bytes


@dataclass(frozen=True, slots=True)
class CertificateAnswer:
    """Control's answer: the names that the gateway shall ask for, and the newest chain for its key, if any."""

    names: tuple[str, ...]
    chain: str | None  # PEM: the certificate first, then what leads to its authority


def certificate_asked_to_json(asked: CertificateAsked) -> dict[str, Any]:
    """The body of `POST /v1/certificate`."""
    return {"version": VERSION, "request": base64.b64encode(asked.request).decode()}


def certificate_asked_from_json(body: Any) -> CertificateAsked:
    """Read a request. Raises BadInput naming the field that is missing, unknown or of the wrong type."""
    fields = fields_of(body, "certificate request", {"version", "request"})
    check_version(fields)
    try:
        return CertificateAsked(base64.b64decode(text(fields, "request"), validate=True))
    except binascii.Error as damaged:
        raise BadInput("request is a base64 text.") from damaged


def certificate_answer_to_json(answer: CertificateAnswer) -> dict[str, Any]:
    """The body of control's answer."""
    return {"version": VERSION, "names": list(answer.names), "chain": answer.chain}


def certificate_answer_from_json(body: Any) -> CertificateAnswer:
    """Read control's answer. Raises BadInput naming the field that is missing, unknown or of the wrong type."""
    fields = fields_of(body, "certificate answer", {"version", "names", "chain"})
    check_version(fields)
    names = tuple(text({"names": each}, "names") for each in a_list(fields, "names"))
    return CertificateAnswer(names, _chain(fields))


def _chain(fields: Mapping[str, Any]) -> str | None:
    chain = fields["chain"]
    if chain is None:
        return None
    if not isinstance(chain, str) or not chain.startswith(_BEGIN) or len(chain) > LONGEST_CHAIN:
        raise BadInput("chain is a text of certificates in PEM, or null.")
    return chain
