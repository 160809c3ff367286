"""A gateway without files of an operator: its certificate comes through control, and outlives the authority's outages."""

import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from tests.builders import A_CITY
from tests.lab.acme_server import AcmeServer
from tests.lab.city import CITY_ADDRESS, CONTROL_NAME, LAN_ADDRESS, LAN_PREFIX, OWN_NAME, LabCity, program_options
from tests.lab.name_server import KEY_NAME, NameServer
from tests.lab.namespaces import wait_for
from wifi_manager import assembly, settings
from wifi_manager.clock import SystemClock
from wifi_manager.domain.certificates import CertificateStanding, CertificateState
from wifi_manager.exporter.app import create_app
from wifi_manager.gateway.enrolment import enrol_gateway
from wifi_manager.gateway.state import StateFolder

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow]

ZONE, GATEWAY = "city.example", "park-gw"
CONTROL_URL = f"https://{CONTROL_NAME}:8443"
PATIENCE_SECONDS = 90
SHORT_SECONDS, LONG_SECONDS = 9, 90 * 86400
API = f"https://{OWN_NAME}/captive-portal/api"


@dataclass
class Story:
    """A city with an authority and a name server that it meets on its own loopback."""

    lab: LabCity
    acme: AcmeServer
    names: NameServer
    settings: settings.Settings
    environ: dict[str, str]

    def start(self, *words: str) -> "subprocess.Popen[Any]":
        """A process of the city's own machines."""
        options = {**program_options(), "env": {**program_options()["env"], **self.environ}}
        with (self.lab.folder / f"{words[0]}.log").open("ab") as log:
            return self.lab.city.start(self.lab.manager(*words), stdout=log, stderr=log, **options)

    def enrol(self) -> None:
        """Add the gateway, and let it make its keys; `wifi-manager gateway enrol` does the same."""
        token = assembly.enrolment(self.settings).add(GATEWAY, None, "test")
        root, state = self.lab.authority.root, StateFolder(self.lab.gateway_state)
        wait_for("control", self._control_answers, PATIENCE_SECONDS)
        self.lab.gateway.call(lambda: enrol_gateway(token, f"https://{CITY_ADDRESS}:8443", root, state))

    def served(self) -> x509.Certificate | None:
        """What the gateway shows to whoever opens its own name over TLS."""
        ask = lambda: ssl.get_server_certificate((LAN_ADDRESS, 443), timeout=10)  # noqa: E731 - one short question
        try:
            return x509.load_pem_x509_certificate(self.lab.gateway.call(ask).encode())
        except OSError:
            return None

    def other_than(self, serial: int) -> x509.Certificate | None:
        found = self.served()
        return found if found and found.serial_number != serial and "Pebble" in str(found.issuer) else None

    @property
    def certification(self) -> Any:
        return assembly.certification(self.settings)

    def unanswered(self) -> CertificateStanding | None:
        """How the certificate stands, as soon as it is known that the authority is away."""
        (found,) = self.certification.standings()
        return found if "does not answer" in found.problem else None

    def metric(self, name: str) -> float:
        text = create_app(self.certification.store, SystemClock()).test_client().get("/metrics").text
        found = re.search(rf'^{name}{{gateway="{GATEWAY}"}} (\S+)$', text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    def trail(self) -> list[str]:
        with self.certification.store.read() as tx:
            return [each.action for each in tx.audit.newest(50, noun="gateway")]

    def _control_answers(self) -> bool:
        url = f"{CONTROL_URL}/healthz"
        asked = self.lab.city.run(["curl", "-sf", "--noproxy", "*", "--cacert", str(self.lab.authority.root), url])
        return asked.returncode == 0


@pytest.fixture
def story(upgraded_file: Path, tmp_path: Path) -> Iterator[Story]:
    with ExitStack() as stack:
        lab = stack.enter_context(LabCity(tmp_path))
        control = lab.authority.certificate(CONTROL_NAME, [CITY_ADDRESS])
        names = stack.enter_context(NameServer(tmp_path, ZONE, namespace=lab.city))
        files = lab.authority.certificate("acme.example", ["127.0.0.1"])
        acme = AcmeServer(tmp_path, files, lab.authority.root, names.port, SHORT_SECONDS, namespace=lab.city)
        stack.enter_context(acme)
        shutil.copy(upgraded_file, tmp_path / "city.db")
        settings.make_secret_file(tmp_path / "master.key")
        names.write_secret(tmp_path / "tsig.key")
        given = {
            "CITY_SLUG": A_CITY.slug,
            "DATABASE_URL": f"sqlite:///{tmp_path}/city.db",
            "PORTAL_PUBLIC_URL": "https://portal.city.example",
            "KEYS_MASTER_KEY_FILE": f"{tmp_path}/master.key",
            "CONTROL_HOST": CITY_ADDRESS,
            "CONTROL_PORT": "8443",
            "CONTROL_CERTIFICATE_FILE": str(control.chain),
            "CONTROL_KEY_FILE": str(control.key),
            "CERTIFICATES_DIRECTORY_URL": acme.directory_url,
            "CERTIFICATES_TERMS_AGREED": "true",
            "CERTIFICATES_CA_FILE": str(lab.authority.root),
            "CERTIFICATES_NAMES": OWN_NAME,
            "CERTIFICATES_OWN_NAMES_UNDER": f"gw.{ZONE}",
            "CERTIFICATES_ZONE": ZONE,
            "CERTIFICATES_DNS_SERVER": "127.0.0.1",
            "CERTIFICATES_DNS_PORT": str(names.port),
            "CERTIFICATES_TSIG_NAME": KEY_NAME,
            "CERTIFICATES_TSIG_SECRET_FILE": f"{tmp_path}/tsig.key",
        }
        environ = {f"WIFI_MANAGER_{name}": value for name, value in given.items()}
        config = re.sub(r"(?m)^(certificate|key) = .*\n", "", lab.gateway_config.read_text())
        lab.gateway_config.write_text(config)
        yield Story(lab, acme, names, settings.load(None, environ), environ)


def test_it_is_issued_served_renewed_kept_through_an_outage_and_recovered(story):
    story.start("control", "run")
    worker = story.start("certificates", "run")
    story.enrol()
    story.lab.run_gateway()

    first = wait_for("the first certificate", lambda: story.other_than(0), PATIENCE_SECONDS)
    names = first.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == {OWN_NAME, f"{GATEWAY}.gw.{ZONE}"}
    wait_for("its renewal", lambda: story.other_than(first.serial_number), PATIENCE_SECONDS)

    story.acme.stop()
    failing = wait_for("the alarm", story.unanswered, PATIENCE_SECONDS)
    kept = story.served()
    assert kept is not None
    assert "Pebble" in str(kept.issuer), "what was issued is served on"
    assert failing.state(SystemClock().now()) in {CertificateState.FAILING, CertificateState.EXPIRED}
    assert story.metric("wifi_certificate_failures_total") >= 1
    assert "could not get a certificate for" in story.trail()

    story.acme.lifetime_seconds = LONG_SECONDS
    story.acme.start()  # it has forgotten the city's account, and has a new root
    story.certification.renew(GATEWAY, by="test")
    lasting = wait_for("one of the new root", lambda: _lasts(story.served()), PATIENCE_SECONDS)
    (standing,) = story.certification.standings()
    assert standing.state(SystemClock().now()) is CertificateState.VALID
    assert story.metric("wifi_certificate_expiry_timestamp_seconds") == lasting.not_valid_after_utc.timestamp()
    assert story.trail()[0] == "issued a certificate to"

    phone = story.lab.add_phone("anna")
    phone.static(f"10.99.0.2/{LAN_PREFIX}", LAN_ADDRESS)
    trusted = story.lab.folder / "phones-trust.pem"
    trusted.write_bytes(story.acme.root())
    answer = phone.curl(API, "--cacert", str(trusted))
    assert (answer.exit_code, answer.status) == (0, 200), "phones use the API only with a certificate that they trust"
    assert story.names.texts(f"_acme-challenge.{OWN_NAME}") == set()

    worker.terminate()
    assert worker.wait(PATIENCE_SECONDS) == 0


def _lasts(found: x509.Certificate | None) -> x509.Certificate | None:
    is_new = found is not None and (found.not_valid_after_utc - found.not_valid_before_utc).days > 1
    return found if is_new else None
