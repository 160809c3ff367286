"""Values for tests: each builder gives a valid one, and takes what the test is about."""

import ipaddress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from wifi_manager import shipped
from wifi_manager.domain.access_points import AccessPoint, Band, Radio
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.law import Kind, LegalProfile
from wifi_manager.domain.plans import Plan
from wifi_manager.domain.sites import City, Position, Site, SiteKind
from wifi_manager.domain.visits import Asker, Consent, Method, Visit
from wifi_manager.services import legal_profiles

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
A_CITY = City("haneul", "Haneul")  # a made-up city
A_MASTER_KEY = bytes(range(32))


def a_site(**given: Any) -> Site:
    usual: dict[str, Any] = {
        "district": "River district",
        "name": "Willow park",
        "kind": SiteKind.PARK,
        "address": "1 Willow road",
    }
    return Site(**{**usual, **given})


def an_access_point(external_id: str = "AP-0001", **given: Any) -> AccessPoint:
    usual: dict[str, Any] = {
        "site": a_site(),
        "place": "north gate",
        "position": Position(37.56, 126.97),
        "indoor": False,
        "installed_year": 2024,
        "radios": (Radio("radio0", Band.GHZ_2_4, 6, 20.0), Radio("radio1", Band.GHZ_5, 36, 23.0)),
    }
    return AccessPoint(external_id, **{**usual, **given})


def a_plan(**given: Any) -> Plan:
    usual: dict[str, Any] = {"name": "day", "lifetime": timedelta(hours=24)}
    return Plan(**{**usual, **given})


def an_audit_entry(**given: Any) -> AuditEntry:
    usual: dict[str, Any] = {
        "at": NOON,
        "actor": "command line",
        "action": "added",
        "noun": "access point",
        "subject": "AP-0001",
        "after": {"place": "north gate"},
    }
    return AuditEntry(**{**usual, **given})


def an_asker(**given: Any) -> Asker:
    usual: dict[str, Any] = {
        "gateway": "gw-1",
        "device": MacAddress.parse("02:00:5e:10:00:01"),
        "address": ipaddress.ip_address("10.1.0.7"),
        "network": "guests",
    }
    return Asker(**{**usual, **given})


def a_visit(**given: Any) -> Visit:
    usual: dict[str, Any] = {
        "public_id": "v-0001",
        "number": 1,
        "gateway": "gw-1",
        "site": a_site().key,
        "plan": a_plan(),
        "method": Method.CLICK_THROUGH,
        "consent": Consent("2026-11", "ko"),
        "opened_at": NOON,
        "expires_at": NOON + timedelta(hours=24),
        "asker": an_asker(gateway=given.get("gateway", "gw-1")),
    }
    return Visit(**{**usual, **given})


def a_legal_profile(name: str = "eu-strict", **days: int) -> LegalProfile:
    """One that comes with the program, with other days for some kinds of record."""
    profile = legal_profiles.load(shipped.configs(), name)
    kept = {Kind(kind): replace(profile.keep[Kind(kind)], days=number) for kind, number in days.items()}
    return replace(profile, keep={**profile.keep, **kept})
