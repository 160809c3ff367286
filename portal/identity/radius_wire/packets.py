"""Access-Requests with a password (PAP) and their answers (RFC 2865), safe from Blast-RADIUS (CVE-2024-3596).

A Message-Authenticator (RFC 2869 section 5.14) is the first attribute of every request, and an answer without a right
one is none. Nothing is sent that names the device: no Calling-Station-Id. Nor is a Proxy-State, which the attack
hides in: an answer that has one is none either.
"""

import secrets
from datetime import timedelta

from pyrad.packet import AccessAccept, AccessChallenge, AccessReject, AccessRequest, AuthPacket, PacketError

from wifi_manager.services.radius import Accepted, Credentials, NameRefused

_USER_NAME, _USER_PASSWORD, _SERVICE_TYPE, _FILTER_ID, _CLASS = 1, 2, 6, 11, 25
_SESSION_TIMEOUT, _NAS_IDENTIFIER, _NAS_PORT_TYPE = 27, 32, 61
_LOGIN, _WIRELESS_802_11 = 1, 19  # RFC 2865 sections 5.6 and 5.41
_INTEGER_OCTETS = 4
_IDENTIFIERS = 256
_AUTHENTICATOR_OCTETS = 16


def access_request(typed: Credentials, secret: bytes, nas_identifier: str) -> AuthPacket:
    """A request; each one has an authenticator of its own (RFC 2865 section 3)."""
    made = AuthPacket(
        AccessRequest,
        secrets.randbelow(_IDENTIFIERS),
        secret,
        secrets.token_bytes(_AUTHENTICATOR_OCTETS),
        message_authenticator=True,
    )
    made[_USER_NAME] = [typed.name.encode()]
    made[_USER_PASSWORD] = [made.PwCrypt(typed.password)]
    made[_SERVICE_TYPE] = [_LOGIN.to_bytes(_INTEGER_OCTETS, "big")]
    made[_NAS_IDENTIFIER] = [nas_identifier.encode()]
    made[_NAS_PORT_TYPE] = [_WIRELESS_802_11.to_bytes(_INTEGER_OCTETS, "big")]
    return made


def verified(asked: AuthPacket, raw: bytes) -> AuthPacket | None:
    """The answer to this request; None for what is none, is not signed, or not by whoever knows the secret."""
    try:
        answer = asked.CreateReply(packet=raw)
        is_right = asked.VerifyReply(answer, raw, enforce_ma=True)
    except PacketError:
        return None
    return answer if is_right and answer.code in {AccessAccept, AccessReject, AccessChallenge} else None


def accepted(answer: AuthPacket) -> Accepted:
    """What a verified answer says. Raises NameRefused, for a challenge too: a page with one form cannot meet it."""
    if answer.code != AccessAccept:
        raise NameRefused("The organisation does not know this name with this password.")
    labels = [*answer.get(_FILTER_ID, []), *answer.get(_CLASS, [])]
    return Accepted(tuple(each.decode(errors="replace") for each in labels), _lasts(answer.get(_SESSION_TIMEOUT, [])))


def _lasts(given: list[bytes]) -> timedelta | None:
    """The shortest time that is said (RFC 2865 section 5.27); 0 is how some servers say that there is none."""
    seconds = [int.from_bytes(each, "big") for each in given if len(each) == _INTEGER_OCTETS]
    shortest = min((each for each in seconds if each), default=0)
    return timedelta(seconds=shortest) if shortest else None
