"""The files of the gateway's own name, and how often control is asked for a new certificate."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from prometheus_client import CollectorRegistry

from tests.fakes.certificate_authority import FakeAuthority, a_request
from tests.fakes.clock import FrozenClock
from wifi_manager.domain.errors import BadInput, OutsideFailure
from wifi_manager.gateway.certificates.keeper import CertificateKeeper
from wifi_manager.gateway.certificates.own_files import OwnFiles
from wifi_manager.gateway.metrics import GatewayMetrics
from wifi_manager.wire.certificates import CertificateAnswer

NOW = datetime(2030, 6, 3, 12, 0, tzinfo=UTC)
NAME = "wifi.city.example"
BOTH = (NAME, "gw-1.gw.city.example")


@pytest.fixture
def clock():
    return FrozenClock(NOW)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "state"


@pytest.fixture
def files(folder, clock):
    files = OwnFiles(NAME, folder / "face.pem", folder / "face.key")
    files.prepare(clock.now())
    return files


@pytest.fixture
def authority(clock):
    return FakeAuthority(clock)


class Control:
    """Answers with what it was given; None is an outage."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []

    async def certificate(self, request):
        self.requests.append(request)
        answer = self.answers.pop(0)
        if answer is None:
            raise OutsideFailure("Control does not answer.")
        return answer


def keeper(files, control, clock):
    return CertificateKeeper(NAME, files, control, clock, GatewayMetrics(CollectorRegistry()), lambda: 0.0)


def names_in(request):
    wanted = x509.load_der_x509_csr(request).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(wanted.get_values_for_type(x509.DNSName))


def test_before_the_first_certificate_there_is_one_to_serve_that_ends_within_a_day(files, folder):
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(folder / "face.pem", folder / "face.key")
    assert files.issued() is None
    assert files.served().not_valid_after_utc <= NOW + timedelta(days=1)
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "face.pem": 0o600,
        "face.key": 0o600,
    }
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_key_stays_and_is_in_no_request(files, folder, clock):
    key = (folder / "face.key").read_bytes()
    request = files.request(BOTH)
    files.prepare(clock.now())
    assert (folder / "face.key").read_bytes() == key
    assert names_in(request) == set(BOTH)
    assert x509.load_der_x509_csr(request).is_signature_valid
    assert list(x509.load_der_x509_csr(request).subject) == []


def test_a_certificate_of_a_lost_key_is_not_served(files, folder, clock, authority):
    files.take(authority.certify(files.request([NAME])))
    (folder / "face.key").write_bytes(b"damaged")
    with pytest.raises(BadInput, match="next start"):
        files.request([NAME])
    files.prepare(clock.now())
    assert files.issued() is None
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(folder / "face.pem", folder / "face.key")


def test_only_a_chain_for_this_key_and_name_is_taken_and_the_old_one_stays(files, authority):
    assert files.take(authority.certify(files.request([NAME])))
    good = files.issued()
    with pytest.raises(BadInput, match="another key"):
        files.take(authority.certify(a_request(NAME)))
    with pytest.raises(BadInput, match=r"not for wifi\.city\.example"):
        files.take(authority.certify(files.request(["portal.city.example"])))
    with pytest.raises(BadInput, match="cannot be read"):
        files.take("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
    assert files.issued() == good


def test_an_older_chain_of_a_restored_database_is_not_taken(files, authority, clock):
    older = authority.certify(files.request([NAME]))
    clock.advance(timedelta(days=60))
    newer = authority.certify(files.request([NAME]))
    assert files.take(newer)
    assert not files.take(newer)
    assert not files.take(older)


def test_control_may_want_more_names_and_they_are_asked_for_at_once_and_from_then_on(files, clock, authority):
    control = Control(CertificateAnswer(BOTH, None), CertificateAnswer(BOTH, None), CertificateAnswer(BOTH, None))
    asking = keeper(files, control, clock)
    asyncio.run(asking.ask_once())
    asyncio.run(asking.ask_once())
    assert [names_in(each) for each in control.requests] == [{NAME}, set(BOTH), set(BOTH)]


def test_an_outage_of_control_is_counted_and_the_next_answer_is_taken(files, clock, authority):
    control = Control(None, CertificateAnswer((NAME,), authority.certify(files.request([NAME]))))
    metrics = GatewayMetrics(CollectorRegistry())

    class Impatient(CertificateKeeper):
        def pause_seconds(self):
            if not control.answers:
                raise asyncio.CancelledError
            return 0.0

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(Impatient(NAME, files, control, clock, metrics, lambda: 0.0).keep())
    assert files.issued() is not None
    assert metrics.registry.get_sample_value("wifi_gateway_problems_total", {"reason": "certificate"}) == 1


def test_control_is_asked_often_until_there_is_a_certificate_and_then_by_its_life(files, clock, authority):
    asking = keeper(files, Control(), clock)
    waiting = [asking.pause_seconds() for _ in range(12)]
    assert waiting[:3] == [2.0, 3.0, 4.5]
    assert waiting[-1] == 60.0
    authority.lifetime = timedelta(days=6)
    files.take(authority.certify(files.request([NAME])))
    assert asking.pause_seconds() == 3600
    clock.advance(timedelta(days=6))
    assert asking.pause_seconds() == 60, "an ended one is no reason to wait"
    clock.advance(timedelta(seconds=1))
    authority.lifetime = timedelta(hours=1)
    files.take(authority.certify(files.request([NAME])))
    assert asking.pause_seconds() == 36
