"""Devices that come back online without a page, because their citizens agreed to it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from wifi_manager.domain.visits import Consent, EndReason, Method, Proof, Visit

SIGNED_OUT_HOLDS = timedelta(hours=1)  # a device that stays in the room would be back online with its next packet
# What is shown once and holds for the device. A voucher has uses of its own, and a RADIUS server decides each time.
REMEMBERED_BY = frozenset({Method.CLICK_THROUGH, Method.SMS, Method.ACCOUNT, Method.EID})
_ENDED_ON_PURPOSE = frozenset({EndReason.SIGNED_OUT, EndReason.SIGNED_OUT_ELSEWHERE, EndReason.ENDED_BY_OPERATOR})
_NEEDS_A_PAGE = frozenset({EndReason.COPIED, EndReason.REVOKED, EndReason.BLOCKED})  # until somebody signs in anew


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a citizen agreed to: how they had signed in, which terms they read, when, and until when it holds.

    `holder` is that of the proof that they had shown, so that their devices stay together.
    """

    method: Method
    consent: Consent
    agreed_at: datetime
    until: datetime
    holder: bytes | None = None

    def may_return(self, terms_version: str, ways: Collection[Method], last: Visit | None, now: datetime) -> bool:
        """Whether the device goes online by itself now, at a place with these ways in and terms in force.

        `last` is its newest visit. New terms are read on the page, and a place that asks for more than a tap is not
        entered by one.
        """
        is_agreed = now < self.until and self.consent.terms_version == terms_version
        return is_agreed and self.method in ways and _is_free(last, now)


def is_rememberable(proof: Proof) -> bool:
    """Whether a device can be remembered for what was shown: not where that is used up or ends by itself."""
    return proof.method in REMEMBERED_BY and proof.ends_by is None and proof.volume_bytes is None


def _is_free(last: Visit | None, now: datetime) -> bool:
    """Coming back is no way around the end of a visit."""
    ended = None if last is None else last.ended(now)
    if last is None:
        return True
    if ended is None:
        return False
    at, reason = ended
    if reason in _NEEDS_A_PAGE:
        return False
    if reason in _ENDED_ON_PURPOSE:
        return now >= at + SIGNED_OUT_HOLDS
    return reason is not EndReason.VOLUME_USED or now >= last.expires_at
