"""What the console is made of, handed in once and found by every view."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from flask import Flask, current_app

from wifi_manager.clock import Clock
from wifi_manager.services.accounts import Accounts
from wifi_manager.services.blocking import Blocking
from wifi_manager.services.change_control import ChangeControl
from wifi_manager.services.drift import Drifting
from wifi_manager.services.emergencies import Emergencies
from wifi_manager.services.intents import Intents
from wifi_manager.services.maintenance import Maintenance
from wifi_manager.services.report_desk import ReportDesk
from wifi_manager.services.rollouts import Rollouts
from wifi_manager.services.staffing import Staffing
from wifi_manager.services.visit_desk import VisitDesk
from wifi_manager.services.vouchers import Vouchers
from wifi_manager.storage.store import Store
from wifi_manager.web.cards import Design
from wifi_manager.web.posters import Posters

_NAME = "wifi_console"


@dataclass(frozen=True, slots=True)
class Parts:
    """The console's collaborators. `public_url` decides whether cookies are for https alone.

    `vaulted` is the same city's store with its vault: for reports, layers of intent, drift and blocks, and for
    nothing else. `second_person` and `starts_a_second` are those of [provisioning].
    """

    store: Store
    staffing: Staffing
    clock: Clock
    city_name: str
    time_zone: ZoneInfo
    public_url: str
    secret_key: bytes = field(repr=False)
    vouchers: Vouchers
    accounts: Accounts
    cards: Design
    vaulted: Store
    emergency_plan: str = ""
    second_person: bool = False
    starts_a_second: float = 10.0
    languages: tuple[str, ...] = ("ko", "en")  # the city's
    posters: Posters | None = None  # None: the portal, which makes them, is not installed on this machine

    @property
    def changes(self) -> ChangeControl:
        """The life of pushes, without the vault: the console approves and cancels what it cannot read."""
        return ChangeControl(self.store, self.clock, zone=self.time_zone)

    @property
    def rollouts(self) -> Rollouts:
        """Changes in waves, without the vault: a worker makes their plans."""
        return Rollouts(self.store, self.clock, self.second_person, self.starts_a_second, self.time_zone)

    @property
    def intents(self) -> Intents:
        """What is wanted on access points."""
        return Intents(self.vaulted, self.clock, self.second_person)

    @property
    def maintenance(self) -> Maintenance:
        """When access points may be changed."""
        return Maintenance(self.store, self.clock, self.time_zone)

    @property
    def drifting(self) -> Drifting:
        """What runs against what is wanted."""
        return Drifting(self.vaulted, self.clock)

    @property
    def report_desk(self) -> ReportDesk:
        """Reads and answers citizens' reports."""
        return ReportDesk(self.vaulted, self.clock)

    @property
    def blocking(self) -> Blocking:
        """Keeps devices out."""
        return Blocking(self.vaulted, self.clock)

    @property
    def visit_desk(self) -> VisitDesk:
        """Ends visits."""
        return VisitDesk(self.store, self.clock)

    @property
    def emergencies(self) -> Emergencies:
        """Opens places to everybody."""
        return Emergencies(self.store, self.clock, self.emergency_plan)

    @property
    def is_https(self) -> bool:
        """True where operators reach the console over TLS."""
        return self.public_url.startswith("https://")


def hand_in(app: Flask, given: Parts) -> None:
    """Let the application's views find its parts."""
    app.extensions[_NAME] = given


def parts() -> Parts:
    """The parts of the application that answers this request."""
    found: Parts = current_app.extensions[_NAME]
    return found
