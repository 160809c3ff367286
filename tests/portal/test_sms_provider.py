"""How a provider is called, and what its failures are to us: a real HTTP server on loopback takes the messages."""

import hmac
import io
import ipaddress
import json
import stat
import threading
import time
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from portal.identity import sms_making
from portal.identity.sms_provider import HttpProvider, Secrets
from tests.fakes.sms_provider import provider as simulated
from tests.portal.sms import E164, sms_settings
from wifi_manager import log
from wifi_manager.domain.errors import BadInput, OutsideFailure
from wifi_manager.domain.text_codes import Message, PhoneNumber
from wifi_manager.settings import Settings, SettingsError
from wifi_manager.settings.sms import Sms

TEXT = '123456 is your "Haneul" code & <it> is for {code}, 한글, 100%+'
MESSAGE = Message(PhoneNumber(E164, "01098765432", "+82"), TEXT, "123456")
ALL = "number={number}&digits={digits}&national={national}&text={text}&code={code}&secret={secret}"


@pytest.fixture
def provider():
    with simulated() as made:
        yield made


@pytest.fixture
def key_file(tmp_path):
    return a_file(tmp_path / "key", "k3y&<\n")


def a_file(path: Path, text: str, mode: int = 0o600) -> str:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return str(path)


def send(chosen: Sms, threads: int = 32) -> None:
    sms_making.provider(chosen, threads).send(MESSAGE)


def test_a_body_in_json_has_the_values_as_they_are(provider, key_file):
    body = json.dumps({name: f"{{{name}}}" for name in ("number", "digits", "national", "text", "code", "secret")})
    send(sms_settings(provider.url, body=body, secret_file=key_file))
    (taken,) = provider.taken
    assert json.loads(taken.body) == {
        "number": E164,
        "digits": "821098765432",
        "national": "01098765432",
        "text": TEXT,
        "code": "123456",
        "secret": "k3y&<",
    }
    assert (taken.method, taken.path) == ("POST", "/v1/messages")
    assert taken.headers["Content-Type"] == "application/json; charset=utf-8"


def test_a_body_of_a_form_has_the_values_as_they_are(provider, key_file):
    kind = "application/x-www-form-urlencoded"
    send(sms_settings(provider.url, body=ALL, content_type=kind, secret_file=key_file, method="PUT"))
    (taken,) = provider.taken
    values = parse_qs(taken.body.decode(), strict_parsing=True)
    assert (values["text"], values["number"], values["secret"]) == ([TEXT], [E164], ["k3y&<"])
    assert taken.method == "PUT"


def test_a_body_in_xml_has_the_values_as_they_are(provider):
    send(sms_settings(provider.url, body='<m to="{number}">{text}</m>', content_type="application/xml"))
    read = ET.fromstring(provider.taken[0].body.decode())
    assert (read.get("to"), read.text) == (E164, TEXT)


def test_headers_carry_the_secret_and_the_signature_of_the_body(provider, key_file, tmp_path):
    signing = a_file(tmp_path / "signing", "s1gn")
    chosen = sms_settings(
        provider.url,
        headers=("Authorization: Bearer {secret}", "X-Kind: a: b"),
        secret_file=key_file,
        signature_header="X-Signature",
        signature="v1={hex},{base64}",
        signature_key_file=signing,
    )
    send(chosen)
    (taken,) = provider.taken
    made = hmac.new(b"s1gn", taken.body, "sha256")
    assert taken.headers["Authorization"] == "Bearer k3y&<"
    assert taken.headers["X-Kind"] == "a: b"
    said = taken.headers["X-Signature"]
    assert said.startswith(f"v1={made.hexdigest()},")
    assert len(said.partition(",")[2]) == 44


@pytest.mark.parametrize(
    ("mode", "said"),
    [("fails", "answers 500"), ("moves", "answers 302"), ("refuses", "refuses a message"), ("drips", "does not answer"), ("hangs", "does not answer")],
)  # fmt: skip
def test_what_is_not_taken_is_a_failure_and_is_sent_once(provider, mode, said):
    provider.mode = mode
    patient = 30.0 if mode in {"fails", "moves", "refuses"} else 0.3
    with pytest.raises(OutsideFailure, match=said):
        send(sms_settings(provider.url, accepted='"status":"queued"', timeout_seconds=patient))
    assert len(provider.taken) == 1


def test_an_answer_that_says_so_is_taken(provider):
    send(sms_settings(provider.url, accepted='"status":"queued"'))
    assert len(provider.taken) == 1


class CountingTransport(httpx.HTTPTransport):
    calls = 0

    def handle_request(self, request):
        self.calls += 1
        return super().handle_request(request)


def test_nobody_at_the_address_is_tried_twice_and_is_a_failure():
    transport = CountingTransport()
    chosen = sms_settings("http://127.0.0.1:1/")
    made = HttpProvider(chosen, Secrets(), httpx.Client(transport=transport), threading.BoundedSemaphore(1))
    with pytest.raises(OutsideFailure, match="ConnectError"):
        made.send(MESSAGE)
    assert transport.calls == 2


@pytest.fixture(scope="module")
def own_certificate(tmp_path_factory):
    """Of 127.0.0.1, signed by itself."""
    folder, key = tmp_path_factory.mktemp("tls"), ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "provider")]), datetime.now(UTC)

    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    certificate, private = folder / "provider.pem", folder / "provider.key"
    certificate.write_bytes(built.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate, private


def test_a_certificate_that_nobody_vouches_for_gets_no_message(own_certificate):
    with simulated(*own_certificate) as provider:
        with pytest.raises(OutsideFailure, match="does not answer"):
            send(sms_settings(provider.url))
        assert provider.taken == []


def test_an_authority_of_the_citys_own_is_trusted(own_certificate):
    with simulated(*own_certificate) as provider:
        send(sms_settings(provider.url, ca_file=str(own_certificate[0])))
        assert len(provider.taken) == 1


def test_a_provider_that_hangs_takes_a_part_of_the_threads_and_the_next_citizen_is_told_at_once(provider):
    provider.mode = "hangs"
    made = sms_making.provider(sms_settings(provider.url, timeout_seconds=30), threads=8)

    def wait():
        with pytest.raises(OutsideFailure):
            made.send(MESSAGE)

    threads = [threading.Thread(target=wait) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        until = time.monotonic() + 60
        while len(provider.taken) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        with pytest.raises(OutsideFailure, match="others still wait"):
            made.send(MESSAGE)
    finally:
        provider.over.set()
        for thread in threads:
            thread.join(60)


def test_no_failure_names_a_number_a_secret_or_an_address_in_the_log(provider, key_file):
    stream = io.StringIO()
    log.configure("DEBUG", "json", stream)
    for mode in ("works", "fails", "refuses"):
        provider.mode = mode
        chosen = sms_settings(
            f"{provider.url}?key=k3y", headers=("X-Key: {secret}",), secret_file=key_file, accepted="queued"
        )
        try:
            send(chosen)
        except OutsideFailure as failure:
            log.get("test").warning("failed", exc_info=failure)
    said = stream.getvalue()
    assert "failed" in said
    for secret in (E164, E164[1:], "01098765432", "123456", "k3y"):
        assert secret not in said


def test_the_file_of_the_twin_is_its_owners_alone(tmp_path):
    chosen = Sms(provider="file", file=tmp_path / "messages.txt")
    for _ in range(2):
        send(chosen)
    assert stat.S_IMODE(chosen.file.stat().st_mode) == 0o600
    lines = chosen.file.read_text(encoding="utf-8").splitlines()
    assert lines == [f"{E164} {json.dumps(TEXT, ensure_ascii=False)}"] * 2


def test_a_twin_that_cannot_write_is_a_failure(tmp_path):
    with pytest.raises(OutsideFailure, match="cannot be written"):
        send(Sms(provider="file", file=tmp_path))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url": ""}, "url is needed"),
        ({"headers": ("X-Key: {secret}",)}, "secret_file is needed"),
        ({"signature_header": "X-S"}, "go together"),
        ({"body": "{text}"}, "whom the message is for"),
        ({"secret_file": "/nowhere"}, "cannot be read"),
        ({"ca_file": "/nowhere", "url": "https://sms.example/"}, "no PEM file"),
    ],
)
def test_settings_that_do_not_fit_are_named_at_the_start(given, said):
    with pytest.raises(SettingsError, match=said):
        sms_making.maker(Settings(sms=sms_settings(**{"url": "http://127.0.0.1/", **given})))


@pytest.mark.parametrize(("text", "mode", "said"), [("x", 0o644, "chmod 600"), ("\n", 0o600, "is empty")])
def test_a_secret_that_is_open_to_all_or_empty_is_refused(tmp_path, text, mode, said):
    name = a_file(tmp_path / "secret", text, mode)
    with pytest.raises(SettingsError, match=said):
        sms_making.maker(Settings(sms=sms_settings("http://127.0.0.1/", secret_file=name)))


def test_a_country_without_telephones_is_named_at_the_start():
    with pytest.raises(BadInput, match="'XX'"):
        sms_making.maker(Settings(sms=sms_settings("http://127.0.0.1/", countries=("KR", "XX"))))
