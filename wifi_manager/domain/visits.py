"""Visit: a stay online. Opened by a proof and the acceptance of terms, ended once, with a reason."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wifi_manager.domain.addresses import IpAddress, MacAddress
from wifi_manager.domain.grants import Grant
from wifi_manager.domain.plans import Plan


class Method(StrEnum):
    """How a citizen showed that they may go online."""

    CLICK_THROUGH = "click_through"


class EndReason(StrEnum):
    """Why a visit ended, in words that the status page and metrics share."""

    SIGNED_OUT = "signed_out"
    EXPIRED = "expired"
    VOLUME_USED = "volume_used"
    ERASED = "erased"  # the citizen had their data deleted
    ENDED_BY_OPERATOR = "ended_by_operator"


@dataclass(frozen=True, slots=True)
class Consent:
    """Which terms were accepted, in which language the citizen read them."""

    terms_version: str
    language: str


@dataclass(frozen=True, slots=True)
class Asker:
    """A device as its gateway sees it now."""

    gateway: str
    device: MacAddress
    address: IpAddress


@dataclass(frozen=True, slots=True)
class Visit:
    """A stay online of one device. `number` is the device's packet mark; `asker` is None once the visit has ended."""

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

    def is_active(self, now: datetime) -> bool:
        """True while the gateway should let this device through."""
        return self.ended_at is None and now < self.expires_at

    def grant(self) -> Grant | None:
        """What the gateway must let through for it, or None for an ended visit."""
        if self.asker is None:
            return None
        return Grant(
            visit=self.public_id,
            number=self.number,
            device=self.asker.device,
            address=self.asker.address,
            expires_at=self.expires_at,
            down_bps=self.plan.down_bps,
            up_bps=self.plan.up_bps,
            volume_bytes=self.plan.volume_bytes,
        )
