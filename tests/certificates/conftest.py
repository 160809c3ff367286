"""A real authority (pebble) and a real name server (knot) on loopback, one pair for all tests of a module."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import dns.tsig
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.lab import acme_server, name_server
from tests.lab.acme_server import AcmeServer
from tests.lab.authority import Authority
from tests.lab.name_server import NameServer
from wifi_manager.certificates.acme_authority import AcmeAuthority, Challenges
from wifi_manager.certificates.dns_challenges import DnsChallenges, Zone
from wifi_manager.clock import SystemClock

ZONE = "city.example"


@dataclass(frozen=True, slots=True)
class OneKey:
    """An account that is the same for all orders."""

    private_key: ec.EllipticCurvePrivateKey

    def key(self) -> ec.EllipticCurvePrivateKey:
        return self.private_key


@dataclass(slots=True)
class Outside:
    """What the city meets outside: `trust` is the file that the authority's own server is known by."""

    acme: AcmeServer
    names: NameServer
    trust: Path
    account: OneKey

    def zone(self, **given: object) -> Zone:
        key = dns.tsig.Key(name_server.KEY_NAME, self.names.secret, "hmac-sha256")
        return replace(Zone(ZONE, "127.0.0.1", self.names.port, ("127.0.0.1",), key, 20.0), **given)

    def authority(
        self, proofs: Challenges | None = None, *, url: str = "", trust: Path | None = None
    ) -> AcmeAuthority:
        shown = proofs or DnsChallenges(self.zone())
        where = url or self.acme.directory_url
        return AcmeAuthority(where, "wifi@city.example", trust or self.trust, self.account, shown, SystemClock())


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    for program in (acme_server.PROGRAM, name_server.PROGRAM):
        if shutil.which(program) is None:
            pytest.skip(f"needs {program}: run tests/lab/system_packages.sh")
    folder = tmp_path_factory.mktemp("outside")
    lab = Authority(folder)
    files = lab.certificate("acme.example", ["127.0.0.1"])
    unkind = {"PEBBLE_WFE_NONCEREJECT": "30"}  # percent of all nonces, so that hardly an order goes without a retry
    with NameServer(folder, ZONE) as names, AcmeServer(folder, files, lab.root, names.port, more=unkind) as acme:
        yield Outside(acme, names, lab.root, OneKey(ec.generate_private_key(ec.SECP256R1())))
