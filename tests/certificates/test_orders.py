"""Orders at a real ACME server, with proofs in a real zone."""

import base64
import json
import os
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import dns.tsig
import pytest
from cryptography import x509

from tests.certificates.conftest import ZONE
from tests.control.server import free_port
from tests.fakes.certificate_authority import a_request
from tests.lab.acme_server import REFUSED_NAME
from tests.lab.authority import Authority
from tests.lab.name_server import KEY_NAME
from wifi_manager.certificates.dns_challenges import DnsChallenges, Proof
from wifi_manager.domain.certificates import FailureKind, NotCertified

pytestmark = pytest.mark.slow  # waits for a real authority and a real name server

SIGNS = f"wifi.{ZONE}"
OWN = f"gw-1.gw.{ZONE}"


def refused(authority, request=b""):
    with pytest.raises(NotCertified) as caught:
        authority.certify(request or a_request(SIGNS))
    return caught.value


def names_of(chain):
    first = x509.load_pem_x509_certificates(chain.encode())[0]
    return set(
        first.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    )


def test_an_order_ends_with_a_chain_for_all_names_and_leaves_no_proof_behind(outside):
    chain = outside.authority().certify(a_request(SIGNS, OWN))
    assert names_of(chain) == {SIGNS, OWN}
    assert len(x509.load_pem_x509_certificates(chain.encode())) == 2, "with its intermediate"
    assert outside.names.texts(f"_acme-challenge.{SIGNS}") == set()
    assert outside.names.texts(f"_acme-challenge.{OWN}") == set()


def test_the_next_orders_use_the_same_account_whether_or_not_the_names_are_proved_again(outside):
    for _ in range(3):  # pebble forgets every second proof
        assert names_of(outside.authority().certify(a_request(SIGNS))) == {SIGNS}


def test_a_name_that_the_authority_does_not_certify_is_a_refusal_with_its_own_words(outside):
    failure = refused(outside.authority(), a_request(f"wifi.{REFUSED_NAME}"))
    assert failure.kind is FailureKind.REFUSED
    assert "policy" in str(failure).lower() or "forbid" in str(failure).lower(), str(failure)


def test_an_authority_that_does_not_see_the_proof_says_so(outside):
    class Nowhere:
        """Shows the proofs to nobody."""

        def shown(self, proofs):
            return DnsChallenges(outside.zone()).shown(())

    name = f"unproved-{os.getpid()}.{ZONE}"
    failure = refused(outside.authority(Nowhere()), a_request(name))
    assert failure.kind is FailureKind.REFUSED
    assert name in str(failure)


def test_a_name_server_that_does_not_know_our_key_is_no_try_at_the_authority(outside):
    stranger = outside.zone(key=dns.tsig.Key(KEY_NAME, base64.b64encode(b"x" * 32).decode(), "hmac-sha256"))
    failure = refused(outside.authority(DnsChallenges(stranger)), a_request(f"new-{os.getpid()}.{ZONE}"))
    assert (failure.kind, "takes no update" in str(failure)) == (FailureKind.AWAY, True), str(failure)


def test_a_name_outside_the_zone_is_refused_by_the_name_server_in_words(outside):
    shown = DnsChallenges(outside.zone()).shown([Proof("_acme-challenge.elsewhere.example", "proof")])
    with pytest.raises(NotCertified, match=r"refuses to update city\.example"), shown:
        pass


def test_the_authority_is_not_called_before_all_public_servers_have_the_proof(outside):
    late = outside.zone(public=("127.0.0.1", "127.0.0.2"), wait_seconds=1.0)  # nobody listens at the second one
    failure = refused(outside.authority(DnsChallenges(late)), a_request(f"late-{os.getpid()}.{ZONE}"))
    assert (failure.kind, "127.0.0.2" in str(failure)) == (FailureKind.AWAY, True), str(failure)


def test_two_orders_for_one_name_do_not_take_away_each_others_proof(outside):
    name = f"_acme-challenge.shared.{ZONE}"
    challenges = DnsChallenges(outside.zone())
    with challenges.shown([Proof(name, "first")]):
        with challenges.shown([Proof(name, "second")]):
            assert outside.names.texts(name) == {"first", "second"}
        assert outside.names.texts(name) == {"first"}
    assert outside.names.texts(name) == set()


def test_an_authority_that_is_away_fails_with_the_same_words_each_time(outside):
    url = f"https://127.0.0.1:{free_port()}/dir"
    first, second = (refused(outside.authority(url=url)) for _ in range(2))
    assert (first.kind, str(first)) == (FailureKind.AWAY, str(second))
    assert "does not answer" in str(first)


def test_an_authority_that_shows_a_strange_certificate_is_not_trusted(outside, tmp_path):
    failure = refused(outside.authority(trust=Authority(tmp_path).root))
    assert (failure.kind, "ca_file" in str(failure)) == (FailureKind.AWAY, True)


class Busy(BaseHTTPRequestHandler):
    """Every request is one too many."""

    def do_GET(self):
        kind, retry_after = self.path.strip("/").split("/")
        self.send_response(429 if kind == "limited" else 503)
        self.send_header("Retry-After", retry_after.replace("_", " "))
        self.send_header("Content-Type", "application/problem+json" if kind == "limited" else "text/html")
        self.end_headers()
        problem = {"type": "urn:ietf:params:acme:error:rateLimited", "detail": "too many orders"}
        self.wfile.write(json.dumps(problem).encode() if kind == "limited" else b"<h1>Busy</h1>")

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def busy():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Busy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("kind", ["limited", "unavailable"])
def test_an_authority_that_wants_fewer_orders_is_heard(outside, busy, kind):
    failure = refused(outside.authority(url=f"{busy}/{kind}/7200"))
    assert (failure.kind, failure.retry_after) == (FailureKind.LIMITED, timedelta(hours=2))
    dated = refused(outside.authority(url=f"{busy}/{kind}/Fri,_31_Dec_9999_23:59:59_GMT"))
    assert dated.retry_after > timedelta(days=365)
    unheard = refused(outside.authority(url=f"{busy}/{kind}/soon"))
    assert (unheard.kind, unheard.retry_after) == (FailureKind.LIMITED, None)
