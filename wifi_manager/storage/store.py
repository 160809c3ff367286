"""The door to the database: explicit transactions of one city, whose attributes are the repositories."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.errors import NotFound, OutsideFailure
from wifi_manager.storage.accepted_terms import AcceptedTerms
from wifi_manager.storage.access_points import AccessPoints
from wifi_manager.storage.accounts import Accounts
from wifi_manager.storage.audit import AuditTrail
from wifi_manager.storage.backups import Backups
from wifi_manager.storage.blocks import Blocks
from wifi_manager.storage.budgets import Budgets
from wifi_manager.storage.certificates import Certificates
from wifi_manager.storage.changes import Changes
from wifi_manager.storage.connections import Connections
from wifi_manager.storage.coverage import Coverage
from wifi_manager.storage.credentials import Credentials
from wifi_manager.storage.device_keys import DeviceKeyRing, Pseudonyms
from wifi_manager.storage.drifts import Drifts
from wifi_manager.storage.eid import EidSignIns
from wifi_manager.storage.emergencies import Emergencies
from wifi_manager.storage.engine import one_transaction, turn_to_write
from wifi_manager.storage.faces import Faces
from wifi_manager.storage.gateways import Gateways
from wifi_manager.storage.hardware import HardwareRows
from wifi_manager.storage.hotspots import Hotspots
from wifi_manager.storage.intent_secrets import IntentSecrets
from wifi_manager.storage.intents import Intents
from wifi_manager.storage.lawful import LawfulRequests
from wifi_manager.storage.look_tokens import LookTokens
from wifi_manager.storage.maintenance import Maintenance
from wifi_manager.storage.metering import Metering
from wifi_manager.storage.monitored import MonitoredPoints
from wifi_manager.storage.networks import Networks
from wifi_manager.storage.observations import Observations
from wifi_manager.storage.operators import Operators
from wifi_manager.storage.plans import Plans
from wifi_manager.storage.problem_reports import ProblemReports
from wifi_manager.storage.pushes import Pushes
from wifi_manager.storage.records import Records
from wifi_manager.storage.remembered import RememberedDevices
from wifi_manager.storage.reports import Reports
from wifi_manager.storage.rollouts import Rollouts
from wifi_manager.storage.rows.inventory import city as city_table
from wifi_manager.storage.sites import Sites
from wifi_manager.storage.stays import Stays
from wifi_manager.storage.tallies import Tallies
from wifi_manager.storage.text_codes import TextCodes
from wifi_manager.storage.vault import Vault
from wifi_manager.storage.visits import Visits
from wifi_manager.storage.vouchers import Vouchers


@dataclass(frozen=True)
class Transaction:
    """One transaction of one city: all of it happens, or nothing."""

    connection: sa.Connection
    city_id: int
    vault: Vault | None
    device_keys: DeviceKeyRing

    @cached_property
    def sites(self) -> Sites:
        return Sites(self.connection, self.city_id)

    @cached_property
    def access_points(self) -> AccessPoints:
        return AccessPoints(self.connection, self.city_id)

    @cached_property
    def hotspots(self) -> Hotspots:
        return Hotspots(self.connection, self.city_id)

    @cached_property
    def gateways(self) -> Gateways:
        return Gateways(self.connection, self.city_id)

    @cached_property
    def networks(self) -> Networks:
        return Networks(self.connection, self.city_id)

    @cached_property
    def changes(self) -> Changes:
        return Changes(self.connection, self.city_id)

    @cached_property
    def certificates(self) -> Certificates:
        return Certificates(self.connection, self.city_id, self.vault)

    @cached_property
    def coverage(self) -> Coverage:
        return Coverage(self.connection, self.city_id)

    @cached_property
    def plans(self) -> Plans:
        return Plans(self.connection, self.city_id)

    @cached_property
    def operators(self) -> Operators:
        return Operators(self.connection, self.city_id)

    @cached_property
    def visits(self) -> Visits:
        return Visits(self.connection, self.city_id, self.vault, self.pseudonyms)

    @cached_property
    def pseudonyms(self) -> Pseudonyms:
        return Pseudonyms(self.connection, self.city_id, self.vault, self.device_keys)

    @cached_property
    def maintenance(self) -> Maintenance:
        return Maintenance(self.connection, self.city_id)

    @cached_property
    def metering(self) -> Metering:
        return Metering(self.connection, self.city_id)

    @cached_property
    def blocks(self) -> Blocks:
        return Blocks(self.connection, self.city_id, self.vault, self.pseudonyms)

    @cached_property
    def budgets(self) -> Budgets:
        return Budgets(self.connection, self.city_id)

    @cached_property
    def text_codes(self) -> TextCodes:
        return TextCodes(self.connection, self.city_id, self.vault)

    @cached_property
    def remembered(self) -> RememberedDevices:
        return RememberedDevices(self.connection, self.city_id, self.pseudonyms)

    @cached_property
    def vouchers(self) -> Vouchers:
        return Vouchers(self.connection, self.city_id, self.pseudonyms)

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(self.connection, self.city_id, self.vault)

    @cached_property
    def tallies(self) -> Tallies:
        return Tallies(self.connection, self.city_id)

    @cached_property
    def problem_reports(self) -> ProblemReports:
        return ProblemReports(self.connection, self.city_id, self.vault)

    @cached_property
    def emergencies(self) -> Emergencies:
        return Emergencies(self.connection, self.city_id)

    @cached_property
    def stays(self) -> Stays:
        return Stays(self.connection, self.city_id)

    @cached_property
    def eid(self) -> EidSignIns:
        return EidSignIns(self.connection, self.city_id, self.vault)

    @cached_property
    def pushes(self) -> Pushes:
        return Pushes(self.connection, self.city_id, self.vault)

    @cached_property
    def intents(self) -> Intents:
        return Intents(self.connection, self.city_id, self.vault)

    @cached_property
    def intent_secrets(self) -> IntentSecrets:
        return IntentSecrets(self.connection, self.city_id, self.vault)

    @cached_property
    def rollouts(self) -> Rollouts:
        return Rollouts(self.connection, self.city_id, self.vault)

    @cached_property
    def observations(self) -> Observations:
        return Observations(self.connection, self.city_id)

    @cached_property
    def monitored(self) -> MonitoredPoints:
        return MonitoredPoints(self.connection, self.city_id)

    @cached_property
    def look_tokens(self) -> LookTokens:
        return LookTokens(self.connection, self.city_id)

    @cached_property
    def drifts(self) -> Drifts:
        return Drifts(self.connection, self.city_id, self.vault)

    @cached_property
    def hardware(self) -> HardwareRows:
        return HardwareRows(self.connection, self.city_id)

    @cached_property
    def credentials(self) -> Credentials:
        return Credentials(self.connection, self.city_id, self.vault)

    @cached_property
    def backups(self) -> Backups:
        return Backups(self.connection, self.city_id, self.vault)

    @cached_property
    def audit(self) -> AuditTrail:
        return AuditTrail(self.connection, self.city_id)

    @cached_property
    def accepted_terms(self) -> AcceptedTerms:
        return AcceptedTerms(self.connection, self.city_id)

    @cached_property
    def lawful_requests(self) -> LawfulRequests:
        return LawfulRequests(self.connection, self.city_id, self.vault)

    @cached_property
    def records(self) -> Records:
        return Records(self.connection, self.city_id)

    @cached_property
    def faces(self) -> Faces:
        return Faces(self.connection, self.city_id)

    @cached_property
    def reports(self) -> Reports:
        return Reports(self.connection, self.city_id)


class Store:
    """Transactions of one city on one engine. Safe to share between threads.

    Only processes that must know devices or sign in to access points are given the vault.
    """

    def __init__(self, engine: sa.Engine, city: str, vault: Vault | None = None) -> None:
        self._vault = vault
        self._engine = engine
        self._city = city
        self._connections = Connections(engine)
        self._turns = threading.Lock()
        self._watcher: Any = None  # a connection of SQLite's driver, which breaks when it is closed while it is asked
        self._watching = threading.Lock()
        self._city_id: int | None = None
        self._device_keys = DeviceKeyRing()

    @property
    def city(self) -> str:
        """Slug of the city."""
        return self._city

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A transaction that may write: committed as a whole when the block ends, or not at all.

        Raises OutsideFailure when the database does not answer, NotFound when the city is not in it.
        """
        with turn_to_write(self._turns, self._engine), self._transaction(reading=False) as transaction:
            yield transaction

    def read(self) -> AbstractContextManager[Transaction]:
        """A transaction that only reads; on SQLite it never waits for a writer."""
        return self._transaction(reading=True)

    def written_mark(self) -> int | None:
        """A number that is another one after anybody has written anything; None where the database has none.

        SQLite's costs nearly nothing (https://www.sqlite.org/pragma.html#pragma_data_version). It speaks of what
        others write, so a connection is kept for it. Raises OutsideFailure when the database does not answer.
        """
        if self._engine.dialect.name != "sqlite":
            return None
        try:
            with self._watching:
                if self._watcher is None:
                    self._watcher = self._engine.raw_connection()
                (mark,) = self._watcher.execute("PRAGMA data_version").fetchone()
        except (sa.exc.OperationalError, sqlite3.OperationalError) as failure:
            raise OutsideFailure(f"The database does not answer as it should ({failure}).") from failure
        return int(mark)

    def dispose(self) -> None:
        """Close all connections."""
        with self._watching:
            if self._watcher is not None:
                self._watcher.close()
                self._watcher = None
        self._connections.close()
        self._engine.dispose()

    @contextmanager
    def _transaction(self, *, reading: bool) -> Iterator[Transaction]:
        try:
            with self._connections.one(reading=reading) as connection, one_transaction(connection):
                yield Transaction(connection, self._id_of_city(connection), self._vault, self._device_keys)
        except (sa.exc.OperationalError, sa.exc.InternalError) as failure:  # the latter: PostgreSQL, read-only
            raise OutsideFailure(
                f"The database does not answer as it should ({_first_line(failure)}). "
                "Check that it runs and that `wifi-manager db upgrade` was run."
            ) from failure

    def _id_of_city(self, connection: sa.Connection) -> int:
        if self._city_id is None:
            self._city_id = connection.scalar(sa.select(city_table.c.id).where(city_table.c.slug == self._city))
        if self._city_id is None:
            raise NotFound(
                f"City {self._city!r} is not in the database. Run `wifi-manager db upgrade`, which adds it."
            )
        return self._city_id


def _first_line(failure: sa.exc.DBAPIError) -> str:
    lines = str(failure.orig).splitlines()
    return lines[0] if lines else type(failure.orig).__name__
