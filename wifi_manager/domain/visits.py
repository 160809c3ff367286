"""Visit: a stay online. Opened by a proof and the acceptance of terms, ended once, with a reason."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wifi_manager.domain.addresses import IpAddress, MacAddress
from wifi_manager.domain.grants import Grant, Usage
from wifi_manager.domain.plans import Plan

_STAY_DIGITS = 9  # more than a visit can have, and fewer than a column holds


class Method(StrEnum):
    """How a citizen showed that they may go online: the ways in that a city or a site can offer."""

    CLICK_THROUGH = "click_through"  # one tap, nothing shown
    SMS = "sms"  # a code sent to a telephone number
    VOUCHER = "voucher"
    ACCOUNT = "account"  # a name and a password kept here
    EID = "eid"  # OpenID Connect
    RADIUS = "radius"  # a name and a password kept by somebody else's RADIUS server
    RELIEF = "relief"  # a short pass, because the way in that the citizen chose failed
    REMEMBERED = "remembered"  # the device was here before, and its citizen agreed to be let in without a page


OFFERED = tuple(each.value for each in Method if each not in {Method.RELIEF, Method.REMEMBERED})


class EndReason(StrEnum):
    """Why a visit ended, in words that the status page and metrics share."""

    SIGNED_OUT = "signed_out"
    EXPIRED = "expired"
    VOLUME_USED = "volume_used"
    ERASED = "erased"  # the citizen had their data deleted
    ENDED_BY_OPERATOR = "ended_by_operator"
    IDLE = "idle"
    COPIED = "copied"  # its device's address was seen at two places at once
    BLOCKED = "blocked"
    SIGNED_OUT_ELSEWHERE = "signed_out_elsewhere"  # by another device of the same citizen
    REVOKED = "revoked"  # what was shown for it, such as a voucher, is not good any more


@dataclass(frozen=True, slots=True)
class Consent:
    """Which terms were accepted, in which language the citizen read them."""

    terms_version: str
    language: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What a citizen has shown, and what it allows beyond or below the plan of the place.

    `holder` is a keyed digest of whom or what was shown: visits of one number, voucher or account share it.
    """

    method: Method = Method.CLICK_THROUGH
    holder: bytes | None = None
    plan: str | None = None  # instead of the place's
    ends_by: datetime | None = None
    volume_bytes: int | None = None  # both directions together: what is left of what it allows


@dataclass(frozen=True, slots=True)
class Asker:
    """A device as its gateway sees it now."""

    gateway: str
    device: MacAddress
    address: IpAddress
    network: str = ""  # the gateway's name for it

    def is_at(self, other: "Asker") -> bool:
        """Whether both are in one network of one gateway."""
        return (self.gateway, self.network) == (other.gateway, other.network)


@dataclass(frozen=True, slots=True)
class DataLeft:
    """Bytes that a visit may still use, in both directions together and in each; None where there is no limit."""

    both: int | None = None
    up: int | None = None
    down: int | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A stay online of one device. `number` is the device's packet mark; `asker` is None once the visit has ended.

    A visit follows its device from gateway to gateway: `stay` counts them, and what the earlier ones have counted is
    `carried`. Each stay has a grant of its own name, so that a gateway counts it from zero. `plan` is what this visit
    may use: its proof may have allowed less (`own_volume_bytes`) than the plan of that name. `holder` and `ends_by`
    are its proof's; `extensions` is how often it was extended.
    """

    public_id: str
    number: int
    gateway: str
    site: tuple[str, str] | None
    plan: Plan
    method: Method
    consent: Consent
    opened_at: datetime
    expires_at: datetime
    asker: Asker | None
    up_bytes: int = 0
    down_bytes: int = 0
    ended_at: datetime | None = None
    end_reason: EndReason | None = None
    stay: int = 1
    carried_up_bytes: int = 0
    carried_down_bytes: int = 0
    holder: bytes | None = None
    own_volume_bytes: int | None = None
    ends_by: datetime | None = None
    extensions: int = 0

    def is_active(self, now: datetime) -> bool:
        """True while the gateway should let this device through."""
        return self.ended_at is None and now < self.expires_at

    def ended(self, now: datetime) -> tuple[datetime, EndReason] | None:
        """When and why it ended; also where its time is over and nobody has written that down yet."""
        if self.ended_at is not None:
            return self.ended_at, self.end_reason or EndReason.EXPIRED
        return (self.expires_at, EndReason.EXPIRED) if self.expires_at <= now else None

    def extended_until(self) -> datetime | None:
        """When it would end if it were extended once more, never after its proof; None where it may not be."""
        return extended_until(self.plan, self.expires_at, self.ends_by, self.extensions)

    def data_left(self) -> DataLeft:
        """What its plan allows it still."""
        return DataLeft(
            both=_rest(self.plan.volume_bytes, self.up_bytes + self.down_bytes),
            up=_rest(self.plan.up_volume_bytes, self.up_bytes),
            down=_rest(self.plan.down_volume_bytes, self.down_bytes),
        )

    def grant(self) -> Grant | None:
        """What the gateway must let through for it, or None for an ended visit."""
        if self.asker is None:
            return None
        name = grant_name(self.public_id, self.stay)
        carried = Usage(name, self.carried_up_bytes, self.carried_down_bytes)
        may_extend = self.extended_until() is not None
        return grant_of(self.plan, carried, self.number, self.asker, self.expires_at, may_extend=may_extend)


def extended_until(plan: Plan, expires_at: datetime, ends_by: datetime | None, extensions: int) -> datetime | None:
    """When a visit that was extended so often would end the next time; None where that would gain it nothing."""
    if extensions >= plan.extensions:
        return None
    longer = expires_at + (plan.extension or plan.lifetime)
    end = longer if ends_by is None else min(longer, ends_by)
    return end if end > expires_at else None


def grant_of(
    plan: Plan, carried: Usage, number: int, asker: Asker, expires_at: datetime, *, may_extend: bool
) -> Grant:
    """What a plan grants a device for the rest of its visit. `carried` is what earlier stays have used of it."""
    return Grant(
        visit=carried.visit,
        number=number,
        device=asker.device,
        address=asker.address,
        expires_at=expires_at,
        down_bps=plan.down_bps,
        up_bps=plan.up_bps,
        volume_bytes=_left(plan.volume_bytes, carried.up_bytes + carried.down_bytes),
        up_volume_bytes=_left(plan.up_volume_bytes, carried.up_bytes),
        down_volume_bytes=_left(plan.down_volume_bytes, carried.down_bytes),
        idle_seconds=None if plan.idle is None else int(plan.idle.total_seconds()),
        may_extend=may_extend,
    )


def grant_name(public_id: str, stay: int) -> str:
    """What gateways know a visit by, at its so manyth stay."""
    return public_id if stay == 1 else f"{public_id}.{stay}"


def read_grant_name(name: str) -> tuple[str, int]:
    """Public id and stay behind a grant's name; stay 0, which no visit has, for what is no such name."""
    public_id, dot, stay = name.partition(".")
    if not dot:
        return public_id, 1
    return public_id, int(stay) if stay.isascii() and stay.isdecimal() and len(stay) <= _STAY_DIGITS else 0


def _rest(limit: int | None, used: int) -> int | None:
    return None if limit is None else max(limit - used, 0)


def _left(limit: int | None, used: int) -> int | None:
    """Never 0: whoever has used all is ended by control, and the kernel knows no quota of nothing."""
    return None if limit is None else max(limit - used, 1)
