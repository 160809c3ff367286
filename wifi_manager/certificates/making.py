"""Makes the worker's outside from the settings: the authority, and the zone where names are proved."""

import base64
from pathlib import Path

import dns.tsig

from wifi_manager.certificates.acme_authority import AcmeAuthority
from wifi_manager.certificates.dns_challenges import DnsChallenges, Zone
from wifi_manager.clock import Clock
from wifi_manager.domain.errors import BadInput
from wifi_manager.services.certificate_accounts import CertificateAccount
from wifi_manager.settings import secret
from wifi_manager.settings.certificates import Certificates
from wifi_manager.storage.store import Store


def authority(chosen: Certificates, store: Store, clock: Clock) -> AcmeAuthority:
    """The authority of these settings. Raises SettingsError for the TSIG secret, BadInput for the CA file."""
    account = CertificateAccount(store, clock, chosen.directory_url)
    challenges = DnsChallenges(_zone(chosen))
    return AcmeAuthority(chosen.directory_url, chosen.contact, _ca(chosen.ca_file), account, challenges, clock)


def _zone(chosen: Certificates) -> Zone:
    key = dns.tsig.Key(
        chosen.tsig_name, base64.b64encode(secret(chosen.tsig_secret_file)).decode(), chosen.tsig_algorithm
    )
    public = chosen.dns_public_servers or (chosen.dns_server,)
    return Zone(chosen.zone, chosen.dns_server, chosen.dns_port, public, key, chosen.dns_wait_seconds)


def _ca(path: str) -> Path | None:
    if path and not Path(path).is_file():
        raise BadInput(f"[certificates] ca_file {path} is not there. Leave it out to trust what the system trusts.")
    return Path(path) if path else None
