"""The one place that puts the parts together. It decides nothing: settings do.

Each process asks for the one thing it runs on, and only those that must know devices or keys are given the vault.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from wifi_manager import shipped
from wifi_manager.clock import Clock, SystemClock
from wifi_manager.domain.backups import BackupKeeping
from wifi_manager.domain.certificates import NameRules
from wifi_manager.domain.law import REMEMBER, Kind, LegalProfile
from wifi_manager.domain.passes import PassPolicy
from wifi_manager.domain.probes import probe_within
from wifi_manager.domain.problem_reports import ReportLimits
from wifi_manager.domain.sites import City
from wifi_manager.domain.visits import Method
from wifi_manager.services import legal_profiles
from wifi_manager.services.admission import Admission
from wifi_manager.services.blocking import Blocking
from wifi_manager.services.certification import Certification
from wifi_manager.services.change_control import ChangeControl
from wifi_manager.services.collection import Collection
from wifi_manager.services.credentials import CredentialKeeping
from wifi_manager.services.drift import Drifting
from wifi_manager.services.enrolment import Enrolment
from wifi_manager.services.granting import Granting
from wifi_manager.services.intent_secrets import IntentSecrets
from wifi_manager.services.intents import Intents
from wifi_manager.services.inventory import Inventory
from wifi_manager.services.key_changes import KeyChanges
from wifi_manager.services.lawful import Lawful
from wifi_manager.services.maintenance import Maintenance
from wifi_manager.services.open_data import OpenData
from wifi_manager.services.opening import Opening, Usual
from wifi_manager.services.report_desk import ReportDesk
from wifi_manager.services.reporting import Reporting
from wifi_manager.services.returning import Returning
from wifi_manager.services.rollouts import Rollouts
from wifi_manager.services.stewardship import Stewardship
from wifi_manager.services.telling import Telling
from wifi_manager.services.terms_in_force import in_force
from wifi_manager.services.vouchers import Vouchers
from wifi_manager.settings import Settings, SettingsError, secret
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.master_keys import KeyFile
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault

if TYPE_CHECKING:
    from wifi_manager.services.accounts import Accounts
    from wifi_manager.services.covering import Covering
    from wifi_manager.services.staffing import Staffing


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases of one city that need no key, and what they stand on."""

    store: Store
    clock: Clock
    inventory: Inventory


def build(settings: Settings) -> Services:
    """All services. Raises BadInput when the database's URL or the city's slug cannot be used."""
    store = _store(settings)
    clock = SystemClock()
    return Services(store, clock, Inventory(store, clock))


@contextmanager
def engine(settings: Settings) -> Iterator[sa.Engine]:
    """The database alone, for its upgrade and check. Raises BadInput when its URL cannot be used."""
    opened = _open(settings)
    try:
        yield opened
    finally:
        opened.dispose()


def city(settings: Settings) -> City:
    """The city of these settings."""
    return City(settings.city.slug, settings.city.name)


def vault(settings: Settings) -> Vault:
    """What seals and opens for this city. Raises SettingsError when the master key cannot be used."""
    return Vault(KeyFile(settings.keys.master_key_file), settings.city.slug)


def staffing(settings: Settings) -> "Staffing":
    """Operators and their passwords. Raises SettingsError when the console's secret file cannot be used."""
    from wifi_manager.services.staffing import Staffing  # only those who hash passwords have argon2

    return Staffing(_store(settings), SystemClock(), secret(settings.console.secret_key_file))


def admission(settings: Settings) -> Admission:
    """What lets devices in and out. Raises SettingsError when the master key cannot be used."""
    keys = vault(settings)
    usual, emergency = (settings.portal.plan, ways(settings)), settings.emergency.plan
    back, held = returning(settings), law(settings).held
    store, clock = _store(settings, keys), SystemClock()
    return Admission(store, keys, clock, *usual, returning=back, emergency_plan=emergency, held=held)


def ways(settings: Settings) -> tuple[Method, ...]:
    """The ways in where a place has none of its own."""
    return tuple(map(Method, settings.portal.ways))


def returning(settings: Settings) -> Returning:
    """What lets remembered devices in, where and as long as the law lets a consent to it count.

    Raises BadInput when the terms that the settings name are missing, or the law.
    """
    terms = in_force(shipped.configs() / "terms", settings.portal.terms_version)
    opening = Opening(Usual(settings.portal.plan, ways(settings)))
    return Returning(opening, _remembered_for(settings), terms)


def _remembered_for(settings: Settings) -> timedelta:
    profile = law(settings)
    days = min(settings.returning.remember_days, profile.keep[Kind.CONSENTS].days)
    return timedelta(days=days if REMEMBER in profile.optional_consents else 0)


def blocking(settings: Settings) -> Blocking:
    """What keeps devices out. Raises SettingsError when the master key cannot be used."""
    return Blocking(_store(settings, vault(settings)), SystemClock())


def vouchers(settings: Settings) -> Vouchers:
    """Batches of codes. Raises SettingsError when the master key cannot be used."""
    keys = vault(settings)
    return Vouchers(_store(settings, keys), keys, SystemClock(), timedelta(days=law(settings).keep[Kind.VISITS].days))


def accounts(settings: Settings) -> "Accounts":
    """Accounts of residents. Raises SettingsError when the master key cannot be used."""
    from wifi_manager.services.accounts import Accounts, Rules  # only those who hash passwords have argon2

    keys, chosen = vault(settings), settings.account
    rules = Rules(chosen.devices_at_a_time, timedelta(days=chosen.code_days), chosen.plan or None)
    return Accounts(_store(settings, keys), keys, SystemClock(), rules)


def reporting(settings: Settings, store: Store) -> Reporting:
    """How citizens report problems, on a store with the vault."""
    limits = ReportLimits(settings.reports.device_a_day, settings.reports.place_an_hour)
    return Reporting(store, SystemClock(), limits)


def open_data(settings: Settings, store: Store) -> OpenData:
    """The public list of hotspots. Raises NotFound and BadInput for columns that cannot be written."""
    return OpenData(store, SystemClock(), time.monotonic, settings.open_data, settings.city.slug)


def report_desk(settings: Settings) -> ReportDesk:
    """Where reports are answered. Raises SettingsError when the master key cannot be used."""
    return ReportDesk(_store(settings, vault(settings)), SystemClock())


def change_control(settings: Settings) -> ChangeControl:
    """Pushes to access points. Raises SettingsError when the master key cannot be used."""
    return ChangeControl(_store(settings, vault(settings)), SystemClock(), zone=ZoneInfo(settings.city.time_zone))


def intents(settings: Settings) -> Intents:
    """What is wanted on access points. Raises SettingsError when the master key cannot be used."""
    return Intents(_store(settings, vault(settings)), SystemClock(), settings.provisioning.second_person)


def intent_secrets(settings: Settings) -> IntentSecrets:
    """Secrets that intents name. Raises SettingsError when the master key cannot be used."""
    return IntentSecrets(_store(settings, vault(settings)), SystemClock())


def rollouts(settings: Settings) -> Rollouts:
    """Changes in waves. Raises SettingsError when the master key cannot be used."""
    chosen, zone = settings.provisioning, ZoneInfo(settings.city.time_zone)
    return Rollouts(
        _store(settings, vault(settings)), SystemClock(), chosen.second_person, chosen.starts_a_second, zone
    )


def maintenance(settings: Settings) -> Maintenance:
    """Maintenance windows."""
    return Maintenance(_store(settings), SystemClock(), ZoneInfo(settings.city.time_zone))


def collection(settings: Settings) -> Collection:
    """What polls find. Raises SettingsError when the master key, which opens access points' keys, cannot be used."""
    return Collection(_store(settings, vault(settings)))


def telling(settings: Settings) -> Telling:
    """What access points tell of themselves."""
    return Telling(_store(settings), SystemClock())


def drifting(settings: Settings) -> Drifting:
    """What runs against what is wanted. Raises SettingsError when the master key cannot be used."""
    return Drifting(_store(settings, vault(settings)), SystemClock())


def covering(services: Services) -> "Covering":
    """Coverage, on what other commands stand on."""
    from wifi_manager.services.covering import Covering  # only those who compute maps have numpy

    return Covering(services.store, services.clock)


def credential_keeping(settings: Settings) -> CredentialKeeping:
    """Keys to access points. Raises SettingsError when the master key cannot be used."""
    return CredentialKeeping(_store(settings, vault(settings)), SystemClock())


def key_changes(settings: Settings) -> KeyChanges:
    """The installation's own master key, and another one. Raises SettingsError when it cannot be used."""
    file = KeyFile(settings.keys.master_key_file)
    keys = Vault(file, settings.city.slug)
    return KeyChanges(_store(settings, keys), keys, file, SystemClock())


def enrolment(settings: Settings) -> Enrolment:
    """How gateways are added and enrol. Raises SettingsError when the master key cannot be used."""
    keys = vault(settings)
    return Enrolment(_store(settings, keys), keys, SystemClock())


def certification(settings: Settings) -> Certification:
    """Certificates of gateways. Raises SettingsError for keys that do not fit together, and for the master key."""
    chosen = settings.certificates
    if contradictions := chosen.contradictions():
        raise SettingsError([f"[certificates] {each}" for each in contradictions])
    rules = NameRules(frozenset(chosen.names), chosen.own_names_under) if chosen.are_issued else None
    return Certification(_store(settings, vault(settings)), SystemClock(), rules)


def granting(settings: Settings) -> Granting:
    """What gateways are told and tell. Raises SettingsError when the master key cannot be used."""
    policy = _pass_policy(settings)
    return Granting(
        _store(settings, vault(settings)), SystemClock(), policy, returning(settings), eid_hosts(settings)
    )


def eid_hosts(settings: Settings) -> tuple[str, ...]:
    """Names that phones reach while they sign in with the eID. Raises SettingsError for those that no phone may."""
    hosts, problems = settings.eid.all_hosts, settings.eid.contradictions()
    for host in hosts:
        if probe := probe_within(host):
            problems.append(f"hosts: {host} would let phones believe that they are online ({probe}).")
    if problems:
        raise SettingsError([f"[eid] {each}" for each in problems])
    return hosts


def law(settings: Settings) -> LegalProfile:
    """The city's legal profile. Raises BadInput when it cannot be used."""
    return legal_profiles.load(shipped.configs(), settings.city.law)


def stewardship(settings: Settings) -> Stewardship:
    """What ends and erases. Raises SettingsError when the master key, which seals devices' keys, is unusable."""
    store = _store(settings, vault(settings))
    kept = BackupKeeping(settings.backups.kept_count, settings.backups.kept_days)
    return Stewardship(store, SystemClock(), law(settings), kept)


def lawful(settings: Settings) -> Lawful:
    """Lawful requests. Raises SettingsError when the master key cannot be used."""
    keys = vault(settings)
    return Lawful(_store(settings, keys), keys, SystemClock(), law(settings))


def _pass_policy(settings: Settings) -> PassPolicy | None:
    passes = settings.passes
    if passes.lifetime_seconds == 0:
        return None
    return PassPolicy(
        pass_seconds=passes.lifetime_seconds,
        pass_down_bps=passes.down_bps,
        pass_up_bps=passes.up_bps,
        pass_volume_bytes=passes.volume_bytes,
        passes_an_hour=passes.an_hour,
    )


def _store(settings: Settings, keys: Vault | None = None) -> Store:
    return Store(_open(settings), city(settings).slug, keys)


def _open(settings: Settings) -> sa.Engine:
    return open_engine(settings.database.url, settings.database.busy_timeout_seconds)
