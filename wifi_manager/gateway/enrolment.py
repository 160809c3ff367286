"""A new gateway makes its keys and introduces itself to control, once."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wifi_manager.gateway.control_client import check_control_url, enrol
from wifi_manager.gateway.state import Identity, StateFolder
from wifi_manager.wire.enrolment import EnrolmentRequest
from wifi_manager.wire.tickets import TICKET_KEY_BYTES


def enrol_gateway(token: str, control_url: str, ca: Path | None, state: StateFolder) -> Identity:
    """Make both keys, register them with a one-time token, keep the answer in the state folder.

    The keys never leave this machine but the ticket key's one way to control. Raises BadInput, Forbidden (the token
    is used or unknown) or OutsideFailure; then nothing was written.
    """
    check_control_url(control_url, ca)
    key, ticket_key = Ed25519PrivateKey.generate(), os.urandom(TICKET_KEY_BYTES)
    answer = enrol(control_url, ca, EnrolmentRequest(token, key.public_key().public_bytes_raw(), ticket_key))
    identity = Identity(
        gateway=answer.gateway,
        city=answer.city,
        portal_url=answer.portal_url.rstrip("/"),
        control_url=control_url,
        key=key,
        ticket_key=ticket_key,
    )
    state.save_identity(identity, ca.read_bytes() if ca else None)
    return identity
