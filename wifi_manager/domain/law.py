"""Law as data: what a city keeps how long, what it never keeps, and what it asks consent for.

A legal profile is a file in configs/law; counsel can read and change it. This module has the words that it may use.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from wifi_manager.domain.text_codes import VALID_FOR
from wifi_manager.domain.tries import FORGIVEN_AFTER

STRICTEST = "eu-strict"
LONGEST_KEY_DAYS = 90  # a device that comes back is known by one key at most so long
LONGEST_DAYS = 3650


class Kind(StrEnum):
    """Kinds of record about people. Each table of personal records is of one of them."""

    VISITS = "visits"  # who (a pseudonym), where, from when to when, how much
    MOVEMENTS = "movements"  # at which gateways a visit was before it moved on
    DEVICES = "devices"  # pseudonyms, once none of their visits and consents is left
    CONSENTS = "consents"  # optional ones; the terms that were accepted stand on the visit
    ACCOUNTS = "accounts"  # of residents, that nobody has taken up
    VOUCHERS = "vouchers"  # that were revoked, or whose last day is over
    REPORTS = "reports"  # of problems, by citizens
    BLOCKS = "blocks"  # lifted ones
    FAILED_SIGN_INS = "failed_sign_ins"
    LAWFUL_REQUESTS = "lawful_requests"
    AUDIT = "audit"  # what operators did
    USED_TICKETS = "used_tickets"
    GRANT_CHANGES = "grant_changes"
    CONTACTS = "contacts"  # numbers that a code was sent to
    EID_SIGN_INS = "eid_sign_ins"  # that are under way
    TRIES = "tries"  # tallies that slow guessing down
    BUDGETS = "budgets"  # what was spent of daily limits


# What no law asks to keep, and no city needs for longer: not for a profile to say.
FIXED: Mapping[Kind, timedelta] = {
    Kind.USED_TICKETS: timedelta(hours=1),  # a ticket is refused after minutes, used or not
    Kind.GRANT_CHANGES: timedelta(minutes=10),  # a gateway that asks every 25 s has heard of them
    Kind.CONTACTS: VALID_FOR,
    Kind.EID_SIGN_INS: timedelta(minutes=10),  # none is good for longer, and gateways have closed what was open
    Kind.TRIES: FORGIVEN_AFTER,
    Kind.BUDGETS: timedelta(days=2),  # none counts for longer than a day
}

NEVER_KEPT = {
    "destinations": "addresses that citizens' traffic goes to",
    "domain_names": "names that their devices look up",
    "pages": "pages that they visit",
    "positions": "where a device is within a site, or between sites while it is not signed in",
    "birth_dates": "birth dates and ages",
    "identity_numbers": "numbers of identity papers",
    "plain_addresses": "hardware addresses, telephone numbers and mail addresses that are not sealed",
}

REMEMBER = "remember_device"
OPTIONAL_CONSENTS = {REMEMBER: "let this device in without a page when it comes back"}


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long one kind of record is kept, and by which rule.

    `held`: the law demands it for so long, so a citizen who has their data deleted is told that it stays till then.
    """

    days: int
    source: str
    held: bool = False


@dataclass(frozen=True, slots=True)
class LegalProfile:
    """What one city's counsel has settled. `name` is the file's."""

    name: str
    title: str
    not_legal_advice: str
    keep: Mapping[Kind, Keeping]
    never_kept_source: str
    key_days: int  # a new key makes the pseudonyms of devices after so many
    key_source: str
    optional_consents: tuple[str, ...]
    consent_source: str
    guardian_below_age: int  # whoever is younger needs a guardian for a consent; 0: no such rule
    age_source: str

    def erase_before(self, kind: Kind, now: datetime) -> datetime:
        """Records whose time runs from before then are to be erased now.

        Days are whole ones (UTC): a run every minute erases, and writes its audit entry, once a day, at midnight.
        """
        if kind in FIXED:
            return now - FIXED[kind]
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight - timedelta(days=self.keep[kind].days)

    @property
    def held(self) -> frozenset[Kind]:
        """Kinds that stay for their time although a citizen has asked to have them deleted."""
        return frozenset(kind for kind, keeping in self.keep.items() if keeping.held)
