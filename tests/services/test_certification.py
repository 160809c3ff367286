"""Certificates of gateways on a real database; the authority is the outside world and is played."""

import ipaddress
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.builders import NOON
from tests.fakes.certificate_authority import FakeAuthority, a_request
from tests.fakes.clock import FrozenClock
from wifi_manager.domain.certificates import CertificateState, FailureKind, NameRules, NotCertified
from wifi_manager.domain.errors import BadInput, Forbidden, NotFound, TooManyTries
from wifi_manager.services.certificate_accounts import CertificateAccount
from wifi_manager.services.certificate_requests import read_request
from wifi_manager.services.certification import HOLD, MOST_CHANGES, Certification, Ordering

SIGNS = "wifi.city.example"
AWAY = NotCertified("the authority does not answer", FailureKind.AWAY)


@pytest.fixture
def upgraded_url(upgraded_file, tmp_path):
    """SQLite alone: what differs between databases is proved in tests/storage."""
    shutil.copy(upgraded_file, tmp_path / "city.db")
    return f"sqlite:///{tmp_path / 'city.db'}"


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def asking(store, clock):
    with store.begin() as tx:
        for name in ("gw-1", "gw-2"):
            tx.gateways.add(name, None, name.encode(), NOON)
    return Certification(store, clock, NameRules(frozenset({SIGNS})))


@pytest.fixture
def authority(clock):
    return FakeAuthority(clock)


@pytest.fixture
def ordering(store, clock, authority):
    return Ordering(store, clock, authority, "worker-1", lambda: 0.0)


def only(asking, gateway="gw-1"):
    return next(each for each in asking.standings() if each.gateway == gateway)


def trail(store):
    with store.read() as tx:
        return [each.action for each in tx.audit.newest(50, noun="gateway")][::-1]


def test_a_gateway_asks_once_and_gets_its_certificate_when_it_asks_again(asking, ordering, store):
    request = a_request(SIGNS)
    assert asking.ask("gw-1", request).chain is None
    assert only(asking).state(NOON) is CertificateState.WAITING
    assert ordering.order_next() is True
    told = asking.ask("gw-1", request)
    issued = x509.load_pem_x509_certificate(told.chain.encode())
    assert issued.public_key() == x509.load_der_x509_csr(request).public_key()
    assert only(asking).state(NOON) is CertificateState.VALID
    assert ordering.order_next() is False, "nothing is due any more"
    assert trail(store) == ["took the certificate request of", "issued a certificate to"]


def test_the_same_key_and_names_signed_anew_are_the_same_request(asking, ordering, authority):
    key = ec.generate_private_key(ec.SECP256R1())
    asking.ask("gw-1", a_request(SIGNS, key=key))
    ordering.order_next()
    assert asking.ask("gw-1", a_request(SIGNS, key=key)).chain is not None
    assert ordering.order_next() is False
    assert len(authority.orders) == 1


def test_gateways_that_share_the_name_on_the_signs_get_a_certificate_each_for_their_own_key(asking, ordering):
    requests = {name: a_request(SIGNS) for name in ("gw-1", "gw-2")}
    for name, request in requests.items():
        asking.ask(name, request)
    assert [ordering.order_next() for _ in range(3)] == [True, True, False]
    chains = {name: asking.ask(name, request).chain for name, request in requests.items()}
    for name, request in requests.items():
        assert x509.load_pem_x509_certificate(chains[name].encode()).public_key() == (
            x509.load_der_x509_csr(request).public_key()
        )


def test_a_gateway_is_told_the_names_that_it_shall_ask_for_and_nothing_is_ordered_before(asking, ordering):
    rules = replace(asking, rules=NameRules(frozenset({SIGNS}), "gw.city.example"))
    told = rules.ask("gw-1", a_request(SIGNS))
    assert (told.names, told.chain) == (("gw-1.gw.city.example", SIGNS), None)
    assert ordering.order_next() is False
    rules.ask("gw-1", a_request(*told.names))
    assert ordering.order_next() is True


def test_a_gateway_gets_no_certificate_of_the_portal(asking):
    with pytest.raises(Forbidden, match=r"portal\.city\.example"):
        asking.ask("gw-1", a_request("portal.city.example"))


def test_where_nothing_is_issued_a_gateway_is_told_to_use_files(store, clock):
    with pytest.raises(NotFound, match="directory_url"):
        Certification(store, clock, None).ask("gw-1", a_request(SIGNS))


def test_renewal_comes_at_two_thirds_of_the_life_with_the_request_that_is_kept(asking, ordering, authority, clock):
    request = a_request(SIGNS)
    asking.ask("gw-1", request)
    ordering.order_next()
    first = asking.ask("gw-1", request).chain
    clock.advance(timedelta(days=59, hours=23))
    asking.ask("gw-1", request)
    assert ordering.order_next() is False
    clock.advance(timedelta(hours=1))
    assert ordering.order_next() is True
    assert asking.ask("gw-1", request).chain != first
    assert only(asking).due_at == clock.now() + timedelta(days=60)


def test_a_failed_renewal_keeps_the_old_one_is_seen_and_tried_later_and_later(
    asking, ordering, authority, clock, store
):
    request = a_request(SIGNS)
    asking.ask("gw-1", request)
    ordering.order_next()
    chain = asking.ask("gw-1", request).chain
    clock.advance(timedelta(days=61))
    asking.ask("gw-1", request)
    authority.failure, waits = AWAY, []
    for _ in range(3):
        assert ordering.order_next() is FailureKind.AWAY
        assert ordering.order_next() is False, "not at once again"
        waits.append((only(asking).try_at - clock.now()).total_seconds())
        clock.advance(only(asking).try_at - clock.now())
    assert waits == [5, 10, 20]
    assert asking.ask("gw-1", request).chain == chain
    now = only(asking)
    assert (now.state(clock.now()), now.problem, now.failures) == (CertificateState.FAILING, str(AWAY), 3)
    assert now.due_at < clock.now(), "how long it has been overdue is not forgotten"
    authority.failure = None
    assert ordering.order_next() is True
    assert only(asking).state(clock.now()) is CertificateState.VALID
    assert only(asking).failures == 3
    assert trail(store)[2:] == ["could not get a certificate for", "issued a certificate to"], "each problem once"


def test_what_the_authority_issued_must_be_for_the_gateways_names(asking, ordering, authority):
    asking.ask("gw-1", a_request(SIGNS))
    authority.names = ["elsewhere.example"]
    assert ordering.order_next() is FailureKind.REFUSED
    assert "other names" in only(asking).problem


def test_a_new_key_never_gets_the_chain_of_the_old_one_and_is_ordered_at_once(asking, ordering):
    asking.ask("gw-1", a_request(SIGNS))
    ordering.order_next()
    assert asking.ask("gw-1", a_request(SIGNS)).chain is None
    assert ordering.order_next() is True


def test_new_names_of_the_same_key_keep_the_chain_until_the_next_one_is_there(asking, ordering):
    key = ec.generate_private_key(ec.SECP256R1())
    asking.ask("gw-1", a_request(SIGNS, key=key))
    ordering.order_next()
    first = asking.ask("gw-1", a_request(SIGNS, key=key)).chain
    wider = replace(asking, rules=NameRules(frozenset({SIGNS, "wlan.city.example"})))
    assert wider.ask("gw-1", a_request(SIGNS, "wlan.city.example", key=key)).chain == first
    assert ordering.order_next() is True


def test_two_machines_with_one_identity_do_not_use_up_the_citys_orders(asking, clock):
    for _ in range(MOST_CHANGES):
        asking.ask("gw-1", a_request(SIGNS))
    with pytest.raises(TooManyTries, match="one identity"):
        asking.ask("gw-1", a_request(SIGNS))
    asking.ask("gw-2", a_request(SIGNS))
    clock.advance(timedelta(hours=25))
    asking.ask("gw-1", a_request(SIGNS))


def test_a_request_that_changes_while_it_is_ordered_gets_nothing_of_another_key(asking, store, clock, authority):
    asking.ask("gw-1", a_request(SIGNS))

    class Slow:
        def certify(self, request):
            asking.ask("gw-1", a_request(SIGNS))
            return authority.certify(request)

    Ordering(store, clock, Slow(), "worker-1", lambda: 0.0).order_next()
    assert only(asking).state(NOON) is CertificateState.WAITING
    assert Ordering(store, clock, authority, "worker-1", lambda: 0.0).order_next() is True
    assert only(asking).state(NOON) is CertificateState.VALID


def test_an_order_has_one_worker_and_another_one_when_that_was_killed(asking, store, clock, authority, ordering):
    asking.ask("gw-1", a_request(SIGNS))
    with store.begin() as tx:
        killed = tx.certificates.claim("killed", clock.now(), HOLD)
    assert ordering.order_next() is False
    clock.advance(HOLD + timedelta(seconds=1))
    assert ordering.order_next() is True
    with store.begin() as tx:
        assert not tx.certificates.fail(killed, "killed", "late word", clock.now())
    assert only(asking).problem == ""


def test_an_order_that_is_interrupted_is_given_back_at_once(asking, store, clock, authority, ordering):
    asking.ask("gw-1", a_request(SIGNS))

    class Interrupted:
        def certify(self, request):
            raise SystemExit(0)

    with pytest.raises(SystemExit):
        Ordering(store, clock, Interrupted(), "worker-2", lambda: 0.0).order_next()
    assert ordering.order_next() is True


def test_a_gateway_that_is_gone_costs_no_orders_until_it_asks_again(asking, ordering, clock):
    request = a_request(SIGNS)
    asking.ask("gw-1", request)
    ordering.order_next()
    clock.advance(timedelta(days=75))
    assert ordering.order_next() is False
    asking.ask("gw-1", request)
    assert ordering.order_next() is True


def test_an_operator_orders_a_new_one_and_the_trail_says_who(asking, ordering, store):
    asking.ask("gw-1", a_request(SIGNS))
    ordering.order_next()
    asking.renew("gw-1", by="chief")
    assert ordering.order_next() is True
    assert "ordered a certificate for" in trail(store)
    with pytest.raises(NotFound, match="has not asked"):
        asking.renew("gw-2", by="chief")


def test_the_account_has_one_key_that_the_database_does_not_show(store, clock, engine):
    account = CertificateAccount(store, clock, "https://ca.example/dir")
    key = account.key()
    assert account.key().private_numbers() == key.private_numbers()
    other = CertificateAccount(store, clock, "https://other.example/dir").key()
    assert other.private_numbers() != key.private_numbers()
    with engine.connect() as connection:
        sealed = connection.exec_driver_sql("SELECT key_sealed FROM acme_account").scalars().all()
    secret = key.private_numbers().private_value.to_bytes(32, "big")
    assert not [each for each in sealed if secret in bytes(each)]


def request_of(key, names, subject=(), extra=()):
    built = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(subject))
    for extension in (x509.SubjectAlternativeName(names), *extra):
        built = built.add_extension(extension, critical=False)
    return built.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else SHA256()).public_bytes(
        Encoding.DER
    )


EC = ec.generate_private_key(ec.SECP256R1())
DNS = [x509.DNSName(SIGNS)]
ADDRESS = x509.IPAddress(ipaddress.ip_address("192.0.2.1"))


@pytest.mark.parametrize(
    ("der", "said"),
    [
        (b"nonsense", "not a certificate request"),
        (b"x" * 9000, "at most"),
        (request_of(ed25519.Ed25519PrivateKey.generate(), DNS), "P-256"),
        (request_of(ec.generate_private_key(ec.SECP521R1()), DNS), "P-256"),
        (request_of(EC, [*DNS, ADDRESS]), "DNS names"),
        (request_of(EC, [x509.DNSName(f"n{number}.example") for number in range(11)]), "1 to 10"),
        (request_of(EC, DNS, [x509.NameAttribute(NameOID.COMMON_NAME, "portal.city.example")]), "nothing else"),
        (request_of(EC, DNS, extra=[x509.BasicConstraints(ca=True, path_length=None)]), "nothing else"),
        (request_of(EC, DNS)[:-3] + b"\0\0\0", "request"),
    ],
)
def test_a_request_for_anything_but_names_is_refused(der, said):
    with pytest.raises(BadInput, match=said):
        read_request(der)


def test_the_times_of_a_chain_are_those_of_its_certificate(asking, ordering, authority):
    authority.lifetime = timedelta(days=6)
    asking.ask("gw-1", a_request(SIGNS))
    ordering.order_next()
    assert only(asking).ends_at == NOON + timedelta(days=6)
    assert only(asking).due_at == NOON + timedelta(days=4)
