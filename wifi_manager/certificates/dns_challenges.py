"""Proofs in the DNS (RFC 8555, 8.4): TXT records, put by signed updates (RFC 2136, RFC 8945) and taken away again."""

import contextlib
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.tsig
import dns.tsigkeyring
import dns.update

from wifi_manager import log
from wifi_manager.domain.certificates import FailureKind, NotCertified

_LOG = log.get(__name__)
_TTL_SECONDS = 60
_ANSWER_SECONDS = 10.0
_LOOK_SECONDS = 1.0
_LOOK_ANSWER_SECONDS = 2.0  # a server that is slower is looked at again


@dataclass(frozen=True, slots=True)
class Proof:
    """One TXT record: `name` is _acme-challenge and the name that is to be proved, without a dot at its end."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone whose primary takes our updates, and the servers (names or addresses) that the world asks for it."""

    name: str
    primary: str
    port: int
    public: tuple[str, ...]
    key: dns.tsig.Key
    wait_seconds: float


class DnsChallenges:
    """Puts proofs into a zone. Other records of the same names, such as another order's proof, are left alone."""

    def __init__(self, zone: Zone) -> None:
        self._zone = zone

    @contextlib.contextmanager
    def shown(self, proofs: Sequence[Proof]) -> Iterator[None]:
        """The zone shows these proofs, on all public servers, until the block ends. Raises NotCertified (away)."""
        if not proofs:  # the authority remembers that the names are ours
            yield
            return
        try:
            self._update(proofs, present=True)
            self._wait_until_public(proofs)
            yield
        finally:
            try:
                self._update(proofs, present=False)
            except NotCertified as failure:  # a proof that stays proves nothing to anybody else
                _LOG.warning("a proof is left in the zone", extra={"problem": str(failure)})

    def _update(self, proofs: Sequence[Proof], *, present: bool) -> None:
        zone = self._zone
        update = dns.update.UpdateMessage(zone.name, keyring=zone.key)
        for proof in proofs:
            if present:
                update.add(_absolute(proof.name), _TTL_SECONDS, "TXT", proof.text)
            else:
                update.delete(_absolute(proof.name), "TXT", proof.text)
        try:
            answer = dns.query.tcp(update, _address(zone.primary), _ANSWER_SECONDS, zone.port)
        except (dns.exception.DNSException, OSError, EOFError) as problem:
            raise _away(zone.primary, "takes no update", problem) from problem
        if answer.rcode() != dns.rcode.NOERROR:
            code = dns.rcode.to_text(answer.rcode())
            raise NotCertified(
                f"Name server {zone.primary} refuses to update {zone.name} ({code}). Is the zone its own, and may "
                "the key change TXT records of _acme-challenge names?",
                FailureKind.AWAY,
            )

    def _wait_until_public(self, proofs: Sequence[Proof]) -> None:
        end = time.monotonic() + self._zone.wait_seconds
        lacking = [(server, proof) for server in self._zone.public for proof in proofs]
        while lacking := [each for each in lacking if not self._has(*each)]:
            if time.monotonic() > end:
                server, proof = lacking[0]
                raise NotCertified(
                    f"Name server {server} has no {proof.name} after {self._zone.wait_seconds:g} s. Does it follow "
                    f"{self._zone.primary}? If it only takes longer, raise [certificates] dns_wait_seconds.",
                    FailureKind.AWAY,
                )
            time.sleep(_LOOK_SECONDS)

    def _has(self, server: str, proof: Proof) -> bool:
        query = dns.message.make_query(_absolute(proof.name), "TXT", flags=dns.flags.Flag(0))
        with contextlib.suppress(dns.exception.DNSException, OSError, NotCertified):
            answer, _ = dns.query.udp_with_fallback(query, _address(server), _LOOK_ANSWER_SECONDS, self._zone.port)
            return any(
                b"".join(record.strings) == proof.text.encode()
                for group in answer.answer
                for record in group
                if record.rdtype == dns.rdatatype.TXT
            )
        return False


def _absolute(name: str) -> dns.name.Name:
    return dns.name.from_text(name)


def _address(server: str) -> str:
    """Of a server that may be named. Raises NotCertified where the name is not known now."""
    try:
        return str(socket.getaddrinfo(server, None, type=socket.SOCK_STREAM)[0][4][0])
    except OSError as problem:
        raise _away(server, "is not found", problem) from problem


def _away(server: str, what: str, problem: Exception) -> NotCertified:
    reason = str(problem) or type(problem).__name__
    return NotCertified(f"Name server {server} {what}: {reason}", FailureKind.AWAY)
