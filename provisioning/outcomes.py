"""What an error says about a push that it stopped before anything was sent."""

from provisioning.driver import UnknownModel, WrongPlatform
from provisioning.link import Dropped, Garbled, HostKeyChanged, LoginRefused, TooSlow, Unreachable
from wifi_manager.domain.errors import NotFound, OutsideFailure, WifiError
from wifi_manager.domain.outcomes import Outcome, OutcomeKind

_KINDS: tuple[tuple[type[WifiError], OutcomeKind], ...] = (  # the narrower class first
    (TooSlow, OutcomeKind.TOO_SLOW),
    (Dropped, OutcomeKind.DROPPED),
    (Unreachable, OutcomeKind.UNREACHABLE),
    (Garbled, OutcomeKind.GARBLED),
    (HostKeyChanged, OutcomeKind.HOST_KEY_CHANGED),
    (LoginRefused, OutcomeKind.LOGIN_REFUSED),
    (NotFound, OutcomeKind.NOT_ENROLLED),
    (WrongPlatform, OutcomeKind.WRONG_PLATFORM),
    (UnknownModel, OutcomeKind.UNKNOWN_MODEL),
)


def outcome_of(error: WifiError) -> Outcome | None:
    """The outcome that an error of the line or of the device is; None where our own database failed."""
    kind = next((kind for family, kind in _KINDS if isinstance(error, family)), None)
    if kind is None and isinstance(error, OutsideFailure):
        return None
    return Outcome(kind or OutcomeKind.REFUSED, str(error))
