"""A certificate authority that speaks ACME (RFC 8555): one order from the account to the chain."""

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol, cast

import requests
from acme import challenges, client, errors, messages
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from josepy import errors as jose_errors
from josepy.jwa import ES256
from josepy.jwk import JWKEC

from wifi_manager import __version__
from wifi_manager.certificates.dns_challenges import Proof
from wifi_manager.clock import Clock
from wifi_manager.domain.certificates import FailureKind, NotCertified

_ORDER_TIME = timedelta(seconds=120)  # for the authority to look at the proofs and to sign
_NETWORK_SECONDS = 30
_NONCE_TRIES = 5  # pairs of tries: the library itself tries twice
_LONGEST_SENTENCE = 400  # of another's words in our log and trail


class Accounts(Protocol):
    """Keeps the key of the city's account."""

    def key(self) -> EllipticCurvePrivateKey:
        """The account's private key (P-256), made where there is none yet."""
        ...


class Challenges(Protocol):
    """Shows proofs to the world."""

    def shown(self, proofs: Sequence[Proof]) -> AbstractContextManager[None]:
        """All of them, until the block ends. Raises NotCertified."""
        ...


class AcmeAuthority:
    """Orders certificates. Nothing is kept between two orders but the account's key."""

    def __init__(
        self, directory_url: str, contact: str, ca: Path | None, accounts: Accounts, proofs: Challenges, clock: Clock
    ) -> None:
        self._url = directory_url
        self._contact = contact
        self._ca = ca
        self._accounts = accounts
        self._challenges = proofs
        self._clock = clock

    def certify(self, request: bytes) -> str:
        """The chain (PEM) for a request (PKCS #10, DER). Raises NotCertified, which says why."""
        delay = _RetryAfter(self._clock)
        with _failures_explained(self._url, delay):
            authority = self._signed_in(delay)
            order = authority.new_order(x509.load_der_x509_csr(request).public_bytes(Encoding.PEM))
            key = authority.net.key
            wanted = [
                _dns_challenge(each) for each in order.authorizations if each.body.status != messages.STATUS_VALID
            ]
            proofs = [Proof(_proof_name(name, each), each.chall.validation(key)) for name, each in wanted]
            with self._challenges.shown(proofs):
                for _name, each in wanted:
                    authority.answer_challenge(each, each.chall.response(key))
                order = authority.poll_authorizations(order, self._deadline())
            return str(authority.finalize_order(order, self._deadline()).fullchain_pem)

    def _signed_in(self, delay: "_RetryAfter") -> client.ClientV2:
        key = JWKEC(key=self._accounts.key())
        verify = cast("bool", str(self._ca) if self._ca else True)  # requests takes a path as well
        net = _Network(
            key,
            alg=ES256,
            verify_ssl=verify,
            user_agent=f"wifi-manager/{__version__}",
            timeout=_NETWORK_SECONDS,
        )
        net.session.hooks["response"].append(delay.note)
        authority = client.ClientV2(client.ClientV2.get_directory(self._url, net), net)
        wanted = messages.NewRegistration.from_data(email=self._contact or None, terms_of_service_agreed=True)
        try:
            authority.new_account(wanted)
        except errors.ConflictError as known:  # RFC 8555, 7.3: the account of this key, made by an earlier order
            net.account = messages.RegistrationResource(uri=known.location, body=messages.Registration())
        return authority

    def _deadline(self) -> datetime:
        """As the library compares it: local and without a time zone."""
        return (self._clock.now() + _ORDER_TIME).astimezone().replace(tzinfo=None)


class _Network(client.ClientNetwork):
    """Tries again with a fresh nonce where the authority takes none of the first ones (RFC 8555, 6.5)."""

    def post(self, *args: Any, **kwargs: Any) -> requests.Response:
        for _ in range(_NONCE_TRIES - 1):
            try:
                return super().post(*args, **kwargs)
            except messages.Error as problem:
                if problem.code != "badNonce":
                    raise
        return super().post(*args, **kwargs)


class _RetryAfter:
    """What the newest answer said about when to come back (RFC 9110, 10.2.3): the library's errors leave it out."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.wait: timedelta | None = None
        self.is_busy = False

    def note(self, answer: requests.Response, *_: Any, **__: Any) -> None:
        self.is_busy = answer.status_code in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
        self.wait = _wait(answer.headers.get("Retry-After", ""), self._clock.now())


def _wait(said: str, now: datetime) -> timedelta | None:
    if said.isdecimal():
        return timedelta(seconds=int(said[:9]))
    with contextlib.suppress(ValueError):
        return max(parsedate_to_datetime(said).astimezone(now.tzinfo) - now, timedelta())
    return None


@contextlib.contextmanager
def _failures_explained(url: str, delay: _RetryAfter) -> Iterator[None]:
    try:
        yield
    except messages.Error as problem:
        raise NotCertified(
            f"The authority refuses: {_sentence(problem)}", _kind(problem, delay), delay.wait
        ) from problem
    except errors.ValidationError as problem:
        raise NotCertified(
            f"The authority does not see the proofs: {_seen(problem)}", FailureKind.REFUSED
        ) from problem
    except errors.IssuanceError as problem:
        raise NotCertified(
            f"The authority does not issue: {_sentence(problem.error)}", FailureKind.REFUSED
        ) from problem
    except errors.TimeoutError as problem:
        raise NotCertified("The authority did not decide in time.", FailureKind.REFUSED) from problem
    except (errors.Error, requests.RequestException, jose_errors.Error) as problem:
        kind = FailureKind.LIMITED if delay.is_busy else FailureKind.AWAY
        raise NotCertified(f"The authority at {url} {_reason(problem)}", kind, delay.wait) from problem


def _kind(problem: messages.Error, delay: _RetryAfter) -> FailureKind:
    """Whether the authority's own trouble, too many orders, or a refusal (RFC 8555, 6.7)."""
    if problem.code == "rateLimited" or delay.is_busy:
        return FailureKind.LIMITED
    return FailureKind.AWAY if problem.code in {"serverInternal", "badNonce"} else FailureKind.REFUSED


def _reason(problem: Exception) -> str:
    """The same words for the same trouble, so that the audit trail has it once: no addresses of objects, no times."""
    if isinstance(problem, requests.exceptions.SSLError):
        return "shows a certificate that is not trusted. Check [certificates] ca_file."
    if isinstance(problem, requests.RequestException):
        return f"does not answer ({type(problem).__name__})."
    return f"does not answer as it should ({type(problem).__name__})."


def _dns_challenge(authorization: messages.AuthorizationResource) -> tuple[str, messages.ChallengeBody]:
    name = authorization.body.identifier.value
    for each in authorization.body.challenges:
        if isinstance(each.chall, challenges.DNS01):
            return name, each
    raise NotCertified(f"The authority takes no proof of {name} in the DNS (dns-01).", FailureKind.REFUSED)


def _proof_name(name: str, challenge: messages.ChallengeBody) -> str:
    return str(challenge.chall.validation_domain_name(name))


def _sentence(problem: messages.Error) -> str:
    about = [str(problem.detail or problem.title or problem.typ)]
    about += [str(each.detail or each.typ) for each in problem.subproblems or ()]
    return " ".join(about)[:_LONGEST_SENTENCE]


def _seen(problem: errors.ValidationError) -> str:
    said = [
        f"{each.body.identifier.value}: {_sentence(challenge.error)}"
        for each in problem.failed_authzrs
        for challenge in each.body.challenges
        if challenge.error is not None
    ]
    return "; ".join(dict.fromkeys(said))
